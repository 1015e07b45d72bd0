package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/assessment"
	"github.com/inframind/inframind/services/dashboard"
	"github.com/inframind/inframind/services/recommendation"
)

// house is the services that an overview comes from, on SQLite and an in-memory
// network with the platform's interceptors, without the edge.
type house struct {
	folder      string
	signer      *signer
	clock       clockwork.Clock
	telemetry   *telemetry.Telemetry
	verifier    *token.Verifier
	revocations *revocation.Memory
	network     *rpc.Memory
	closers     []func() error

	assessments assessmentv1.AssessmentServiceClient
	dashboard   dashboardv1.DashboardServiceClient
}

func openHouse(ctx context.Context) (_ *house, err error) {
	h := &house{clock: clockwork.NewRealClock(), network: rpc.NewMemory()}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.folder, err = os.MkdirTemp("", "inframind-bench-"); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() error { return os.RemoveAll(h.folder) })
	if h.signer, err = newSigner(); err != nil {
		return nil, err
	}
	h.telemetry, err = telemetry.New(ctx, telemetry.Config{Service: "bench", LogLevel: slog.LevelError, LogWriter: io.Discard})
	if err != nil {
		return nil, err
	}
	h.verifier, h.revocations = token.NewVerifier(h.signer, h.clock), revocation.NewMemory(h.clock)
	if err := h.revocations.Restore(ctx, nil); err != nil {
		return nil, err
	}
	return h, h.services(ctx)
}

func (h *house) services(ctx context.Context) error {
	kept := cache.NewMemory(1000, h.clock)
	assessments, err := assessment.New(ctx, assessment.Config{Environment: config.Production, DataDir: h.folder},
		assessment.Deps{Telemetry: h.telemetry, Clock: h.clock, Cache: kept})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, assessments.Close)
	toAssessment, err := h.serve(ctx, "assessment", assessments.Register)
	if err != nil {
		return err
	}
	h.assessments = assessmentv1.NewAssessmentServiceClient(toAssessment)
	recommendations, err := recommendation.New(ctx, recommendation.Config{Environment: config.Production, DataDir: h.folder},
		recommendation.Deps{Telemetry: h.telemetry, Clock: h.clock, Cache: kept, Assessments: h.assessments})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, recommendations.Close)
	toRecommendation, err := h.serve(ctx, "recommendation", recommendations.Register)
	if err != nil {
		return err
	}
	toDashboard, err := h.serve(ctx, "dashboard", dashboard.New(dashboard.Deps{
		Clock: h.clock, Assessments: h.assessments,
		Recommendations: recommendationv1.NewRecommendationServiceClient(toRecommendation),
	}).Register)
	h.dashboard = dashboardv1.NewDashboardServiceClient(toDashboard)
	return err
}

// serve runs a server and returns a connection to it.
func (h *house) serve(ctx context.Context, name string, register func(grpc.ServiceRegistrar)) (*grpc.ClientConn, error) {
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: name, Telemetry: h.telemetry, Verifier: h.verifier, Revocations: h.revocations,
		Environment: config.Production, Clock: h.clock,
	}, register)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", name, err)
	}
	lis := h.network.Listen(name)
	go server.Serve(lis) //nolint:errcheck // Drained below; a failure shows in the figures.
	h.closers = append(h.closers, func() error { return server.Drain(ctx) })
	conn, err := h.network.Dial("gateway", name, rpc.ClientConfig{Telemetry: h.telemetry})
	if err != nil {
		return nil, err
	}
	h.closers = append(h.closers, conn.Close)
	return conn, nil
}

func (h *house) close() error {
	var failed []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		failed = append(failed, h.closers[i]())
	}
	return errors.Join(failed...)
}
