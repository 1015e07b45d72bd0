package recommendation

import (
	"fmt"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
)

// Advisor answers assessments without a server, a database or an account: what
// it says is what the service keeps. Any number of goroutines may ask it at
// once.
type Advisor struct{ advisor *advice.Advisor }

// NewAdvisor loads and compiles the embedded catalogue, which takes tens of
// milliseconds: make one and keep it.
func NewAdvisor() (*Advisor, error) {
	a, err := advice.New()
	if err != nil {
		return nil, fmt.Errorf("recommendations: %w", err)
	}
	return &Advisor{advisor: a}, nil
}

// Advise answers an assessment. The same assessment on the same catalogue gives
// the same recommendation, to the byte of its deterministic encoding. What is
// infeasible is part of the answer; an error is errs.KindInvalid and names the
// fields of the assessment that cannot be calculated with.
func (a *Advisor) Advise(assessment *assessmentv1.Assessment) (*recommendationv1.Recommendation, error) {
	return a.advisor.Advise(assessment)
}

// CatalogVersion names the catalogue that the answers come from.
func (a *Advisor) CatalogVersion() string { return a.advisor.CatalogVersion() }
