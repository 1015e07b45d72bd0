package source

import (
	"math"

	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// Figures are those of a set's content, for sets that were kept without.
func Figures(content []byte) (answer.Figures, error) {
	r, err := advice.Decode(content)
	if err != nil {
		return answer.Figures{}, err
	}
	return figures(r), nil
}

func figures(r *recommendationv1.Recommendation) answer.Figures {
	plan := r.GetPlan()
	return answer.Figures{
		TotalCents: int64(math.Round(plan.GetTotalUsd() * 100)),
		AtLeast:    plan.GetAtLeast() || len(plan.GetUncovered()) > 0,
		OverBudget: r.GetBudget() != nil && !r.GetBudget().GetWithin(),
	}
}
