package rpc

import (
	"context"
	"slices"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/token"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// stepUpWindow is how long a proof of presence counts.
const stepUpWindow = 5 * time.Minute

// authorize enforces who may call, as the method declares it.
type authorize struct{ clock clockwork.Clock }

func (a authorize) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := a.call(callFrom(ctx)); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (a authorize) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := a.call(callFrom(ss.Context())); err != nil {
		return err
	}
	return next(srv, ss)
}

func (a authorize) call(c *call) error {
	if c.method.exempt {
		return nil
	}
	switch c.method.Policy.GetAccess() {
	case policyv1.Access_ACCESS_PUBLIC:
		return nil
	case policyv1.Access_ACCESS_SERVICE:
		if !slices.Contains(c.method.Policy.GetServices(), c.caller.Service) {
			return errs.Denied(reasonService, "this method is for other services")
		}
		return nil
	case policyv1.Access_ACCESS_ADMIN:
		if !c.caller.Claims.HasRole(token.RoleAdmin) {
			return errs.Denied("ADMIN_REQUIRED", "this needs the role admin")
		}
		return a.token(c)
	case policyv1.Access_ACCESS_USER:
		return a.token(c)
	default: // not in the table; nothing is allowed that was not declared
		return errs.Denied("NO_POLICY", "nobody may call this method")
	}
}

// token enforces what the method asks of the token beyond being valid.
func (a authorize) token(c *call) error {
	claims := &c.caller.Claims
	if scope := c.method.Policy.GetScope(); !claims.Allows(scope) {
		return errs.Denied("SCOPE_REQUIRED", "the token needs the scope "+scope)
	}
	if c.method.Policy.GetStepUp() && a.clock.Since(claims.ProvedAt) > stepUpWindow {
		return errs.Denied("STEP_UP_REQUIRED", "this needs a sign-in from the last few minutes")
	}
	return nil
}
