// Package rpc speaks the recommendation contract: it decodes requests, calls the
// domain and encodes what comes back.
package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/page"
	"github.com/inframind/inframind/pkg/rpc"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// Server is the recommendation service over a keeper of sets.
type Server struct {
	recommendationv1.UnimplementedRecommendationServiceServer

	keeper *answer.Keeper
}

// NewServer returns a Server over keeper.
func NewServer(keeper *answer.Keeper) *Server { return &Server{keeper: keeper} }

// GenerateRecommendation makes a set for the last submitted revision.
func (s *Server) GenerateRecommendation(ctx context.Context, req *recommendationv1.GenerateRecommendationRequest) (*recommendationv1.GenerateRecommendationResponse, error) {
	owner := rpc.Subject(ctx)
	id := rpc.DerivedID("rec", owner,
		recommendationv1.RecommendationService_GenerateRecommendation_FullMethodName, rpc.IdempotencyKey(ctx))
	set, err := s.keeper.Generate(ctx, owner, id, req.GetAssessmentId())
	if err != nil {
		return nil, err
	}
	encoded, err := whole(set)
	if err != nil {
		return nil, err
	}
	return &recommendationv1.GenerateRecommendationResponse{Recommendation: encoded}, nil
}

// ListRecommendations returns a page of an assessment's sets.
func (s *Server) ListRecommendations(ctx context.Context, req *recommendationv1.ListRecommendationsRequest) (*recommendationv1.ListRecommendationsResponse, error) {
	owner := rpc.Subject(ctx)
	list := page.Identity(
		recommendationv1.RecommendationService_ListRecommendations_FullMethodName, owner, req.GetAssessmentId())
	token, err := page.Decode(list, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	after, err := answer.ParseCursor(token)
	if err != nil {
		return nil, errs.Invalid(errs.Violation{
			Field: "pageToken", Rule: "page_token.list", Message: "is not a token that this list gave out",
		}).Wrap(err)
	}
	sets, more, err := s.keeper.List(ctx, owner, req.GetAssessmentId(), after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	res := &recommendationv1.ListRecommendationsResponse{}
	for _, set := range sets {
		res.Recommendations = append(res.Recommendations, head(set))
	}
	if more {
		res.NextPageToken = page.Encode(list, answer.After(sets[len(sets)-1]).String())
	}
	return res, nil
}

// GetRecommendation returns one set.
func (s *Server) GetRecommendation(ctx context.Context, req *recommendationv1.GetRecommendationRequest) (*recommendationv1.GetRecommendationResponse, error) {
	set, err := s.keeper.Get(ctx, rpc.Subject(ctx), req.GetId())
	if err != nil {
		return nil, err
	}
	encoded, err := whole(set)
	if err != nil {
		return nil, err
	}
	return &recommendationv1.GetRecommendationResponse{Recommendation: encoded}, nil
}

// head is a set as a list shows it.
func head(s answer.Set) *recommendationv1.RecommendationSet {
	return &recommendationv1.RecommendationSet{
		Id:                 s.ID,
		AssessmentId:       s.AssessmentID,
		AssessmentRevision: s.Revision,
		CatalogVersion:     s.CatalogVersion,
		CreateTime:         timestamppb.New(s.CreateTime),
		ContentSha256:      s.SHA256,
	}
}

// whole is a set with its content.
func whole(s answer.Set) (*recommendationv1.RecommendationSet, error) {
	content, err := advice.Decode(s.Content)
	if err != nil {
		return nil, err
	}
	encoded := head(s)
	encoded.Content = content
	return encoded, nil
}
