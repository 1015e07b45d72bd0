package recommendation_test

import (
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/token"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

func (s *suite) summarize(owner string) (*recommendationv1.RecommendationSummary, string) {
	s.t.Helper()
	res, err := s.client.SummarizeRecommendations(s.as(owner), &recommendationv1.SummarizeRecommendationsRequest{})
	if err != nil {
		s.t.Fatal(err)
	}
	return res.GetSummary(), res.GetGeneration()
}

func TestASummaryAddsUpTheLatestSetOfEachAssessment(t *testing.T) {
	s := newSuite(t)
	none, before := s.summarize("usr_a")
	if none.GetSets() != 0 || none.GetAssessments() != 0 || none.GetLatestTotalUsd() != 0 || none.GetAtLeast() || none.GetOverBudget() != 0 {
		t.Errorf("without sets: %v", none)
	}
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	s.generate("usr_a", "asm_1", "")
	s.clock.Advance(time.Second)
	tight := submitted("asm_1", 2, 8)
	tight.MonthlyBudgetUsd = 1
	s.assessments.put("usr_a", tight)
	latest := s.generate("usr_a", "asm_1", "").GetContent()
	s.assessments.put("usr_a", submitted("asm_2", 1, 4))
	other := s.generate("usr_a", "asm_2", "").GetContent()

	got, after := s.summarize("usr_a")
	cents := func(usd float64) int64 { return int64(usd*100 + 0.5) }
	want := cents(latest.GetPlan().GetTotalUsd()) + cents(other.GetPlan().GetTotalUsd())
	if got.GetSets() != 3 || got.GetAssessments() != 2 || cents(got.GetLatestTotalUsd()) != want || want == 0 || got.GetOverBudget() != 1 || got.GetAtLeast() {
		t.Errorf("got %v, want %d cents", got, want)
	}
	if after == before {
		t.Errorf("three sets left the generation at %s", after)
	}
	impossible := submitted("asm_3", 1, 4)
	impossible.Workloads[0].MemoryGib = 1_000_000
	s.assessments.put("usr_a", impossible)
	s.generate("usr_a", "asm_3", "")
	if got, _ := s.summarize("usr_a"); !got.GetAtLeast() || got.GetAssessments() != 3 {
		t.Errorf("with a workload that nothing can run: %v", got)
	}
	if theirs, _ := s.summarize("usr_b"); theirs.GetSets() != 0 {
		t.Errorf("somebody else has %v", theirs)
	}
}

func TestTheSummaryOfAllIsForAdminsAndUpToTwoMinutesOld(t *testing.T) {
	s := newSuite(t)
	ask := func(role ...string) (*recommendationv1.SummarizeAllRecommendationsResponse, error) {
		ctx := s.issuer.Context(s.t.Context(), "usr_root", "ses_root", role...)
		return s.client.SummarizeAllRecommendations(ctx, &recommendationv1.SummarizeAllRecommendationsRequest{})
	}
	total := func(want int64) {
		t.Helper()
		if got, err := ask(token.RoleAdmin); err != nil || got.GetSummary().GetSets() != want {
			t.Errorf("got %v, %v, want %d", got, err, want)
		}
	}
	for _, owner := range []string{"usr_a", "usr_b"} {
		s.assessments.put(owner, submitted("asm_1", 1, 2))
		s.generate(owner, "asm_1", "")
		total(1)
	}
	s.clock.Advance(2 * time.Minute)
	total(2)
	_, err := ask()
	refused(t, err, errs.KindDenied, "ADMIN_REQUIRED")
}
