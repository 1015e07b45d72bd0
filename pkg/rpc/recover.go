package rpc

import (
	"context"
	"fmt"
	"runtime/debug"

	"google.golang.org/grpc"
)

// recoverPanics turns a panic into an error, so that one bad call does not end the
// process and everyone else's calls with it.
type recoverPanics struct{}

// panicError is a panic and where it happened.
type panicError struct {
	value any
	stack []byte
}

// Error implements error. The text is for the log.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func (recoverPanics) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer recovered(&err)
	return next(ctx, req)
}

func (recoverPanics) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer recovered(&err)
	return next(srv, ss)
}

func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &panicError{value: v, stack: debug.Stack()}
	}
}
