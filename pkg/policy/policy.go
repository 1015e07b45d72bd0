// Package policy reads the policy that every method declares in its descriptor
// (inframind.policy.v1): who may call it, which scope a token needs, how often, and
// which field holds an owned ID. Servers, the gateway and clients read it here, so
// that nothing repeats it in code.
package policy

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// root is the package that all services of the platform are below.
const root = "inframind."

// Method is a method and what its descriptor declares about it.
type Method struct {
	FullName      string // as grpc names it: /inframind.auth.v1.AuthService/Login
	Policy        *policyv1.Policy
	Idempotent    bool // a repeat has no further effect, also without an Idempotency-Key
	NoSideEffects bool // it only reads; NoSideEffects implies Idempotent
	Input         protoreflect.MessageDescriptor
	OwnedField    protoreflect.FieldDescriptor // holds the ID of a resource with an owner; nil: none
}

// NeedsToken says whether the method is called by a person, who shows a token.
func (m Method) NeedsToken() bool {
	access := m.Policy.GetAccess()
	return access == policyv1.Access_ACCESS_USER || access == policyv1.Access_ACCESS_ADMIN
}

// TakesKey says whether an Idempotency-Key has a meaning: to a method that writes, for
// a person, whose keys are told apart from everybody else's.
func (m Method) TakesKey() bool { return m.NeedsToken() && !m.NoSideEffects }

// Table holds methods by their full name.
type Table map[string]Method

// Method finds a method by its full name.
func (t Table) Method(fullName string) (Method, bool) {
	m, ok := t[fullName]
	return m, ok
}

// Load reads the policies of all methods of the services and reports every fault of
// all of them at once. Of a method with faults nothing is in the table.
func Load(services ...protoreflect.ServiceDescriptor) (Table, error) {
	table := Table{}
	var faults []error
	for _, s := range services {
		methods := s.Methods()
		for i := range methods.Len() {
			m, wrong := read(methods.Get(i))
			for _, w := range wrong {
				faults = append(faults, fmt.Errorf("%s: %w", m.FullName, w))
			}
			if len(wrong) == 0 {
				table[m.FullName] = m
			}
		}
	}
	return table, errors.Join(faults...)
}

// Linked is Load for all of the platform's services that are linked into the
// program.
func Linked() (Table, error) {
	var services []protoreflect.ServiceDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(f.Package()), root) {
			for i := range f.Services().Len() {
				services = append(services, f.Services().Get(i))
			}
		}
		return true
	})
	return Load(services...)
}

// ForServer is Load for the services registered at a server. Those of grpc itself
// (health and reflection) have no policy and are left out.
func ForServer(s interface {
	GetServiceInfo() map[string]grpc.ServiceInfo
},
) (Table, error) {
	var services []protoreflect.ServiceDescriptor
	var faults []error
	for name := range s.GetServiceInfo() {
		if OfGRPC(name) {
			continue
		}
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		service, ok := found.(protoreflect.ServiceDescriptor)
		if err != nil || !ok {
			faults = append(faults, fmt.Errorf("%s: its descriptor is not linked", name))
			continue
		}
		services = append(services, service)
	}
	table, err := Load(services...)
	return table, errors.Join(append(faults, err)...)
}

// OfGRPC says whether a service or the full name of a method is one of grpc's own,
// which every server has and no policy covers.
func OfGRPC(name string) bool {
	name = strings.TrimPrefix(name, "/")
	return strings.HasPrefix(name, "grpc.health.") || strings.HasPrefix(name, "grpc.reflection.")
}

func read(d protoreflect.MethodDescriptor) (Method, []error) {
	m := Method{
		FullName: fmt.Sprintf("/%s/%s", d.Parent().FullName(), d.Name()),
		Input:    d.Input(),
	}
	options, ok := d.Options().(*descriptorpb.MethodOptions)
	if !ok || !proto.HasExtension(options, policyv1.E_Policy) {
		return m, []error{errors.New("it has no policy")}
	}
	m.Policy = proto.GetExtension(options, policyv1.E_Policy).(*policyv1.Policy)
	m.NoSideEffects = options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
	m.Idempotent = m.NoSideEffects || options.GetIdempotencyLevel() == descriptorpb.MethodOptions_IDEMPOTENT
	if name := m.Policy.GetOwnedField(); name != "" {
		m.OwnedField = d.Input().Fields().ByName(protoreflect.Name(name))
	}
	return m, check(m)
}
