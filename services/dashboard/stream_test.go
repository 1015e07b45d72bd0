package dashboard_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
)

type stream = grpc.ServerStreamingClient[dashboardv1.StreamMetricsResponse]

func (p *platform) stream(ctx context.Context, t *testing.T) stream {
	t.Helper()
	s, err := p.StreamMetrics(ctx, &dashboardv1.StreamMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func next(t *testing.T, s stream) *dashboardv1.StreamMetricsResponse {
	t.Helper()
	got, err := s.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// tick lets the stream look once more: it and the check of its session wait for the
// clock then.
func (p *platform) tick(t *testing.T, by time.Duration) {
	t.Helper()
	if err := p.clock.BlockUntilContext(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	p.clock.Advance(by)
}

func TestAStreamSendsAtTheStartAndAfterEachWriteOfItsOwner(t *testing.T) {
	p := newPlatform(t)
	ctx, cancel := context.WithCancel(p.as(t, "usr_ann"))
	defer cancel()
	s := p.stream(ctx, t)
	first := next(t, s)
	if first.GetOverview().GetAssessments().GetTotal() != 0 || first.GetGeneration() == "" {
		t.Errorf("at the start: %v", first)
	}
	p.assessments.write("usr_bob")
	p.tick(t, time.Second)
	p.assessments.write("usr_ann")
	p.tick(t, time.Second)
	second := next(t, s)
	if second.GetOverview().GetAssessments().GetTotal() != 1 || second.GetGeneration() == first.GetGeneration() {
		t.Errorf("after a write, and one of somebody else before: %v", second)
	}
	p.recommendations.write("usr_ann")
	p.tick(t, time.Second)
	if third := next(t, s); third.GetOverview().GetRecommendations().GetSets() != 1 || third.GetGeneration() == second.GetGeneration() {
		t.Errorf("after a write in the other service: %v", third)
	}
}

func TestAStreamSendsWhenAServiceGoesAwayAndComesBack(t *testing.T) {
	p := newPlatform(t)
	ctx, cancel := context.WithCancel(p.as(t, "usr_ann"))
	defer cancel()
	s := p.stream(ctx, t)
	next(t, s)
	p.recommendations.breakWith(faults["unavailable"])
	p.tick(t, time.Second)
	if got := next(t, s).GetOverview().GetMissing(); !slices.Equal(got, []string{"recommendation"}) {
		t.Errorf("missing: %v", got)
	}
	p.recommendations.breakWith(nil)
	p.tick(t, time.Second)
	if got := next(t, s).GetOverview().GetMissing(); len(got) != 0 {
		t.Errorf("missing: %v", got)
	}
}

func TestAStreamOnWhichNothingHappensEndsWithItsSession(t *testing.T) {
	p := newPlatform(t)
	s := p.stream(p.as(t, "usr_ann"), t)
	next(t, s)
	if err := p.revocations.Revoke(t.Context(), revocation.Entry{
		Kind: revocation.Session, ID: "ses_usr_ann", ExpiresAt: start.Add(time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	p.tick(t, 5*time.Second)
	_, err := s.Recv()
	if st := status.Convert(err); st.Code() != codes.Unauthenticated || errs.Reason(st) != "REVOKED_TOKEN" {
		t.Errorf("got %v", err)
	}
}

func TestAStreamEndsWhenThereIsNothingToShow(t *testing.T) {
	p := newPlatform(t)
	p.assessments.breakWith(faults["unavailable"])
	p.recommendations.breakWith(faults["unavailable"])
	_, err := p.stream(p.as(t, "usr_ann"), t).Recv()
	if status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}
