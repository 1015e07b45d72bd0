package rpc

import (
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// Validate holds an assessment against the contract's rules and the domain's.
func Validate(m *assessmentv1.Assessment) error {
	if err := rpc.Validate(m); err != nil {
		return err
	}
	return content(m).Check()
}
