package assessment_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

// platform is the service behind the real interceptors, and people who call it.
type platform struct {
	assessmentv1.AssessmentServiceClient
	service *assessment.Service
	issuer  *testkit.Issuer
}

func start(t *testing.T, dir string) platform {
	t.Helper()
	clock := clockwork.NewRealClock()
	service, err := assessment.New(t.Context(),
		assessment.Config{Environment: config.Development, DataDir: dir},
		assessment.Deps{Telemetry: telemetry.Discard(), Clock: clock, Cache: cache.NewMemory(100, clock)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Close() })
	issuer := testkit.NewIssuer(t, clock)
	conn := testkit.Serve(t, assessment.Name, service.Register, testkit.WithIssuer(issuer))
	return platform{assessmentv1.NewAssessmentServiceClient(conn), service, issuer}
}

// as makes calls as a person.
func (p platform) as(t *testing.T, subject string) context.Context {
	return p.issuer.Context(t.Context(), subject, "ses_"+subject)
}

func example(title string) *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Title: title,
		Workloads: []*commonv1.Workload{
			{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8, Replicas: 3, AvailabilityTarget: 99.9},
			{Name: "training", Kind: commonv1.Workload_KIND_TRAINING, Gpus: 1, GpuMemoryGib: 40, HoursPerMonth: 100},
		},
	}
}

func (p platform) create(ctx context.Context, t *testing.T, title string) *assessmentv1.Assessment {
	t.Helper()
	resp, err := p.CreateAssessment(ctx, &assessmentv1.CreateAssessmentRequest{Assessment: example(title)})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetAssessment()
}

func (p platform) list(ctx context.Context, t *testing.T) []*assessmentv1.Assessment {
	t.Helper()
	resp, err := p.ListAssessments(ctx, &assessmentv1.ListAssessmentsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetAssessments()
}

func wantCode(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	st := status.Convert(err)
	if st.Code() != code || errs.Reason(st) != reason {
		t.Fatalf("got %v (%s), want %s (%s)", err, errs.Reason(st), code, reason)
	}
}

// calls has every method of the service with a valid request about an assessment.
func (p platform) calls() map[string]func(ctx context.Context, id string) error {
	return map[string]func(ctx context.Context, id string) error{
		"CreateAssessment": func(ctx context.Context, _ string) error {
			_, err := p.CreateAssessment(ctx, &assessmentv1.CreateAssessmentRequest{Assessment: example("new")})
			return err
		},
		"GetAssessment": func(ctx context.Context, id string) error {
			_, err := p.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: id})
			return err
		},
		"ListAssessments": func(ctx context.Context, _ string) error {
			_, err := p.ListAssessments(ctx, &assessmentv1.ListAssessmentsRequest{})
			return err
		},
		"UpdateAssessment": func(ctx context.Context, id string) error {
			_, err := p.UpdateAssessment(ctx, &assessmentv1.UpdateAssessmentRequest{
				Id: id, Assessment: example("changed"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
			})
			return err
		},
		"DeleteAssessment": func(ctx context.Context, id string) error {
			_, err := p.DeleteAssessment(ctx, &assessmentv1.DeleteAssessmentRequest{Id: id})
			return err
		},
		"SubmitAssessment": func(ctx context.Context, id string) error {
			_, err := p.SubmitAssessment(ctx, &assessmentv1.SubmitAssessmentRequest{Id: id})
			return err
		},
		"SummarizeAssessments": func(ctx context.Context, _ string) error {
			_, err := p.SummarizeAssessments(ctx, &assessmentv1.SummarizeAssessmentsRequest{})
			return err
		},
		"SummarizeAllAssessments": func(ctx context.Context, _ string) error {
			_, err := p.SummarizeAllAssessments(ctx, &assessmentv1.SummarizeAllAssessmentsRequest{})
			return err
		},
		"GetAssessmentRevision": func(ctx context.Context, id string) error {
			_, err := p.GetAssessmentRevision(ctx, &assessmentv1.GetAssessmentRevisionRequest{Id: id, Revision: 1})
			return err
		},
	}
}

// methods are the service's own, from the descriptor; each must be in calls.
func methods(t *testing.T) policy.Table {
	t.Helper()
	table, err := policy.Load(assessmentv1.File_inframind_assessment_v1_assessment_proto.Services().ByName("AssessmentService"))
	if err != nil || len(table) == 0 {
		t.Fatalf("%d methods, %v", len(table), err)
	}
	return table
}

