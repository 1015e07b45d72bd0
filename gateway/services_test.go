package gateway_test

import (
	"context"
	"sync"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// received is what a service was last called with.
type received struct {
	mu       sync.Mutex
	calls    int
	request  proto.Message
	caller   rpc.Caller
	key      string
	metadata metadata.MD

	fail func(context.Context) error // instead of an answer
}

func (r *received) take(ctx context.Context, request proto.Message) error {
	r.mu.Lock()
	r.calls++
	r.request = request
	r.caller, _ = rpc.CallerFrom(ctx)
	r.key = rpc.IdempotencyKey(ctx)
	r.metadata, _ = metadata.FromIncomingContext(ctx)
	fail := r.fail
	r.mu.Unlock()
	if fail != nil {
		return fail(ctx)
	}
	return nil
}

func (r *received) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

type authService struct {
	authv1.UnimplementedAuthServiceServer
	received
}

func (s *authService) Register(ctx context.Context, r *authv1.RegisterRequest) (*authv1.RegisterResponse, error) {
	return &authv1.RegisterResponse{}, s.take(ctx, r)
}

func (s *authService) Login(ctx context.Context, r *authv1.LoginRequest) (*authv1.LoginResponse, error) {
	return &authv1.LoginResponse{Tokens: &authv1.TokenPair{TokenType: "Bearer"}}, s.take(ctx, r)
}

func (s *authService) Logout(ctx context.Context, r *authv1.LogoutRequest) (*authv1.LogoutResponse, error) {
	return &authv1.LogoutResponse{}, s.take(ctx, r)
}

func (s *authService) GetMe(ctx context.Context, r *authv1.GetMeRequest) (*authv1.GetMeResponse, error) {
	return &authv1.GetMeResponse{Account: &authv1.Account{Id: rpc.Subject(ctx)}}, s.take(ctx, r)
}

func (s *authService) GetJwks(ctx context.Context, r *authv1.GetJwksRequest) (*authv1.GetJwksResponse, error) {
	return &authv1.GetJwksResponse{Keys: []*authv1.Jwk{{Kty: "OKP", Kid: "k1"}}}, s.take(ctx, r)
}

type assessmentService struct {
	assessmentv1.UnimplementedAssessmentServiceServer
	received
}

// stored is the one assessment there is.
func stored() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{Id: "asm_1", Etag: "v7", Revision: 7, Title: "Portal, <b> & \"co\"", Status: assessmentv1.Assessment_STATUS_DRAFT}
}

func (s *assessmentService) CreateAssessment(ctx context.Context, r *assessmentv1.CreateAssessmentRequest) (*assessmentv1.CreateAssessmentResponse, error) {
	return &assessmentv1.CreateAssessmentResponse{Assessment: stored()}, s.take(ctx, r)
}

func (s *assessmentService) GetAssessment(ctx context.Context, r *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	return &assessmentv1.GetAssessmentResponse{Assessment: stored()}, s.take(ctx, r)
}

func (s *assessmentService) ListAssessments(ctx context.Context, r *assessmentv1.ListAssessmentsRequest) (*assessmentv1.ListAssessmentsResponse, error) {
	return &assessmentv1.ListAssessmentsResponse{}, s.take(ctx, r)
}

func (s *assessmentService) UpdateAssessment(ctx context.Context, r *assessmentv1.UpdateAssessmentRequest) (*assessmentv1.UpdateAssessmentResponse, error) {
	return &assessmentv1.UpdateAssessmentResponse{Assessment: stored()}, s.take(ctx, r)
}

func (s *assessmentService) DeleteAssessment(ctx context.Context, r *assessmentv1.DeleteAssessmentRequest) (*assessmentv1.DeleteAssessmentResponse, error) {
	return &assessmentv1.DeleteAssessmentResponse{}, s.take(ctx, r)
}

func (s *assessmentService) SubmitAssessment(ctx context.Context, r *assessmentv1.SubmitAssessmentRequest) (*assessmentv1.SubmitAssessmentResponse, error) {
	return &assessmentv1.SubmitAssessmentResponse{Assessment: stored()}, s.take(ctx, r)
}

func (s *assessmentService) GetAssessmentRevision(ctx context.Context, r *assessmentv1.GetAssessmentRevisionRequest) (*assessmentv1.GetAssessmentRevisionResponse, error) {
	return &assessmentv1.GetAssessmentRevisionResponse{Assessment: stored()}, s.take(ctx, r)
}

type recommendationService struct {
	recommendationv1.UnimplementedRecommendationServiceServer
	received
}

func (s *recommendationService) GenerateRecommendation(ctx context.Context, r *recommendationv1.GenerateRecommendationRequest) (*recommendationv1.GenerateRecommendationResponse, error) {
	return &recommendationv1.GenerateRecommendationResponse{Recommendation: &recommendationv1.RecommendationSet{Id: "rec_9"}}, s.take(ctx, r)
}

func (s *recommendationService) ListRecommendations(ctx context.Context, r *recommendationv1.ListRecommendationsRequest) (*recommendationv1.ListRecommendationsResponse, error) {
	return &recommendationv1.ListRecommendationsResponse{}, s.take(ctx, r)
}
