package assessment_test

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/assessment"
)

// summarize returns the caller's summary and generation.
func (p platform) summarize(ctx context.Context, t *testing.T) (*assessmentv1.AssessmentSummary, string) {
	t.Helper()
	resp, err := p.SummarizeAssessments(ctx, &assessmentv1.SummarizeAssessmentsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetSummary(), resp.GetGeneration()
}

func TestASummaryIsNeverOlderThanTheCallersLastWrite(t *testing.T) {
	p := start(t, t.TempDir())
	ann, bob := p.as(t, "usr_ann"), p.as(t, "usr_bob")
	want := &assessmentv1.AssessmentSummary{}
	last := "none"
	check := func(step string) {
		t.Helper()
		got, generation := p.summarize(ann, t)
		if !proto.Equal(got, want) || generation == last {
			t.Errorf("after %s: %v at generation %s, want %v at another than %s", step, got, generation, want, last)
		}
		if again, same := p.summarize(ann, t); !proto.Equal(again, want) || same != generation {
			t.Errorf("asked again after %s: %v at generation %s, it was %s", step, again, same, generation)
		}
		last = generation
	}
	check("nothing")
	a := p.create(ann, t, "first")
	want.Total, want.Drafts = 1, 1
	check("a creation")
	if _, err := p.SubmitAssessment(ann, &assessmentv1.SubmitAssessmentRequest{Id: a.GetId()}); err != nil {
		t.Fatal(err)
	}
	want.Drafts, want.Submitted = 0, 1
	check("a submission")
	if _, err := p.DeleteAssessment(ann, &assessmentv1.DeleteAssessmentRequest{Id: a.GetId()}); err != nil {
		t.Fatal(err)
	}
	want = &assessmentv1.AssessmentSummary{}
	check("a deletion")
	p.create(bob, t, "bob's")
	if got, generation := p.summarize(ann, t); !proto.Equal(got, want) || generation != last {
		t.Errorf("after bob's creation: %v at generation %s", got, generation)
	}
}

func TestTheSummaryOfAllIsForAdminsAndUpToTwoMinutesOld(t *testing.T) {
	clock := clockwork.NewFakeClock()
	service, err := assessment.New(t.Context(),
		assessment.Config{Environment: config.Development, DataDir: t.TempDir()},
		assessment.Deps{Telemetry: telemetry.Discard(), Clock: clock, Cache: cache.NewMemory(100, clock)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Close() })
	issuer := testkit.NewIssuer(t, clock)
	conn := testkit.Serve(t, assessment.Name, service.Register, testkit.WithIssuer(issuer))
	p := platform{assessmentv1.NewAssessmentServiceClient(conn), service, issuer}
	admin := issuer.Context(t.Context(), "usr_root", "ses_root", token.RoleAdmin)
	total := func(want int64) {
		t.Helper()
		got, err := p.SummarizeAllAssessments(admin, &assessmentv1.SummarizeAllAssessmentsRequest{})
		if err != nil || got.GetSummary().GetTotal() != want {
			t.Errorf("got %v, %v, want %d", got, err, want)
		}
	}
	p.create(p.as(t, "usr_ann"), t, "ann's")
	total(1)
	p.create(p.as(t, "usr_bob"), t, "bob's")
	total(1)
	clock.Advance(2 * time.Minute)
	total(2)
	_, err = p.SummarizeAllAssessments(p.as(t, "usr_ann"), &assessmentv1.SummarizeAllAssessmentsRequest{})
	wantCode(t, err, codes.PermissionDenied, "ADMIN_REQUIRED")
}
