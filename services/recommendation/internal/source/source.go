// Package source reads assessments from the service that owns them, for the
// caller whose token the context carries.
package source

import (
	"context"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// Source is the answer.Assessments of the running service.
type Source struct {
	client  assessmentv1.AssessmentServiceClient
	advisor *advice.Advisor
}

var _ answer.Assessments = (*Source)(nil)

// New returns a Source that reads through client and answers with advisor.
func New(client assessmentv1.AssessmentServiceClient, advisor *advice.Advisor) *Source {
	return &Source{client: client, advisor: advisor}
}

// Submitted returns the last submitted revision of the caller's assessment.
func (s *Source) Submitted(ctx context.Context, assessmentID string) (answer.Submission, error) {
	a, err := s.latest(ctx, assessmentID)
	if err != nil {
		return answer.Submission{}, err
	}
	revision := a.GetSubmittedRevision()
	if revision == 0 {
		return answer.Submission{}, errs.State("ASSESSMENT_NOT_SUBMITTED",
			"the assessment has no submitted revision; submit it and ask again")
	}
	if revision != a.GetRevision() {
		if a, err = s.revision(ctx, assessmentID, revision); err != nil {
			return answer.Submission{}, err
		}
	}
	return answer.Submission{
		AssessmentID: assessmentID,
		Revision:     revision,
		Answer:       func() (answer.Content, error) { return s.answer(a) },
	}, nil
}

// Owned returns nil when the caller has such an assessment. It is asked, and not
// read off our own sets, because an assessment without sets has an empty list
// and another owner's has none at all.
func (s *Source) Owned(ctx context.Context, assessmentID string) error {
	_, err := s.latest(ctx, assessmentID)
	return err
}

// What is asked for must come: an answer without its assessment would pass for
// an empty one, and a set would be made of nothing.
var errEmpty = errors.New("the assessment service answered without an assessment")

func (s *Source) latest(ctx context.Context, id string) (*assessmentv1.Assessment, error) {
	res, err := s.client.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: id})
	if err == nil && res.GetAssessment() == nil {
		err = errEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("read assessment %s: %w", id, err)
	}
	return res.GetAssessment(), nil
}

func (s *Source) revision(ctx context.Context, id string, revision int32) (*assessmentv1.Assessment, error) {
	res, err := s.client.GetAssessmentRevision(ctx, &assessmentv1.GetAssessmentRevisionRequest{Id: id, Revision: revision})
	if err == nil && res.GetAssessment() == nil {
		err = errEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("read revision %d of assessment %s: %w", revision, id, err)
	}
	return res.GetAssessment(), nil
}

func (s *Source) answer(a *assessmentv1.Assessment) (answer.Content, error) {
	recommendation, err := s.advisor.Advise(a)
	if err != nil {
		return answer.Content{}, err
	}
	encoded, err := advice.Encode(recommendation)
	if err != nil {
		return answer.Content{}, err
	}
	return answer.Content{CatalogVersion: s.advisor.CatalogVersion(), Bytes: encoded, Figures: figures(recommendation)}, nil
}
