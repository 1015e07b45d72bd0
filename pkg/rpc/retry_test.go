package rpc_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

var errAway = errs.Unavailable("AWAY", "it is away", 0)

// failing is a probe that fails a number of times before it answers.
func failing(times int64, err error) (p *probe, asked *atomic.Int64) {
	asked = &atomic.Int64{}
	return &probe{unary: func(context.Context, *request) (*response, error) {
		if asked.Add(1) <= times {
			return nil, err
		}
		return &response{}, nil
	}}, asked
}

func TestOnlyACallThatMayBeRepeatedIs(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		err     error
		fails   int64
		asked   int64
		outcome codes.Code
	}{
		"a reading one is, twice":                     {"Read", errAway, 2, 3, codes.OK},
		"and no more":                                 {"Read", errAway, 9, 3, codes.Unavailable},
		"one that writes is not":                      {"User", errAway, 1, 1, codes.Unavailable},
		"a reading one that has been answered is not": {"Read", errs.NotFound("assessment", "asm_1"), 1, 1, codes.NotFound},
		"nor one that took too long":                  {"Read", errs.Deadline("too long"), 1, 1, codes.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			p, asked := failing(c.fails, c.err)
			at := s.serve("recommendation", s.as("recommendation"), p.register)
			conn := s.call(s.as("gateway"), "recommendation", at.address)
			reason := ""
			if e, ok := errs.From(c.err); ok {
				reason = e.Reason
			}
			want(t, invoke(s.issuer.Context(t.Context(), "usr_1", "ses_1"), conn, c.method), c.outcome, reason)
			if asked.Load() != c.asked {
				t.Errorf("asked %d times, not %d", asked.Load(), c.asked)
			}
		})
	}
}

func TestAServiceThatIsAwayIsNotAskedThriceByEveryone(t *testing.T) {
	s := newSite(t)
	p, asked := failing(1<<62, errAway)
	at := s.serve("recommendation", s.as("recommendation"), p.register)
	conn := s.call(s.as("gateway"), "recommendation", at.address)
	ctx := s.issuer.Context(t.Context(), "usr_1", "ses_1")
	for range 10 {
		want(t, invoke(ctx, conn, "Read"), codes.Unavailable, "AWAY")
	}
	before := asked.Load()
	want(t, invoke(ctx, conn, "Read"), codes.Unavailable, "AWAY")
	if again := asked.Load() - before; again != 1 {
		t.Errorf("after %d failures a call is still made %d times", before, again)
	}
}

// TestAFailureFurtherOnIsRepeatedThereAlone: the gateway calls assessment, which
// calls auth in a probe's stead.
func TestAFailureFurtherOnIsRepeatedThereAlone(t *testing.T) {
	s := newSite(t)
	p, asked := failing(1<<62, errAway)
	middle := s.as("assessment")
	back := s.call(middle, "auth", s.serve("auth", s.as("auth"), p.register).address)
	var passed atomic.Int64
	f := &front{back: back, handle: func(ctx context.Context, back *grpc.ClientConn) error {
		passed.Add(1)
		return invoke(ctx, back, "Read")
	}}
	at := s.serve("assessment", middle, func(r grpc.ServiceRegistrar) { assessmentv1.RegisterAssessmentServiceServer(r, f) })
	conn := s.call(s.as("gateway"), "assessment", at.address)
	_, err := assessmentv1.NewAssessmentServiceClient(conn).GetAssessment(
		s.issuer.Context(t.Context(), "usr_1", "ses_1"), &assessmentv1.GetAssessmentRequest{Id: "asm_00000000000000000000000000"})
	want(t, err, codes.Unavailable, "AWAY")
	if passed.Load() != 1 || asked.Load() != 3 {
		t.Errorf("assessment was asked %d times and auth %d", passed.Load(), asked.Load())
	}
}

func TestACallerConnectsAnewNowAndThen(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register,
		func(c *rpc.ServerConfig) { c.ConnectionAge = 10 * time.Millisecond })
	conn := s.call(s.as("gateway"), "recommendation", at.address)
	for late := time.Now().Add(patience); at.lis.accepted.Load() < 4; {
		if err := invoke(t.Context(), conn, "Public"); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(late) {
			t.Fatal("it keeps to its first connection")
		}
	}
}
