// Package overview puts the summaries of several services side by side.
//
// The summaries are the owning services' messages as they are: there is nothing to
// add to them here, and a second form of each would only be another place to change.
package overview

import (
	"time"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// Overview is how things stand.
type Overview struct {
	AsOf            time.Time                               // nothing that was acknowledged before is left out
	Assessments     *assessmentv1.AssessmentSummary         // nil: missing
	Recommendations *recommendationv1.RecommendationSummary // nil: missing
	Missing         []string                                // the services that did not answer

	// Generation is another after each write of the owner, and when a service goes
	// away or comes back. Empty in an overview of everybody's things.
	Generation string
}
