package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// interceptor stands around a handler, for unary calls and for streams alike.
type interceptor interface {
	unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error)
	stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error
}

// chain is what every call passes, outermost first. Around all of it is the stats
// handler that makes the span. The server drains once stopping has ended.
func chain(stopping context.Context, c ServerConfig, m methods) []interceptor {
	return []interceptor{
		identify{methods: m},            // who calls, under which request ID
		mapErrors{log: c.Telemetry.Log}, // what any error below becomes on the wire
		recoverPanics{},                 // a panic is such an error
		deadline{c.Deadline, stopping},  // every unary call ends, and in time to say why
		authenticate{config: c},         // the person, by a token that is valid and not revoked
		authorize{clock: c.Clock},       // whether they, or that service, may
		validateRequests{},              // whether the request is what it declares to be
	}
}

// interceptors puts the list into the two forms that grpc takes.
func interceptors(list []interceptor) ([]grpc.UnaryServerInterceptor, []grpc.StreamServerInterceptor) {
	unary := make([]grpc.UnaryServerInterceptor, len(list))
	stream := make([]grpc.StreamServerInterceptor, len(list))
	for i, in := range list {
		unary[i], stream[i] = in.unary, in.stream
	}
	return unary, stream
}

// contextStream is a stream with another context.
type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *contextStream) Context() context.Context { return s.ctx }
