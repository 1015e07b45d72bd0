package rpc_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
)

func within(d time.Duration) testkit.Option {
	return testkit.WithServer(func(c *rpc.ServerConfig) { c.Deadline = d })
}

func TestACallWithoutADeadlineGetsTheServers(t *testing.T) {
	var left time.Duration
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		at, _ := ctx.Deadline()
		left = time.Until(at)
		return &response{}, nil
	}
	for _, c := range []struct{ configured, want time.Duration }{{0, 10 * time.Second}, {time.Hour, time.Hour}} {
		conn := testkit.Serve(t, "probe", p.register, within(c.configured))
		want(t, invoke(t.Context(), conn, "Public"), codes.OK, "")
		if left <= c.want/2 || left > c.want {
			t.Errorf("of %v there are %v left", c.want, left)
		}
	}
}

func TestACallerGetsNoMoreTimeThanTheServerGives(t *testing.T) {
	var left time.Duration
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		at, _ := ctx.Deadline()
		left = time.Until(at)
		return &response{}, nil
	}
	p.stream = func(stream grpc.BidiStreamingServer[request, response]) error {
		at, _ := stream.Context().Deadline()
		left = time.Until(at)
		return stream.Send(&response{})
	}
	conn := testkit.Serve(t, "probe", p.register)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	want(t, invoke(ctx, conn, "Public"), codes.OK, "")
	if left > 10*time.Second {
		t.Errorf("a call may take %v", left)
	}
	if _, err := open(ctx, t, conn, "Open").Recv(); err != nil {
		t.Fatal(err)
	}
	if left < 10*time.Minute {
		t.Errorf("a stream must end after %v", left)
	}
}

func TestWhatTakesTooLongSaysSoWhateverTheHandlerMakesOfIt(t *testing.T) {
	for name, result := range map[string]func(ctx context.Context) error{
		"the context's error":  func(ctx context.Context) error { return ctx.Err() },
		"an interrupted query": func(context.Context) error { return errors.New("sqlite3: interrupted") },
	} {
		t.Run(name, func(t *testing.T) {
			p := answers()
			p.unary = func(ctx context.Context, _ *request) (*response, error) {
				<-ctx.Done()
				return nil, result(ctx)
			}
			conn := testkit.Serve(t, "probe", p.register, within(time.Millisecond))
			want(t, invoke(t.Context(), conn, "Public"), codes.DeadlineExceeded, "DEADLINE_EXCEEDED")
		})
	}
}

func TestAFaultBeforeTheDeadlineIsNotBlamedOnIt(t *testing.T) {
	conn := testkit.Serve(t, "probe", fails(errors.New("broken")).register)
	want(t, invoke(t.Context(), conn, "Public"), codes.Internal, "INTERNAL")
}

// TestACallerHasTimeForTheAnswer: without the margin the server's deadline would
// always be later than the caller's, by the time that the call was on its way. With
// it the server's is earlier, unless the machine stands still for the whole margin;
// so it gets some tries.
func TestACallerHasTimeForTheAnswer(t *testing.T) {
	var at time.Time
	p := &probe{
		unary: func(ctx context.Context, _ *request) (*response, error) {
			at, _ = ctx.Deadline()
			return &response{}, nil
		},
		stream: func(stream grpc.BidiStreamingServer[request, response]) error {
			at, _ = stream.Context().Deadline()
			return stream.Send(&response{})
		},
	}
	conn := testkit.Serve(t, "probe", p.register)
	for name, call := range map[string]func(ctx context.Context) error{
		"a unary call": func(ctx context.Context) error { return invoke(ctx, conn, "Public") },
		"a stream": func(ctx context.Context) error {
			_, err := open(ctx, t, conn, "Open").Recv()
			return err
		},
	} {
		earlier := false
		for range 100 {
			limit := time.Now().Add(5 * time.Second)
			ctx, cancel := context.WithDeadline(t.Context(), limit)
			want(t, call(ctx), codes.OK, "")
			cancel()
			if limit.Sub(at) > 50*time.Millisecond {
				t.Fatalf("%s: %v are too much of a margin", name, limit.Sub(at))
			}
			if earlier = at.Before(limit); earlier {
				break
			}
		}
		if !earlier {
			t.Errorf("%s: the server gives up after the caller", name)
		}
	}
}

func TestACallThatItsCallerGaveUpIsCanceledForTheHandlerToo(t *testing.T) {
	entered, left := make(chan struct{}), make(chan error)
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		close(entered)
		<-ctx.Done()
		left <- ctx.Err()
		return nil, ctx.Err()
	}
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", p.register, option)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	want(t, invoke(ctx, conn, "Public"), codes.Canceled, "CANCELED")
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler saw %v", err)
	}
	if len(lines()) != 0 {
		t.Errorf("the log says %v", lines())
	}
}
