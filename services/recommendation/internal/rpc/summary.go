package rpc

import (
	"context"

	"github.com/inframind/inframind/pkg/rpc"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// SummarizeRecommendations sums up the caller's sets.
func (s *Server) SummarizeRecommendations(ctx context.Context, _ *recommendationv1.SummarizeRecommendationsRequest) (*recommendationv1.SummarizeRecommendationsResponse, error) {
	sum, generation, err := s.keeper.Summary(ctx, rpc.Subject(ctx))
	if err != nil {
		return nil, err
	}
	return &recommendationv1.SummarizeRecommendationsResponse{Summary: summary(sum), Generation: generation}, nil
}

// SummarizeAllRecommendations sums up everybody's sets.
func (s *Server) SummarizeAllRecommendations(ctx context.Context, _ *recommendationv1.SummarizeAllRecommendationsRequest) (*recommendationv1.SummarizeAllRecommendationsResponse, error) {
	sum, err := s.keeper.SummaryOfAll(ctx)
	if err != nil {
		return nil, err
	}
	return &recommendationv1.SummarizeAllRecommendationsResponse{Summary: summary(sum)}, nil
}

func summary(s answer.Summary) *recommendationv1.RecommendationSummary {
	return &recommendationv1.RecommendationSummary{
		Sets:           s.Sets,
		Assessments:    s.Assessments,
		LatestTotalUsd: float64(s.LatestTotalCents) / 100,
		AtLeast:        s.AtLeast,
		OverBudget:     s.OverBudget,
	}
}
