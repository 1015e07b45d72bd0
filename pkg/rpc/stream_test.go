package rpc_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
)

// echo answers each message until its caller has no more.
func echo() *probe {
	return &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		for {
			if _, err := stream.Recv(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if err := stream.Send(&response{}); err != nil {
				return err
			}
		}
	}}
}

// exchange sends a message and waits for its answer.
func exchange(stream grpc.BidiStreamingClient[request, response]) error {
	if err := stream.Send(&request{Id: "asm_1"}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	_, err := stream.Recv()
	return err
}

func TestAStreamIsForThoseWhoMayCallIt(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	conn := testkit.Serve(t, "probe", echo().register, testkit.WithIssuer(issuer))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	want(t, exchange(open(issuer.Context(ctx, "usr_1", "ses_1"), t, conn, "Watch")), codes.OK, "")
	want(t, exchange(open(ctx, t, conn, "Watch")), codes.Unauthenticated, "MISSING_TOKEN")
	want(t, exchange(open(ctx, t, conn, "Open")), codes.OK, "")
}

func TestARunningStreamEndsWhenItsTokenIsNoLongerGood(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(revoked *revocation.Memory, clock *clockwork.FakeClock) error
		reason string
	}{
		"the session was revoked": {func(revoked *revocation.Memory, _ *clockwork.FakeClock) error {
			return revoked.Revoke(context.Background(), revocation.Entry{
				Kind: revocation.Session, ID: "ses_1", ExpiresAt: noon.Add(time.Hour),
			})
		}, "REVOKED_TOKEN"},
		"its time is over": {func(_ *revocation.Memory, clock *clockwork.FakeClock) error {
			clock.Advance(15 * time.Minute)
			return nil
		}, "EXPIRED_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			clock := clockwork.NewFakeClockAt(noon)
			issuer := testkit.NewIssuer(t, clock)
			revoked := testkit.NoRevocations(t, clock)
			conn := testkit.Serve(t, "probe", echo().register, testkit.WithIssuer(issuer), testkit.WithRevocations(revoked))
			stream := open(issuer.Context(t.Context(), "usr_1", "ses_1"), t, conn, "Watch")
			for range 3 {
				want(t, exchange(stream), codes.OK, "")
				clock.Advance(5 * time.Second)
			}
			want(t, exchange(stream), codes.OK, "")
			if err := c.spoil(revoked, clock); err != nil {
				t.Fatal(err)
			}
			clock.Advance(5 * time.Second)
			want(t, exchange(stream), codes.Unauthenticated, c.reason)
		})
	}
}

