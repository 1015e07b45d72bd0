package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/errs"
)

// reasonService says that a service called what is meant for others.
const reasonService = "SERVICE_NOT_ALLOWED"

// translate gives a handler the typed errors that another service answered with:
// errs.Is and errs.From see through the wire. The edge gets the bare status, which
// is what it renders.
type translate struct{ edge bool }

func (t translate) unary(ctx context.Context, fullMethod string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return t.error(fullMethod, next(ctx, fullMethod, req, reply, cc, opts...))
}

func (t translate) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, fullMethod string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	cs, err := next(ctx, desc, cc, fullMethod, opts...)
	if err != nil {
		return nil, t.error(fullMethod, err)
	}
	return &translatedStream{cs, t, fullMethod}, nil
}

func (t translate) error(fullMethod string, err error) error {
	if err == nil || t.edge || errors.Is(err, io.EOF) {
		return err
	}
	if typed, ok := errs.From(err); ok {
		err = typed
	}
	return &remoteError{method: fullMethod, err: err}
}

type translatedStream struct {
	grpc.ClientStream
	translate
	method string
}

// RecvMsg implements grpc.ClientStream.
func (s *translatedStream) RecvMsg(m any) error {
	return s.error(s.method, s.ClientStream.RecvMsg(m))
}

// SendMsg implements grpc.ClientStream.
func (s *translatedStream) SendMsg(m any) error {
	return s.error(s.method, s.ClientStream.SendMsg(m))
}

// remoteError is an error of a call to another service.
type remoteError struct {
	method string
	err    error // an *errs.Error where it could be read as one
}

// Error implements error.
func (e *remoteError) Error() string { return fmt.Sprintf("call %s: %v", e.method, e.err) }

// Unwrap leads to the typed error.
func (e *remoteError) Unwrap() error { return e.err }

func isRemote(err error) bool {
	var remote *remoteError
	return errors.As(err, &remote)
}

// ownFault says whether a typed error is another service's complaint about this one:
// a request that was made wrong here, or a method that this service may not call. To
// whoever called here that is an internal error. An error that the handler made of
// such a complaint is the handler's.
func ownFault(err error) bool {
	typed, ok := errs.From(err)
	var remote *remoteError
	if !ok || !errors.As(err, &remote) || !errors.Is(remote.err, typed) {
		return false
	}
	switch typed.Kind {
	case errs.KindInvalid, errs.KindTooLarge:
		return true
	case errs.KindDenied:
		return typed.Reason == reasonService
	default:
		return false
	}
}
