// Package gateway is the edge of the platform: REST in, gRPC out.
//
// A request passes, outermost first: the server span, an ID and the headers of every
// answer, CORS, the route, the checks of its form (parameters, headers, body), the
// declared rate limits, and then the call. Every error is answered as
// application/problem+json. What each route is, is read from the descriptors and
// their options; nothing is repeated here.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/gateway/internal/clientip"
	"github.com/inframind/inframind/gateway/internal/codec"
	"github.com/inframind/inframind/gateway/internal/cross"
	"github.com/inframind/inframind/gateway/internal/edge"
	"github.com/inframind/inframind/gateway/internal/events"
	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/health"
	"github.com/inframind/inframind/gateway/internal/quota"
	"github.com/inframind/inframind/gateway/internal/route"
	"github.com/inframind/inframind/gateway/internal/upstream"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// Deps is what the gateway works with.
type Deps struct {
	Telemetry *telemetry.Telemetry
	Clock     clockwork.Clock
	Limiter   limit.Limiter
	Verifier  *token.Verifier
	Conns     map[string]*grpc.ClientConn // by the service's name, such as "auth"
}

// Gateway answers HTTP requests.
type Gateway struct {
	handler http.Handler
	prober  *health.Prober
	events  *events.Server
}

// service is one that the gateway routes to.
type service struct {
	name     string
	file     protoreflect.FileDescriptor
	register func(context.Context, *runtime.ServeMux, grpc.ClientConnInterface) error
}

var services = []service{
	{"auth", authv1.File_inframind_auth_v1_auth_proto, func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return authv1.RegisterAuthServiceHandlerClient(ctx, mux, authv1.NewAuthServiceClient(conn))
	}},
	{"assessment", assessmentv1.File_inframind_assessment_v1_assessment_proto, func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return assessmentv1.RegisterAssessmentServiceHandlerClient(ctx, mux, assessmentv1.NewAssessmentServiceClient(conn))
	}},
	{"recommendation", recommendationv1.File_inframind_recommendation_v1_recommendation_proto, func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return recommendationv1.RegisterRecommendationServiceHandlerClient(ctx, mux, recommendationv1.NewRecommendationServiceClient(conn))
	}},
	{"dashboard", dashboardv1.File_inframind_dashboard_v1_dashboard_proto, func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return dashboardv1.RegisterDashboardServiceHandlerClient(ctx, mux, dashboardv1.NewDashboardServiceClient(conn))
	}},
}

// New builds a gateway. It reports every fault of the routes, the configuration and
// the connections at once.
func New(ctx context.Context, c Config, d Deps) (*Gateway, error) {
	table, err := routes()
	faults := append([]error{err}, c.Validate()...)
	for _, s := range services {
		if d.Conns[s.name] == nil {
			faults = append(faults, fmt.Errorf("there is no connection to %s", s.name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("build the gateway: %w", err)
	}
	clients, _ := clientip.NewResolver(c.TrustedProxies) // its faults are among Validate's
	e := &edge.Edge{Tracer: d.Telemetry.Tracer, Propagator: d.Telemetry.Propagator, Log: d.Telemetry.Log, Clients: clients}
	g := &Gateway{prober: health.NewProber(d.Clock, d.Conns)}

	limiter := d.Limiter
	if !c.RateLimitEnabled {
		limiter = limit.Unlimited()
	}
	g.events = events.NewServer(e, d.Clock)
	mux := newMux(table, e, g.events)
	enforcer := quota.NewEnforcer(limiter, d.Verifier)
	for _, s := range services {
		conn := upstream.New(d.Conns[s.name], enforcer, table)
		if err := s.register(ctx, mux, conn); err != nil {
			return nil, fmt.Errorf("register %s: %w", s.name, err)
		}
		g.events.Connect(s.file, conn)
	}
	own, err := pages(g.prober, table)
	if err != nil {
		return nil, err
	}
	site := edge.NewSite(own, mux)
	g.handler = e.Wrap(cross.Handler(c.CORSOrigins, table.Allowed("*"))(site))
	return g, nil
}

func routes() (*route.Table, error) {
	var descriptors []protoreflect.ServiceDescriptor
	for _, s := range services {
		for i := range s.file.Services().Len() {
			descriptors = append(descriptors, s.file.Services().Get(i))
		}
	}
	policies, err := policy.Load(descriptors...)
	if err != nil {
		return nil, err
	}
	return route.Compile(policies, descriptors...)
}

func newMux(table *route.Table, e *edge.Edge, streams *events.Server) *runtime.ServeMux {
	// Services learn from upstream.Conn what they need to know of the request, and
	// answers have no headers but the gateway's own.
	none := func(string) (string, bool) { return "", false }
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, codec.JSON{}),
		runtime.WithMiddlewares(edge.Admit(table), streams.Answer),
		runtime.WithIncomingHeaderMatcher(none),
		runtime.WithOutgoingHeaderMatcher(none),
		runtime.WithOutgoingTrailerMatcher(none),
		runtime.WithForwardResponseOption(edge.Answer),
		runtime.WithForwardResponseRewriter(edge.Rewrite),
		runtime.WithWriteContentLength(),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithErrorHandler(func(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, _ http.ResponseWriter, _ *http.Request, err error) {
			e.Fail(ctx, exchange.From(ctx), err)
		}),
		runtime.WithRoutingErrorHandler(func(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, _ http.ResponseWriter, r *http.Request, _ int) {
			edge.Refuse(exchange.From(ctx), r.Method, table.Allowed(r.URL.Path))
		}),
	)
}

// Handler is the whole edge as a handler.
func (g *Gateway) Handler() http.Handler { return g.handler }

// The times and sizes of a connection. A client that sends or reads more slowly
// holds a connection and nothing else.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
)

// Server returns the server for an address. Its Shutdown lets requests in flight
// finish, while /readyz says that the gateway is about to stop, and ends streams.
func (g *Gateway) Server(addr string) *http.Server {
	s := &http.Server{
		Addr:              addr,
		Handler:           g.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}
	s.RegisterOnShutdown(g.prober.Drain)
	s.RegisterOnShutdown(g.events.Stop)
	return s
}
