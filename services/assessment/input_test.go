package assessment_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment"
)

func TestBadInputNamesTheFieldAndTheRuleAndStoresNothing(t *testing.T) {
	p := start(t, t.TempDir())
	ann := p.as(t, "usr_ann")
	for name, c := range map[string]struct {
		spoil func(*assessmentv1.Assessment)
		field string
		rule  string
	}{
		"51 workloads": {func(a *assessmentv1.Assessment) {
			for i := range 49 {
				a.Workloads = append(a.Workloads, &commonv1.Workload{Name: fmt.Sprint(i), Kind: commonv1.Workload_KIND_API, Vcpu: 1, MemoryGib: 1})
			}
		}, "assessment.workloads", "repeated.max_items"},
		"no workloads":  {func(a *assessmentv1.Assessment) { a.Workloads = nil }, "assessment.workloads", "repeated.min_items"},
		"negative vCPU": {func(a *assessmentv1.Assessment) { a.Workloads[1].Vcpu = -1 }, "assessment.workloads[1].vcpu", "double.gte_lte"},
		"a budget that is not a number": {
			func(a *assessmentv1.Assessment) { a.MonthlyBudgetUsd = math.NaN() },
			"assessment.monthlyBudgetUsd", "double.finite",
		},
		"two workloads of one name": {
			func(a *assessmentv1.Assessment) { a.Workloads[1].Name = a.Workloads[0].Name },
			"assessment.workloads", "assessment.workload_names",
		},
		"a kind that does not exist": {
			func(a *assessmentv1.Assessment) { a.Workloads[0].Kind = 99 },
			"assessment.workloads[0].kind", "enum.defined_only",
		},
		"an unknown region": {
			func(a *assessmentv1.Assessment) { a.AllowedRegions = []string{"eu-central-1", "atlantis-1"} },
			"assessment.allowedRegions[1]", "region.known",
		},
		"a region outside the residency": {
			func(a *assessmentv1.Assessment) {
				a.DataResidency, a.AllowedRegions = []string{"EU"}, []string{"us-east-1"}
			},
			"assessment.allowedRegions[0]", "region.residency",
		},
		"a present region of another provider": {
			func(a *assessmentv1.Assessment) {
				a.Workloads[0].Present = &commonv1.Workload_Present{Provider: "gcp", Region: "eu-west-1", InstanceType: "m5.large"}
			},
			"assessment.workloads[0].present.region", "present.region",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := example("bad")
			c.spoil(a)
			_, err := p.CreateAssessment(ann, &assessmentv1.CreateAssessmentRequest{Assessment: a})
			wantCode(t, err, codes.InvalidArgument, "INVALID_REQUEST")
			_, violations, _ := errs.FromStatus(status.Convert(err))
			if !slices.ContainsFunc(violations, func(v errs.Violation) bool { return v.Field == c.field && v.Rule == c.rule }) {
				t.Errorf("got %+v, want %s %s", violations, c.field, c.rule)
			}
		})
	}
	if stored := p.list(ann, t); len(stored) != 0 {
		t.Errorf("stored: %v", stored)
	}
}

func TestAPageTokenIsGoodForItsOwnList(t *testing.T) {
	p := start(t, t.TempDir())
	ann := p.as(t, "usr_ann")
	var want []string
	for i := range 5 {
		want = append(want, p.create(ann, t, fmt.Sprint(i)).GetTitle())
	}
	slices.Reverse(want)

	var got []string
	req := &assessmentv1.ListAssessmentsRequest{PageSize: 2, Status: assessmentv1.Assessment_STATUS_DRAFT}
	var token string
	for {
		resp, err := p.ListAssessments(ann, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range resp.GetAssessments() {
			got = append(got, a.GetTitle())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
		token = req.PageToken
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	for name, c := range map[string]struct {
		ctx    context.Context
		status assessmentv1.Assessment_Status
		token  string
	}{
		"another status":   {ann, assessmentv1.Assessment_STATUS_SUBMITTED, token},
		"no status":        {ann, assessmentv1.Assessment_STATUS_UNSPECIFIED, token},
		"another person":   {p.as(t, "usr_bob"), assessmentv1.Assessment_STATUS_DRAFT, token},
		"not a page token": {ann, assessmentv1.Assessment_STATUS_DRAFT, "token"},
		"a cut one":        {ann, assessmentv1.Assessment_STATUS_DRAFT, token[:12]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.ListAssessments(c.ctx, &assessmentv1.ListAssessmentsRequest{Status: c.status, PageToken: c.token})
			wantCode(t, err, codes.InvalidArgument, "INVALID_REQUEST")
			if _, v, _ := errs.FromStatus(status.Convert(err)); len(v) != 1 || v[0].Field != "pageToken" || v[0].Rule != "page_token.list" {
				t.Errorf("got %+v", v)
			}
		})
	}
}

// The one-shot command line asks the same as the service does, without one.
func TestValidateSaysWhatACreationWouldSay(t *testing.T) {
	if err := assessment.Validate(example("good")); err != nil {
		t.Errorf("got %v", err)
	}
	shape, place := example(""), example("bad")
	shape.Workloads[0].Vcpu = -1
	place.AllowedRegions = []string{"atlantis-1"}
	for _, c := range []struct {
		bad  *assessmentv1.Assessment
		want []string
	}{
		{shape, []string{"title", "workloads[0].vcpu"}},
		{place, []string{"allowedRegions[0]"}},
	} {
		e, ok := errs.From(assessment.Validate(c.bad))
		if !ok || e.Kind != errs.KindInvalid {
			t.Errorf("got %v", e)
			continue
		}
		var got []string
		for _, v := range e.Violations {
			got = append(got, v.Field)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
