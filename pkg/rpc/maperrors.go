package rpc

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
)

// mapErrors decides what of an error crosses the wire. Typed errors do, with their
// details. An error that another service answered with does when it is about the
// person or the moment, and not when it says that our own request was wrong. All
// others are logged here, once, and cross as INTERNAL.
type mapErrors struct{ log *slog.Logger }

func (m mapErrors) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	resp, err := next(ctx, req)
	if err != nil {
		return nil, m.status(ctx, info.FullMethod, err).Err()
	}
	return resp, nil
}

func (m mapErrors) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := next(srv, ss); err != nil {
		return m.status(ss.Context(), info.FullMethod, err).Err()
	}
	return nil
}

func (m mapErrors) status(ctx context.Context, fullMethod string, err error) *status.Status {
	if st, typed := errs.ToStatus(err); typed && !ownFault(err) {
		m.note(ctx, fullMethod, err)
		pushBack(ctx, st, err)
		return st
	}
	if st, ok := ofTransport(err); ok {
		return st
	}
	m.log.LogAttrs(ctx, slog.LevelError, "call failed", append(about(ctx, fullMethod),
		slog.String("error", err.Error()), slog.String("stack", stackOf(err)))...)
	st, _ := errs.ToStatus(errUnknown)
	return st
}

// ofTransport reads the errors that grpc itself makes about a call which is not
// wrong in this service: a message over the limit, a method that generated code
// stands in for. Their text is grpc's and stays here.
func ofTransport(err error) (*status.Status, bool) {
	if isRemote(err) {
		return nil, false
	}
	switch status.Code(err) {
	case codes.ResourceExhausted:
		return errs.ToStatus(errs.TooLarge(maxMessage))
	case codes.Unimplemented:
		return status.New(codes.Unimplemented, "the method is not implemented"), true
	default:
		return nil, false
	}
}

// errUnknown is what all that is nobody's business becomes.
var errUnknown = errors.New("unknown")

// note logs the cause of a typed error, which the caller does not get to see.
func (m mapErrors) note(ctx context.Context, fullMethod string, err error) {
	e, _ := errs.From(err)
	cause := errors.Unwrap(e)
	if cause == nil {
		return
	}
	level := slog.LevelDebug
	if e.Kind == errs.KindUnavailable || e.Kind == errs.KindDeadline {
		level = slog.LevelWarn
	}
	if m.log.Enabled(ctx, level) {
		m.log.LogAttrs(ctx, level, "call refused", append(about(ctx, fullMethod), slog.Any("error", e))...)
	}
}

func about(ctx context.Context, fullMethod string) []slog.Attr {
	attrs := []slog.Attr{slog.String("method", fullMethod)}
	if c := callFrom(ctx); c != nil {
		attrs = append(attrs, slog.String("request_id", c.caller.RequestID), slog.String("peer", c.caller.Service))
	}
	return attrs
}

// stackOf is where a panic happened; other errors have no place of their own, so it
// is that of the call that returned them.
func stackOf(err error) string {
	var p *panicError
	if errors.As(err, &p) {
		return string(p.stack)
	}
	return string(debug.Stack())
}
