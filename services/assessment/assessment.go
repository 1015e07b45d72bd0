// Package assessment is the service that keeps assessments: what a team must run
// and under which constraints, in numbered revisions that never change.
package assessment

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
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/rpc"
	"github.com/inframind/inframind/services/assessment/internal/store/sqlite"
)

// Name is what the service is called, by peers and in traces.
const Name = "assessment"

// Config is read from the environment.
type Config struct {
	// Environment is the process's; the service is the same in both.
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
	// DataDir is the folder that the database, assessment.db, lies in.
	DataDir string `env:"INFRA_MIND_DATA_DIR" required:"true"`
}

// Deps is what the process around the service has already.
type Deps struct {
	Telemetry *telemetry.Telemetry
	Clock     clockwork.Clock
	// Cache keeps summaries.
	Cache cache.Cache
}

// Service keeps assessments.
type Service struct {
	store  *sqlite.Store
	server *rpc.Server
}

// New opens the database and makes the service. Close it when nothing calls it any
// more.
func New(ctx context.Context, c Config, d Deps) (*Service, error) {
	store, err := sqlite.Open(ctx, filepath.Join(c.DataDir, Name+".db"), d.Telemetry.Tracer)
	if err != nil {
		return nil, fmt.Errorf("assessments: %w", err)
	}
	return &Service{store: store, server: rpc.NewServer(assessment.NewBook(store, d.Clock, d.Cache))}, nil
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	assessmentv1.RegisterAssessmentServiceServer(r, s.server)
}

// Ready says whether the service can do its work now.
func (s *Service) Ready(ctx context.Context) error { return s.store.Ready(ctx) }

// Close closes the database.
func (s *Service) Close() error { return s.store.Close() }
