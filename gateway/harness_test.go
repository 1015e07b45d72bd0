package gateway_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

// start is when every test begins.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// platform is a gateway with services behind it that have the real interceptors and
// answer what the test says.
type platform struct {
	t       testing.TB
	gateway *gateway.Gateway
	url     string
	client  *http.Client

	clock       *clockwork.FakeClock
	issuer      *testkit.Issuer
	revocations *revocation.Memory
	spans       *tracetest.InMemoryExporter
	logs        *syncBuilder

	auth        *authService
	assessments *assessmentService
	sets        *recommendationService
	dashboard   *dashboardService
	server      *http.Server
}

type setup struct {
	config gateway.Config
	deps   gateway.Deps
	absent string // a service that does not listen
	spans  telemetry.Option
	server func(*http.Server)
}

// newPlatform starts a platform; change may change what the gateway is built of.
func newPlatform(t testing.TB, change ...func(*setup)) *platform {
	t.Helper()
	p := &platform{
		t: t, clock: clockwork.NewFakeClockAt(start), spans: tracetest.NewInMemoryExporter(), logs: &syncBuilder{},
		auth: &authService{}, assessments: &assessmentService{}, sets: &recommendationService{}, dashboard: newDashboardService(),
	}
	p.issuer = testkit.NewIssuer(t, p.clock)
	p.revocations = testkit.NoRevocations(t, p.clock)
	s := setup{
		config: gateway.Config{Environment: config.Development, RateLimitEnabled: true},
		deps: gateway.Deps{
			Clock: p.clock, Limiter: limit.NewMemory(p.clock, 1000),
			Verifier: token.NewVerifier(p.issuer, p.clock), Conns: map[string]*grpc.ClientConn{},
		},
		spans: telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(p.spans)),
	}
	for _, c := range change {
		c(&s)
	}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: rpc.Gateway, LogWriter: p.logs}, s.spans)
	if err != nil {
		t.Fatal(err)
	}
	s.deps.Telemetry = tel
	for name, register := range map[string]func(grpc.ServiceRegistrar){
		"auth":           func(r grpc.ServiceRegistrar) { authv1.RegisterAuthServiceServer(r, p.auth) },
		"assessment":     func(r grpc.ServiceRegistrar) { assessmentv1.RegisterAssessmentServiceServer(r, p.assessments) },
		"dashboard":      func(r grpc.ServiceRegistrar) { dashboardv1.RegisterDashboardServiceServer(r, p.dashboard) },
		"recommendation": func(r grpc.ServiceRegistrar) { recommendationv1.RegisterRecommendationServiceServer(r, p.sets) },
	} {
		if name == s.absent {
			s.deps.Conns[name] = unconnected(t, name)
			continue
		}
		s.deps.Conns[name] = testkit.Serve(t, name, register, testkit.WithIssuer(p.issuer),
			testkit.WithRevocations(p.revocations), testkit.WithTelemetry(tel.For(name)))
	}
	if p.gateway, err = gateway.New(t.Context(), s.config, s.deps); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = p.gateway.Server("")
	p.server = server.Config
	if s.server != nil {
		s.server(server.Config)
	}
	server.Start()
	t.Cleanup(server.Close)
	p.url, p.client = server.URL, server.Client()
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// unconnected is a connection to a service that nobody runs.
func unconnected(t testing.TB, name string) *grpc.ClientConn {
	t.Helper()
	conn, err := rpc.NewMemory().Dial(rpc.Gateway, name, rpc.ClientConfig{Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

// send sends a request. Headers are "Name: value" lines.
func (p *platform) send(method, path, body string, headers ...string) answer {
	p.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, reader)
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if strings.EqualFold(name, "Content-Type") {
			r.Header.Set(name, value)
			continue
		}
		r.Header[http.CanonicalHeaderKey(name)] = append(r.Header[http.CanonicalHeaderKey(name)], value)
	}
	return p.do(r)
}

func (p *platform) do(r *http.Request) answer {
	p.t.Helper()
	response, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{response, string(text)}
}

// signedIn is the header of a person who is signed in.
func (p *platform) signedIn() string {
	return "Authorization: Bearer " + p.issuer.Token("usr_ada", "ses_1")
}

// syncBuilder collects log lines.
type syncBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// brokenLimiter fails or panics instead of counting.
type brokenLimiter struct{ fail func() error }

func (b brokenLimiter) Take(context.Context, ...limit.Check) (limit.Result, error) {
	return limit.Result{}, b.fail()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	lis, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

// serve serves the same gateway once more and returns its URL.
func (p *platform) serve(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(p.gateway.Handler())
	t.Cleanup(server.Close)
	return server.URL
}
