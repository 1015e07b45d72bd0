package recommendation_test

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// suite is the service behind the real interceptors, with an assessment service
// on the same network.
type suite struct {
	t           *testing.T
	clock       *clockwork.FakeClock
	issuer      *testkit.Issuer
	folder      string
	assessments *assessments
	service     *recommendation.Service
	client      recommendationv1.RecommendationServiceClient
}

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{t: t, clock: clockwork.NewFakeClockAt(start), folder: t.TempDir(), assessments: &assessments{}}
	s.issuer = testkit.NewIssuer(t, s.clock)
	network := rpc.NewMemory()
	testkit.Serve(t, "assessment", s.assessments.register, testkit.WithIssuer(s.issuer), testkit.WithNetwork(network))
	s.serve(network)
	return s
}

// serve starts the service on a network, on which assessments are asked.
func (s *suite) serve(network *rpc.Memory) {
	s.t.Helper()
	conn, err := network.Dial(recommendation.Name, "assessment", rpc.ClientConfig{Telemetry: telemetry.Discard()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	s.service = s.open(conn)
	s.client = recommendationv1.NewRecommendationServiceClient(
		testkit.Serve(s.t, recommendation.Name, s.service.Register, testkit.WithIssuer(s.issuer), testkit.WithNetwork(network)))
}

func (s *suite) open(conn grpc.ClientConnInterface) *recommendation.Service {
	s.t.Helper()
	service, err := recommendation.New(s.t.Context(),
		recommendation.Config{Environment: config.Development, DataDir: s.folder},
		recommendation.Deps{Telemetry: telemetry.Discard(), Clock: s.clock, Assessments: assessmentv1.NewAssessmentServiceClient(conn), Cache: cache.NewMemory(100, s.clock)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = service.Close() })
	return service
}

// as makes calls as a person.
func (s *suite) as(owner string) context.Context {
	return s.issuer.Context(s.t.Context(), owner, "ses_"+owner)
}

// tryGenerate asks for a set with an Idempotency-Key, or with none.
func (s *suite) tryGenerate(owner, assessmentID, key string) (*recommendationv1.RecommendationSet, error) {
	ctx := s.as(owner)
	if key != "" {
		ctx = rpc.WithIdempotencyKey(ctx, key)
	}
	res, err := s.client.GenerateRecommendation(ctx, &recommendationv1.GenerateRecommendationRequest{AssessmentId: assessmentID})
	return res.GetRecommendation(), err
}

func (s *suite) generate(owner, assessmentID, key string) *recommendationv1.RecommendationSet {
	s.t.Helper()
	set, err := s.tryGenerate(owner, assessmentID, key)
	if err != nil {
		s.t.Fatal(err)
	}
	return set
}

func (s *suite) tryGet(owner, id string) (*recommendationv1.RecommendationSet, error) {
	res, err := s.client.GetRecommendation(s.as(owner), &recommendationv1.GetRecommendationRequest{Id: id})
	return res.GetRecommendation(), err
}

func (s *suite) tryList(owner, assessmentID string, size int32, token string) (*recommendationv1.ListRecommendationsResponse, error) {
	return s.client.ListRecommendations(s.as(owner), &recommendationv1.ListRecommendationsRequest{
		AssessmentId: assessmentID, PageSize: size, PageToken: token,
	})
}

func (s *suite) list(owner, assessmentID string) []*recommendationv1.RecommendationSet {
	s.t.Helper()
	res, err := s.tryList(owner, assessmentID, 200, "")
	if err != nil {
		s.t.Fatal(err)
	}
	if res.GetNextPageToken() != "" {
		s.t.Errorf("%d sets and more", len(res.GetRecommendations()))
	}
	return res.GetRecommendations()
}

// refused checks the kind and the reason of an error that came over the wire.
func refused(t *testing.T, err error, kind errs.Kind, reason string) *errs.Error {
	t.Helper()
	e, ok := errs.From(err)
	if !ok || e.Kind != kind || e.Reason != reason {
		t.Fatalf("got %v (%v), want %s %s", err, status.Code(err), kind, reason)
	}
	return e
}
