package rpc

import (
	"errors"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/policy"
)

// method is what is known about a method before it is ever called, so that a call
// looks it up once and computes nothing.
type method struct {
	policy.Method
	exempt     bool // grpc's own: no policy, no validation
	needsToken bool
	takesKey   bool // reads an Idempotency-Key
}

// methods are those of one server, by full name. It is filled before the first call
// and only read from then on.
type methods map[string]*method

// unknown is for a method that the server was not built with. It has no policy, so
// nobody may call it.
var unknown = &method{}

func (m methods) of(fullName string) *method {
	if found := m[fullName]; found != nil {
		return found
	}
	return unknown
}

func (m methods) load(s *grpc.Server) error {
	table, err := policy.ForServer(s)
	for name, declared := range table {
		m[name] = &method{
			Method:     declared,
			needsToken: declared.NeedsToken(),
			takesKey:   declared.TakesKey(),
		}
	}
	for service, info := range s.GetServiceInfo() {
		for _, declared := range info.Methods {
			if name := "/" + service + "/" + declared.Name; policy.OfGRPC(name) {
				m[name] = &method{exempt: true}
			}
		}
	}
	return err
}

// check wants what the methods need.
func (m methods) check(c ServerConfig) error {
	for _, declared := range m {
		if declared.needsToken && (c.Verifier == nil || c.Revocations == nil) {
			return errors.New("methods that need a token need a verifier and revocations")
		}
	}
	if c.TLS != nil {
		return m.checkCallers(c.Service)
	}
	return nil
}
