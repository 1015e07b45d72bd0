package auth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"testing"

	"github.com/jonboulle/clockwork"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	"github.com/inframind/inframind/services/auth"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

const (
	email    = "ada@example.com"
	password = "correct horse battery"
)

// setting is a folder on which the service is started, behind the real server.
type setting struct {
	t     *testing.T
	dir   string
	clock *clockwork.FakeClock
	log   *lockedBuffer
	spans *tracetest.InMemoryExporter

	// Of the service that was started last.
	service     *auth.Service
	revocations *revocation.Memory
	conn        *grpc.ClientConn
	authv1.AuthServiceClient
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	s := &setting{
		t: t, dir: t.TempDir(), clock: clockwork.NewFakeClock(),
		log: &lockedBuffer{}, spans: tracetest.NewInMemoryExporter(),
	}
	s.start()
	return s
}

func (s *setting) config() auth.Config {
	return auth.Config{
		Environment:  config.Development,
		DataDir:      s.dir,
		SecretKey:    config.NewSecret(secret),
		BcryptRounds: 10,
	}
}

// start starts the service on the folder with nothing revoked in memory, as after a
// crash. The one that was started before is left to itself.
func (s *setting) start() {
	s.t.Helper()
	t := s.t
	tel, err := telemetry.New(t.Context(),
		telemetry.Config{Service: "auth", LogLevel: slog.LevelDebug, LogWriter: s.log},
		telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(s.spans)))
	if err != nil {
		t.Fatal(err)
	}
	s.revocations = revocation.NewMemory(s.clock)
	service, err := auth.New(t.Context(), s.config(), auth.Deps{
		Telemetry: tel, Clock: s.clock, Random: rand.Reader, Revocations: s.revocations,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Close() }) // some tests have closed it
	s.service = service
	s.conn = testkit.Serve(t, "auth", service.Register, testkit.WithTelemetry(tel), testkit.WithServer(func(c *rpc.ServerConfig) {
		c.Clock = s.clock
		c.Verifier = token.NewVerifier(service.Keys(), s.clock)
		c.Revocations = s.revocations
		c.Ready = service.Ready
	}))
	s.AuthServiceClient = authv1.NewAuthServiceClient(s.conn)
}

func (s *setting) register() {
	s.t.Helper()
	if _, err := s.Register(s.t.Context(), &authv1.RegisterRequest{Email: email, Password: password, DisplayName: "Ada"}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *setting) signIn() *authv1.TokenPair {
	s.t.Helper()
	resp, err := s.Login(s.t.Context(), &authv1.LoginRequest{Email: email, Password: password})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.GetTokens()
}

// as makes calls with an access token.
func (s *setting) as(tokens *authv1.TokenPair) context.Context {
	return testkit.WithToken(s.t.Context(), tokens.GetAccessToken())
}

func (s *setting) wantReason(err error, kind errs.Kind, reason string) {
	s.t.Helper()
	if e, ok := errs.From(err); !ok || e.Kind != kind || e.Reason != reason {
		s.t.Errorf("error %v, want %v %s", err, kind, reason)
	}
}
