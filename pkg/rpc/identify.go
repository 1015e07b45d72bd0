package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// identify starts what is known about a call: its method, the service that makes it,
// the request it belongs to.
type identify struct{ methods methods }

func (i identify) start(ctx context.Context, fullMethod string) context.Context {
	c := &call{method: i.methods.of(fullMethod)}
	c.caller.Service = peerService(ctx)
	c.caller.RequestID = requestID(ctx)
	if c.caller.Service == Gateway {
		c.caller.ClientIP = clientIP(ctx)
	}
	return context.WithValue(ctx, callKey{}, c)
}

func (i identify) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	return next(i.start(ctx, info.FullMethod), req)
}

func (i identify) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	return next(srv, &contextStream{ss, i.start(ss.Context(), info.FullMethod)})
}
