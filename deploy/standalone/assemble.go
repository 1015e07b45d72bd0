package standalone

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/assessment"
	"github.com/inframind/inframind/services/auth"
	"github.com/inframind/inframind/services/dashboard"
	"github.com/inframind/inframind/services/recommendation"
)

// limitKeys bounds the memory of rate limits: about 100 bytes a key.
const limitKeys = 100_000

// summaryEntries bounds the memory of kept summaries: about 200 bytes each.
const summaryEntries = 100_000

// parts is the platform, ready to run.
type parts struct {
	group *app.Group
	http  *http.Server
}

// service is what every service's door has.
type service interface {
	Register(grpc.ServiceRegistrar)
	Ready(context.Context) error
	Close() error
}

// assembly is the platform while it is put together.
type assembly struct {
	options     Options
	settings    settings
	group       *app.Group
	telemetry   *telemetry.Telemetry
	network     *rpc.Memory
	revocations *revocation.Memory
	verifier    *token.Verifier
	summaries   cache.Cache
}

// assemble puts the platform together. When a part fails, those before it are
// closed.
func assemble(ctx context.Context, o Options, s settings) (_ *parts, err error) {
	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	a := &assembly{options: o, settings: s, network: rpc.NewMemory(), revocations: revocation.NewMemory(o.Clock), summaries: cache.NewMemory(summaryEntries, o.Clock)}
	if err := a.observe(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.group.Close(ctx))
		}
	}()
	release, err := lock(filepath.Join(o.DataDir, "lock"))
	if err != nil {
		return nil, err
	}
	a.group.OnClose("data folder", func(context.Context) error { return release() })

	// Auth first: the others verify tokens by its keys.
	identity, err := auth.New(ctx, s.Auth, auth.Deps{
		Telemetry: a.telemetry.For("auth"), Clock: o.Clock, Random: rand.Reader, Revocations: a.revocations,
	})
	if err != nil {
		return nil, fmt.Errorf("start auth: %w", err)
	}
	a.verifier = token.NewVerifier(identity.Keys(), o.Clock)
	if err := a.serve("auth", identity); err != nil {
		return nil, err
	}

	assessments, err := assessment.New(ctx, s.Assessment, assessment.Deps{
		Telemetry: a.telemetry.For("assessment"), Clock: o.Clock, Cache: a.summaries,
	})
	if err != nil {
		return nil, fmt.Errorf("start assessment: %w", err)
	}
	if err := a.serve("assessment", assessments); err != nil {
		return nil, err
	}

	toAssessment, err := a.dial("recommendation", "assessment")
	if err != nil {
		return nil, err
	}
	recommendations, err := recommendation.New(ctx, s.Recommendation, recommendation.Deps{
		Telemetry: a.telemetry.For("recommendation"), Clock: o.Clock,
		Assessments: assessmentv1.NewAssessmentServiceClient(toAssessment), Cache: a.summaries,
	})
	if err != nil {
		return nil, fmt.Errorf("start recommendation: %w", err)
	}
	if err := a.serve("recommendation", recommendations); err != nil {
		return nil, err
	}
	if err := a.dashboard(); err != nil {
		return nil, err
	}
	return a.edge(ctx)
}

// dashboard puts the dashboard behind the services that it asks.
func (a *assembly) dashboard() error {
	toAssessment, err := a.dial("dashboard", "assessment")
	if err != nil {
		return err
	}
	toRecommendation, err := a.dial("dashboard", "recommendation")
	if err != nil {
		return err
	}
	return a.serve("dashboard", dashboard.New(dashboard.Deps{
		Clock:           a.options.Clock,
		Assessments:     assessmentv1.NewAssessmentServiceClient(toAssessment),
		Recommendations: recommendationv1.NewRecommendationServiceClient(toRecommendation),
	}))
}

// observe opens what everything else writes its spans and lines to.
func (a *assembly) observe(ctx context.Context) error {
	level := a.settings.LogLevel
	if a.options.Quiet {
		level = max(level, slog.LevelWarn)
	}
	t, err := telemetry.New(ctx, telemetry.Config{
		Service: "inframind", Version: app.Version,
		Endpoint: a.settings.OTLPEndpoint, Protocol: a.settings.OTLPProtocol,
		LogLevel: level, LogWriter: a.options.Log,
	}, a.options.Telemetry...)
	if err != nil {
		return err
	}
	a.telemetry = t
	a.group = app.NewGroup(t.Log)
	a.group.OnClose("telemetry", t.Shutdown)
	return nil
}

// serve runs the service's server on the network in the process.
func (a *assembly) serve(name string, s service) error {
	a.group.OnClose(name, func(context.Context) error { return s.Close() })
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: name, Telemetry: a.telemetry.For(name), Verifier: a.verifier, Revocations: a.revocations,
		Environment: a.settings.Environment, Clock: a.options.Clock, Ready: s.Ready,
	}, s.Register)
	if err != nil {
		return err
	}
	lis := a.network.Listen(name)
	a.group.Go(name, func(context.Context) error { return server.Serve(lis) })
	a.group.OnClose(name+" server", server.Drain)
	return nil
}

func (a *assembly) dial(from, to string) (*grpc.ClientConn, error) {
	conn, err := a.network.Dial(from, to, rpc.ClientConfig{Telemetry: a.telemetry.For(from)})
	if err != nil {
		return nil, err
	}
	a.group.OnClose("connection from "+from+" to "+to, func(context.Context) error { return conn.Close() })
	return conn, nil
}

// edge puts the gateway in front.
func (a *assembly) edge(ctx context.Context) (*parts, error) {
	conns := map[string]*grpc.ClientConn{}
	for _, to := range []string{"auth", "assessment", "recommendation", "dashboard"} {
		conn, err := a.dial("gateway", to)
		if err != nil {
			return nil, err
		}
		conns[to] = conn
	}
	g, err := gateway.New(ctx, a.settings.Gateway, gateway.Deps{
		Telemetry: a.telemetry.For("gateway"), Clock: a.options.Clock,
		Limiter: limit.NewMemory(a.options.Clock, limitKeys), Verifier: a.verifier, Conns: conns,
	})
	if err != nil {
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	return &parts{group: a.group, http: g.Server(a.options.Addr)}, nil
}
