// Package recommendation is the service that answers submitted assessments with
// concrete, priced infrastructure, and keeps the answers.
//
// A set is made for one revision on one catalogue and never changes. When its
// assessment is deleted the set stays and can be read by its ID; only the list
// by assessment is gone.
package recommendation

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/telemetry"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
	"github.com/inframind/inframind/services/recommendation/internal/rpc"
	"github.com/inframind/inframind/services/recommendation/internal/source"
	"github.com/inframind/inframind/services/recommendation/internal/store/sqlite"
)

// Name is what the service is called, by peers and in traces.
const Name = "recommendation"

// Config is read from the environment.
type Config struct {
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
	// DataDir is the folder that the database, recommendation.db, lies in.
	DataDir string `env:"INFRA_MIND_DATA_DIR" required:"true"`
}

// Deps is what the process around the service has already.
type Deps struct {
	Telemetry *telemetry.Telemetry
	Clock     clockwork.Clock
	// Assessments is asked with the token of whoever calls.
	Assessments assessmentv1.AssessmentServiceClient
	// Cache keeps summaries.
	Cache cache.Cache
}

// Service makes and keeps recommendation sets.
type Service struct {
	store  *sqlite.Store
	server *rpc.Server
}

// New compiles the catalogue, opens the database and makes the service. Close it
// when nothing calls it any more.
func New(ctx context.Context, c Config, d Deps) (*Service, error) {
	advisor, err := advice.New()
	if err != nil {
		return nil, fmt.Errorf("recommendations: %w", err)
	}
	store, err := sqlite.Open(ctx, filepath.Join(c.DataDir, Name+".db"), d.Telemetry.Tracer, source.Figures)
	if err != nil {
		return nil, fmt.Errorf("recommendations: %w", err)
	}
	keeper := answer.NewKeeper(store, source.New(d.Assessments, advisor), d.Clock, d.Cache)
	return &Service{store: store, server: rpc.NewServer(keeper)}, nil
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	recommendationv1.RegisterRecommendationServiceServer(r, s.server)
}

// Ready says whether the service can do its work now. It does not ask the
// assessment service, whose readiness is its own to tell: what has been made can
// be read without it.
func (s *Service) Ready(ctx context.Context) error { return s.store.Ready(ctx) }

// Close closes the database.
func (s *Service) Close() error { return s.store.Close() }
