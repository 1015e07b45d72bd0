// Package dashboard is the service that shows how things stand: it asks the services
// that own the data for their summaries and puts them side by side. It stores
// nothing.
package dashboard

import (
	"context"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/config"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/dashboard/internal/overview"
	"github.com/inframind/inframind/services/dashboard/internal/rpc"
)

// Name is what the service is called, by peers and in traces.
const Name = "dashboard"

// Config is read from the environment.
type Config struct {
	// Environment is the process's; the service is the same in both.
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
}

// Deps is what the process around the service has already.
type Deps struct {
	Clock clockwork.Clock
	// The services that own the data are asked with the token of whoever calls.
	Assessments     assessmentv1.AssessmentServiceClient
	Recommendations recommendationv1.RecommendationServiceClient
}

// Service shows overviews and streams them.
type Service struct{ server *rpc.Server }

// New makes the service.
func New(d Deps) *Service {
	board := overview.NewBoard(d.Assessments, d.Recommendations, d.Clock)
	return &Service{server: rpc.NewServer(board, d.Clock)}
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	dashboardv1.RegisterDashboardServiceServer(r, s.server)
}

// Ready says that the service can do its work, as long as it runs. It does not ask
// the services behind it, whose readiness is their own to tell: without one of them
// an overview is partial.
func (s *Service) Ready(context.Context) error { return nil }

// Close has nothing to close: the connections belong to the process.
func (s *Service) Close() error { return nil }