func TestTheLifeOfAnAssessment(t *testing.T) {
	dir := t.TempDir()
	var last *assessmentv1.Assessment
	t.Run("is written", func(t *testing.T) {
		p := start(t, dir)
		ann := p.as(t, "usr_ann")
		a := p.create(ann, t, "first")
		updated, err := p.UpdateAssessment(ann, &assessmentv1.UpdateAssessmentRequest{
			Id: a.GetId(), Assessment: &assessmentv1.Assessment{Title: "second", Etag: a.GetEtag()},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		submitted, err := p.SubmitAssessment(ann, &assessmentv1.SubmitAssessmentRequest{Id: a.GetId(), Etag: updated.GetAssessment().GetEtag()})
		if err != nil {
			t.Fatal(err)
		}
		last = submitted.GetAssessment()
		if last.GetRevision() != 2 || last.GetSubmittedRevision() != 2 || last.GetStatus() != assessmentv1.Assessment_STATUS_SUBMITTED {
			t.Errorf("got %v", last)
		}
		first, err := p.GetAssessmentRevision(ann, &assessmentv1.GetAssessmentRevisionRequest{Id: a.GetId(), Revision: 1})
		if err != nil || !proto.Equal(first.GetAssessment(), a) {
			t.Errorf("the first revision is %v, %v, want %v", first, err, a)
		}
		if err := p.service.Ready(t.Context()); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
	t.Run("is there after a restart, until it is deleted", func(t *testing.T) {
		p := start(t, dir)
		ann := p.as(t, "usr_ann")
		got, err := p.GetAssessment(ann, &assessmentv1.GetAssessmentRequest{Id: last.GetId()})
		if err != nil || !proto.Equal(got.GetAssessment(), last) {
			t.Fatalf("got %v, %v, want %v", got, err, last)
		}
		if _, err := p.DeleteAssessment(ann, &assessmentv1.DeleteAssessmentRequest{Id: last.GetId(), Etag: last.GetEtag()}); err != nil {
			t.Fatal(err)
		}
		_, err = p.GetAssessmentRevision(ann, &assessmentv1.GetAssessmentRevisionRequest{Id: last.GetId(), Revision: 1})
		wantCode(t, err, codes.NotFound, "ASSESSMENT_REVISION_NOT_FOUND")
		if left := p.list(ann, t); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestAnotherPersonsAssessmentDoesNotExist(t *testing.T) {
	p := start(t, t.TempDir())
	ann, bob := p.as(t, "usr_ann"), p.as(t, "usr_bob")
	a := p.create(ann, t, "ann's")
	calls := p.calls()
	for name, m := range methods(t) {
		call := calls[name[strings.LastIndex(name, "/")+1:]]
		if call == nil {
			t.Errorf("no call of %s", name)
			continue
		}
		if m.OwnedField == nil {
			continue
		}
		for _, id := range []string{a.GetId(), "asm_nothing"} {
			if err := call(bob, id); status.Code(err) != codes.NotFound {
				t.Errorf("%s of %s: %v", name, id, err)
			}
		}
	}
	if got := p.list(bob, t); len(got) != 0 {
		t.Errorf("bob's list has %v", got)
	}
	if got := p.list(ann, t); len(got) != 1 || !proto.Equal(got[0], a) {
		t.Errorf("got %v, want %v", got, a)
	}
}

func TestWithoutADatabaseEveryMethodIsUnavailableAndSaysNothingOfIt(t *testing.T) {
	p := start(t, t.TempDir())
	ann := p.issuer.Context(t.Context(), "usr_ann", "ses_ann", token.RoleAdmin)
	a := p.create(ann, t, "first")
	if err := p.service.Close(); err != nil {
		t.Fatal(err)
	}
	calls := p.calls()
	for name := range methods(t) {
		call := calls[name[strings.LastIndex(name, "/")+1:]]
		if call == nil {
			t.Errorf("no call of %s", name)
			continue
		}
		st := status.Convert(call(ann, a.GetId()))
		_, _, retry := errs.FromStatus(st)
		if st.Code() != codes.Unavailable || retry <= 0 {
			t.Errorf("%s: %v, retry after %v", name, st, retry)
		}
		for _, word := range []string{"sql", "database", "closed", ".db", "/"} {
			if strings.Contains(strings.ToLower(st.String()), word) {
				t.Errorf("%s: %q says %q", name, st, word)
			}
		}
	}
	if err := p.service.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("ready: %v", err)
	}
}
