package dashboard_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/dashboard"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// ledger is what a service behind the dashboard holds: how many things each owner
// has. Each write moves the owner's generation.
type ledger struct {
	mu    sync.Mutex
	have  map[string]int64
	fault func(context.Context) error // instead of an answer
	empty bool                        // answers without a summary
}

func (l *ledger) write(owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.have == nil {
		l.have = map[string]int64{}
	}
	l.have[owner]++
}

func (l *ledger) breakWith(fault func(context.Context) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = fault
}

func (l *ledger) of(ctx context.Context) (have int64, generation string, empty bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault != nil {
		return 0, "", false, l.fault(ctx)
	}
	have = l.have[rpc.Subject(ctx)]
	return have, strconv.FormatInt(have, 10), l.empty, nil
}

func (l *ledger) all() (have int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.have {
		have += n
	}
	return have
}

type assessments struct {
	assessmentv1.UnimplementedAssessmentServiceServer
	ledger
}

func (s *assessments) SummarizeAssessments(ctx context.Context, _ *assessmentv1.SummarizeAssessmentsRequest) (*assessmentv1.SummarizeAssessmentsResponse, error) {
	n, generation, empty, err := s.of(ctx)
	if empty || err != nil {
		return nil, err
	}
	return &assessmentv1.SummarizeAssessmentsResponse{Summary: &assessmentv1.AssessmentSummary{Total: n}, Generation: generation}, nil
}

func (s *assessments) SummarizeAllAssessments(context.Context, *assessmentv1.SummarizeAllAssessmentsRequest) (*assessmentv1.SummarizeAllAssessmentsResponse, error) {
	return &assessmentv1.SummarizeAllAssessmentsResponse{Summary: &assessmentv1.AssessmentSummary{Total: s.all()}}, nil
}

type recommendations struct {
	recommendationv1.UnimplementedRecommendationServiceServer
	ledger
}

func (s *recommendations) SummarizeRecommendations(ctx context.Context, _ *recommendationv1.SummarizeRecommendationsRequest) (*recommendationv1.SummarizeRecommendationsResponse, error) {
	n, generation, empty, err := s.of(ctx)
	if empty || err != nil {
		return nil, err
	}
	return &recommendationv1.SummarizeRecommendationsResponse{Summary: &recommendationv1.RecommendationSummary{Sets: n}, Generation: generation}, nil
}

func (s *recommendations) SummarizeAllRecommendations(context.Context, *recommendationv1.SummarizeAllRecommendationsRequest) (*recommendationv1.SummarizeAllRecommendationsResponse, error) {
	return &recommendationv1.SummarizeAllRecommendationsResponse{Summary: &recommendationv1.RecommendationSummary{Sets: s.all()}}, nil
}

// platform is the dashboard behind the real interceptors, with the services that it
// asks on the same network.
type platform struct {
	dashboardv1.DashboardServiceClient
	clock           *clockwork.FakeClock
	issuer          *testkit.Issuer
	revocations     *revocation.Memory
	assessments     *assessments
	recommendations *recommendations
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{clock: clockwork.NewFakeClockAt(start), assessments: &assessments{}, recommendations: &recommendations{}}
	p.issuer, p.revocations = testkit.NewIssuer(t, p.clock), testkit.NoRevocations(t, p.clock)
	network := rpc.NewMemory()
	options := []testkit.Option{testkit.WithIssuer(p.issuer), testkit.WithRevocations(p.revocations), testkit.WithNetwork(network)}
	testkit.Serve(t, "assessment", func(r grpc.ServiceRegistrar) { assessmentv1.RegisterAssessmentServiceServer(r, p.assessments) }, options...)
	testkit.Serve(t, "recommendation", func(r grpc.ServiceRegistrar) {
		recommendationv1.RegisterRecommendationServiceServer(r, p.recommendations)
	}, options...)
	dial := func(to string) *grpc.ClientConn {
		conn, err := network.Dial(dashboard.Name, to, rpc.ClientConfig{Telemetry: telemetry.Discard()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	service := dashboard.New(dashboard.Deps{
		Clock:           p.clock,
		Assessments:     assessmentv1.NewAssessmentServiceClient(dial("assessment")),
		Recommendations: recommendationv1.NewRecommendationServiceClient(dial("recommendation")),
	})
	if err := service.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	p.DashboardServiceClient = dashboardv1.NewDashboardServiceClient(testkit.Serve(t, dashboard.Name, service.Register, options...))
	return p
}

// as makes calls as a person.
func (p *platform) as(t *testing.T, subject string, roles ...string) context.Context {
	return p.issuer.Context(t.Context(), subject, "ses_"+subject, roles...)
}