func TestAStreamOnWhichNothingIsSentEndsWhenItsTokenIsNoLongerGood(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	revoked := testkit.NoRevocations(t, clock)
	idle := &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		<-stream.Context().Done()
		return stream.Context().Err()
	}}
	conn := testkit.Serve(t, "probe", idle.register, testkit.WithIssuer(issuer), testkit.WithRevocations(revoked))
	stream := open(issuer.Context(t.Context(), "usr_1", "ses_1"), t, conn, "Watch")
	if err := clock.BlockUntilContext(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := revoked.Revoke(t.Context(), revocation.Entry{Kind: revocation.Session, ID: "ses_1", ExpiresAt: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(5 * time.Second)
	_, err := stream.Recv()
	want(t, err, codes.Unauthenticated, "REVOKED_TOKEN")
}

func TestAPublicStreamGoesOnForEver(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	conn := testkit.Serve(t, "probe", echo().register, testkit.WithIssuer(testkit.NewIssuer(t, clock)),
		testkit.WithServer(func(c *rpc.ServerConfig) { c.Deadline = time.Nanosecond }))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := open(ctx, t, conn, "Open")
	for range 3 {
		want(t, exchange(stream), codes.OK, "")
		clock.Advance(24 * time.Hour)
	}
}

// countedStore counts how often it was asked.
type countedStore struct {
	revocation.Store
	asked chan struct{}
}

func (c countedStore) Revoked(ctx context.Context, q revocation.Query) (bool, error) {
	c.asked <- struct{}{}
	return c.Store.Revoked(ctx, q)
}

func TestARunningStreamAsksEveryFiveSecondsAtMost(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	store := countedStore{testkit.NoRevocations(t, clock), make(chan struct{}, 100)}
	conn := testkit.Serve(t, "probe", echo().register, testkit.WithIssuer(issuer), testkit.WithRevocations(store))
	ctx, cancel := context.WithCancel(issuer.Context(t.Context(), "usr_1", "ses_1"))
	defer cancel()
	stream := open(ctx, t, conn, "Watch")
	for range 12 { // to second 11
		want(t, exchange(stream), codes.OK, "")
		clock.Advance(time.Second)
	}
	if n := len(store.asked); n != 3 { // at the start, at 5 s and at 10 s
		t.Errorf("asked %d times", n)
	}
}

func TestAHandlerGetsNoMessageOfSomeoneWhoIsGone(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	p := &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		if _, err := stream.Recv(); err != nil {
			return err
		}
		clock.Advance(15 * time.Minute)
		_, err := stream.Recv()
		return err
	}}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer))
	stream := open(issuer.Context(t.Context(), "usr_1", "ses_1"), t, conn, "Watch")
	for range 2 {
		if err := stream.Send(&request{Id: "asm_1"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := stream.Recv()
	want(t, err, codes.Unauthenticated, "EXPIRED_TOKEN")
}

// TestNothingPassesAStreamOnceItIsRefused has a handler that takes no notice of errors.
func TestNothingPassesAStreamOnceItIsRefused(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	sent := make(chan error, 2)
	p := &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		_, _ = stream.Recv()
		clock.Advance(15 * time.Minute)
		sent <- stream.Send(&response{})
		clock.Advance(-14 * time.Minute) // as if nothing had been
		sent <- stream.Send(&response{})
		return nil
	}}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer))
	stream := open(issuer.Context(t.Context(), "usr_1", "ses_1"), t, conn, "Watch")
	if err := exchange(stream); !errors.Is(err, io.EOF) {
		t.Errorf("the caller got %v, want nothing and the end", err)
	}
	for range 2 {
		if err := <-sent; !errs.Is(err, errs.KindUnauthenticated) {
			t.Errorf("the handler got %v", err)
		}
	}
}

func TestEachMessageOfAStreamIsValidated(t *testing.T) {
	conn := testkit.Serve(t, "probe", echo().register)
	stream := open(t.Context(), t, conn, "Open")
	want(t, exchange(stream), codes.OK, "")
	if err := stream.Send(&request{}); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Recv()
	want(t, err, codes.InvalidArgument, "INVALID_REQUEST")
	if _, violations, _ := errs.FromStatus(status.Convert(err)); len(violations) != 1 || violations[0].Field != "id" {
		t.Errorf("got %+v", violations)
	}
}

func TestAMessageThatIsTooLargeIsTheCallersFault(t *testing.T) {
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", echo().register, option)
	stream := open(t.Context(), t, conn, "Open")
	if err := stream.Send(&request{Id: string(make([]byte, 4<<20+1))}); err != nil {
		t.Fatal(err)
	}
	_, err := stream.Recv()
	if status.Code(err) != codes.ResourceExhausted || len(lines()) != 0 {
		t.Errorf("got %v and the log %v", err, lines())
	}
}

func TestAStreamKnowsItsCaller(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	got := make(chan token.Claims, 1)
	p := &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		caller, _ := rpc.CallerFrom(stream.Context())
		got <- caller.Claims
		return nil
	}}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer))
	stream := open(issuer.Context(t.Context(), "usr_1", "ses_1"), t, conn, "Watch")
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if c := <-got; c.Subject != "usr_1" {
		t.Errorf("the stream is %+v's", c)
	}
}
