package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/inframind/inframind/pkg/policy"
)

// forward sends along for whom a call is made: the request's ID always, the person's
// token where the method asks for a person, the client's address from the edge. A
// method that asks for a service sees that service and never a person's token. The
// remaining time goes along by itself.
type forward struct {
	edge     bool
	policies policy.Table
}

func (f forward) unary(ctx context.Context, fullMethod string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return next(f.with(ctx, fullMethod), fullMethod, req, reply, cc, opts...)
}

func (f forward) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, fullMethod string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return next(f.with(ctx, fullMethod), desc, cc, fullMethod, opts...)
}

func (f forward) with(ctx context.Context, fullMethod string) context.Context {
	c := callFrom(ctx)
	if c == nil {
		return ctx
	}
	pairs := make([]string, 0, 6)
	if id := c.caller.RequestID; id != "" {
		pairs = append(pairs, headerRequestID, id)
	}
	if raw := c.caller.RawToken; raw != "" && f.policies[fullMethod].NeedsToken() {
		pairs = append(pairs, headerAuthorization, "Bearer "+raw)
	}
	if ip := c.caller.ClientIP; ip != "" && f.edge {
		pairs = append(pairs, headerClientIP, ip)
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}
