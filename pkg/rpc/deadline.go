package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/errs"
)

// maxMargin is the most that is taken off a caller's deadline.
const maxMargin = 50 * time.Millisecond

// deadline bounds the time of a call. A unary call always has a deadline: this
// server's, however long its caller would wait, or its caller's own where that is
// shorter, moved forward by a margin, so that this server's answer, which says what
// took too long, arrives before the caller gives up. Streams last as long as their
// caller wants: authentication ends those of people who are gone.
type deadline struct {
	most     time.Duration
	stopping context.Context //nolint:containedctx // it is the server's own life
}

func (d deadline) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, cancel := bound(ctx, d.most)
	defer cancel()
	resp, err := next(ctx, req)
	return resp, blame(ctx, err)
}

func (d deadline) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, cancel := bound(ss.Context(), 0)
	defer cancel()
	if info.IsClientStream {
		return blame(ctx, next(srv, &contextStream{ss, ctx}))
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(d.stopping, end)()
	err := next(srv, &contextStream{ss, ctx})
	if err != nil && d.stopping.Err() != nil && ss.Context().Err() == nil {
		return errs.Unavailable("SERVICE_STOPPING", "the service is about to stop; try again", time.Second).Wrap(err)
	}
	return blame(ctx, err)
}

// bound returns ctx with its deadline trimmed, and at most as far away as most says;
// 0: as far as the caller says. Deadlines are the runtime's, so they are on the real
// clock.
func bound(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	at, set := ctx.Deadline()
	if set {
		at = at.Add(-min(time.Until(at)/10, maxMargin))
	}
	if limit := time.Now().Add(most); most > 0 && (!set || limit.Before(at)) {
		at, set = limit, true
	}
	if !set {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, at)
}

// blame names the context's end as the reason of an error that came of it but does
// not say so: a driver's that was interrupted in the middle of a statement.
func blame(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if _, typed := errs.From(err); typed {
		return err
	}
	if e, ok := errs.From(ctx.Err()); ok {
		return e.Wrap(err)
	}
	return err
}
