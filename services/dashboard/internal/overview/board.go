package overview

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

const (
	// patience is how long services are waited for when the caller waits longer.
	patience = 3 * time.Second
	// retry is when to try again when none of them answered.
	retry = time.Second
)

// Board makes overviews.
type Board struct {
	assessments     assessmentv1.AssessmentServiceClient
	recommendations recommendationv1.RecommendationServiceClient
	clock           clockwork.Clock
}

// NewBoard asks the services with the token of the caller, which the context has.
func NewBoard(a assessmentv1.AssessmentServiceClient, r recommendationv1.RecommendationServiceClient, c clockwork.Clock) *Board {
	return &Board{assessments: a, recommendations: r, clock: c}
}

// part asks one service. What it sets in the overview is its own.
type part struct {
	service string
	ask     func(ctx context.Context, o *Overview) (generation string, err error)
}

// Own shows the caller's things.
func (b *Board) Own(ctx context.Context) (Overview, error) {
	return b.overview(ctx,
		part{"assessment", func(ctx context.Context, o *Overview) (string, error) {
			res, err := b.assessments.SummarizeAssessments(ctx, &assessmentv1.SummarizeAssessmentsRequest{})
			o.Assessments = res.GetSummary()
			return res.GetGeneration(), whole(res.GetSummary() != nil, err)
		}},
		part{"recommendation", func(ctx context.Context, o *Overview) (string, error) {
			res, err := b.recommendations.SummarizeRecommendations(ctx, &recommendationv1.SummarizeRecommendationsRequest{})
			o.Recommendations = res.GetSummary()
			return res.GetGeneration(), whole(res.GetSummary() != nil, err)
		}},
	)
}

// All shows everybody's things; the services ask whether the caller may see them.
func (b *Board) All(ctx context.Context) (Overview, error) {
	o, err := b.overview(ctx,
		part{"assessment", func(ctx context.Context, o *Overview) (string, error) {
			res, err := b.assessments.SummarizeAllAssessments(ctx, &assessmentv1.SummarizeAllAssessmentsRequest{})
			o.Assessments = res.GetSummary()
			return "", whole(res.GetSummary() != nil, err)
		}},
		part{"recommendation", func(ctx context.Context, o *Overview) (string, error) {
			res, err := b.recommendations.SummarizeAllRecommendations(ctx, &recommendationv1.SummarizeAllRecommendationsRequest{})
			o.Recommendations = res.GetSummary()
			return "", whole(res.GetSummary() != nil, err)
		}},
	)
	o.Generation = ""
	return o, err
}

// errEmpty is for a service that answered with nothing: that would pass for nobody
// having anything.
var errEmpty = errors.New("it answered without a summary")

func whole(has bool, err error) error {
	if err == nil && !has {
		return errEmpty
	}
	return err
}

// overview asks all parts at the same time, under one deadline that leaves time to
// answer with those that came. It fails when none came, and with what is wrong with
// the caller and not with a service.
func (b *Board) overview(ctx context.Context, parts ...part) (Overview, error) {
	o := Overview{AsOf: clock.Now(b.clock)}
	asking, cancel := context.WithTimeout(ctx, patienceOf(ctx))
	defer cancel()
	faults := make([]error, len(parts))
	generations := make([]string, len(parts))
	var wg sync.WaitGroup
	for i, p := range parts {
		wg.Go(func() { generations[i], faults[i] = p.ask(asking, &o) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Overview{}, err
	}
	for i, err := range faults {
		if err == nil {
			continue
		}
		if !away(err) {
			return Overview{}, fmt.Errorf("ask %s: %w", parts[i].service, err)
		}
		o.Missing = append(o.Missing, parts[i].service)
		generations[i] = "-"
	}
	if len(o.Missing) == len(parts) {
		return Overview{}, errs.Unavailable("OVERVIEW_UNAVAILABLE",
			"none of the services that know how things stand answers now; try again", retry).Wrap(errors.Join(faults...))
	}
	o.Generation = strings.Join(generations, ".")
	return o, nil
}

// patienceOf leaves a fifth of the caller's time. Deadlines are on the real clock.
func patienceOf(ctx context.Context) time.Duration {
	at, set := ctx.Deadline()
	if !set {
		return patience
	}
	return min(patience, time.Until(at)*4/5)
}

// away says whether a service could not answer, whatever it was asked. An error
// without a type is a fault of the service: the others can answer nevertheless.
func away(err error) bool {
	e, typed := errs.From(err)
	if !typed {
		return true
	}
	switch e.Kind {
	case errs.KindUnavailable, errs.KindDeadline:
		return true
	default:
		return false
	}
}
