// Package testkit is what the tests of several modules share: people with tokens,
// servers with the real chain of interceptors on a network in memory, and the check
// that no goroutine outlives its test. Nothing but tests may import it.
package testkit

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
)

// drainTimeout is how long a test's server waits for calls that do not end.
const drainTimeout = 5 * time.Second

// Option changes how Serve serves.
type Option func(*serving)

type serving struct {
	server  rpc.ServerConfig
	network *rpc.Memory
	caller  string
}

// WithIssuer lets in the people of an issuer, by its clock.
func WithIssuer(i *Issuer) Option {
	return func(s *serving) {
		s.server.Clock = i.clock
		s.server.Verifier = token.NewVerifier(i, i.clock)
	}
}

// WithRevocations asks a store of the test's own, which it has restored.
func WithRevocations(r revocation.Store) Option {
	return func(s *serving) { s.server.Revocations = r }
}

// WithTelemetry records with t, on both sides.
func WithTelemetry(t *telemetry.Telemetry) Option {
	return func(s *serving) { s.server.Telemetry = t }
}

// WithNetwork listens on a network that other services are on too.
func WithNetwork(m *rpc.Memory) Option {
	return func(s *serving) { s.network = m }
}

// WithCaller calls as another service than the gateway.
func WithCaller(service string) Option {
	return func(s *serving) { s.caller = service }
}

// WithServer changes the server's configuration directly, after all other options.
func WithServer(change func(*rpc.ServerConfig)) Option {
	return func(s *serving) { change(&s.server) }
}

// Serve runs a service behind the real interceptors until the test ends, and returns
// a connection to it. Without options nobody has a token, nothing is revoked, and
// the gateway calls.
func Serve(t testing.TB, service string, register func(grpc.ServiceRegistrar), opts ...Option) *grpc.ClientConn {
	t.Helper()
	s := serving{caller: rpc.Gateway, network: rpc.NewMemory()}
	s.server = rpc.ServerConfig{
		Service:     service,
		Telemetry:   telemetry.Discard(),
		Environment: config.Development,
	}
	WithIssuer(NewIssuer(t, clockwork.NewRealClock()))(&s)
	for _, o := range opts {
		o(&s)
	}
	if s.server.Revocations == nil {
		s.server.Revocations = NoRevocations(t, s.server.Clock)
	}
	server, err := rpc.NewServer(s.server, register)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	lis := s.network.Listen(service)
	go func() { served <- server.Serve(lis) }()
	conn, err := s.network.Dial(s.caller, service, rpc.ClientConfig{Telemetry: s.server.Telemetry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		if err := server.Drain(ctx); err != nil {
			t.Errorf("%s did not drain: %v", service, err)
		}
		if err := <-served; err != nil {
			t.Errorf("%s stopped serving: %v", service, err)
		}
	})
	return conn
}

// NoRevocations is a store in which nothing is revoked yet.
func NoRevocations(t testing.TB, clock clockwork.Clock) *revocation.Memory {
	t.Helper()
	store := revocation.NewMemory(clock)
	if err := store.Restore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return store
}

// VerifyNoLeaks is the body of a TestMain: it runs the tests and fails when one of
// them left a goroutine running.
func VerifyNoLeaks(m *testing.M) { goleak.VerifyTestMain(m) }
