package rpc

import (
	"context"

	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// SummarizeAssessments counts the caller's assessments.
func (s *Server) SummarizeAssessments(ctx context.Context, _ *assessmentv1.SummarizeAssessmentsRequest) (*assessmentv1.SummarizeAssessmentsResponse, error) {
	sum, generation, err := s.book.Summary(ctx, rpc.Subject(ctx))
	if err != nil {
		return nil, err
	}
	return &assessmentv1.SummarizeAssessmentsResponse{Summary: summary(sum), Generation: generation}, nil
}

// SummarizeAllAssessments counts everybody's assessments.
func (s *Server) SummarizeAllAssessments(ctx context.Context, _ *assessmentv1.SummarizeAllAssessmentsRequest) (*assessmentv1.SummarizeAllAssessmentsResponse, error) {
	sum, err := s.book.SummaryOfAll(ctx)
	if err != nil {
		return nil, err
	}
	return &assessmentv1.SummarizeAllAssessmentsResponse{Summary: summary(sum)}, nil
}

func summary(s assessment.Summary) *assessmentv1.AssessmentSummary {
	return &assessmentv1.AssessmentSummary{Total: s.Total, Drafts: s.Drafts, Submitted: s.Submitted}
}
