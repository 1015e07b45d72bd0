package source_test

import (
	"testing"

	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
	"github.com/inframind/inframind/services/recommendation/internal/source"
)

func TestFiguresAreThoseOfThePlanWithOneProvider(t *testing.T) {
	for name, c := range map[string]struct {
		content *recommendationv1.Recommendation
		want    answer.Figures
	}{
		"to the cent": {
			&recommendationv1.Recommendation{
				Plan:   &recommendationv1.Plan{TotalUsd: 1800.59},
				Apart:  &recommendationv1.Plan{TotalUsd: 7, AtLeast: true},
				Budget: &recommendationv1.BudgetCheck{Within: true},
			},
			answer.Figures{TotalCents: 180059},
		},
		"a line without a price":    {&recommendationv1.Recommendation{Plan: &recommendationv1.Plan{AtLeast: true}}, answer.Figures{AtLeast: true}},
		"a workload without a line": {&recommendationv1.Recommendation{Plan: &recommendationv1.Plan{Uncovered: []string{"api"}}}, answer.Figures{AtLeast: true}},
		"over the budget":           {&recommendationv1.Recommendation{Budget: &recommendationv1.BudgetCheck{}}, answer.Figures{OverBudget: true}},
		"without a budget":          {&recommendationv1.Recommendation{}, answer.Figures{}},
	} {
		encoded, err := advice.Encode(c.content)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := source.Figures(encoded); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

func TestADamagedContentHasNoFigures(t *testing.T) {
	if got, err := source.Figures([]byte{0xff}); err == nil {
		t.Errorf("got %+v", got)
	}
}
