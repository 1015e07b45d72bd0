package rpc_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// logbook hands over the lines of a log as they are written.
type logbook chan map[string]any

func newLogbook() logbook { return make(logbook, 1000) }

// Write implements io.Writer for a logger, which writes a line at a time.
func (l logbook) Write(line []byte) (int, error) {
	var fields map[string]any
	if err := json.Unmarshal(line, &fields); err != nil {
		return 0, err
	}
	l <- fields
	return len(line), nil
}

func (l logbook) next(t *testing.T) map[string]any {
	t.Helper()
	select {
	case line := <-l:
		return line
	case <-time.After(patience):
		t.Fatal("nothing was logged")
		return nil
	}
}

func (l logbook) telemetry(t *testing.T) *telemetry.Telemetry {
	t.Helper()
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "probe", LogWriter: l})
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// site is a network for a test: an authority, a clock, and the servers' log.
type site struct {
	t      *testing.T
	ca     *authority
	clock  *clockwork.FakeClock
	issuer *testkit.Issuer
	log    logbook
}

func newSite(t *testing.T) *site {
	t.Helper()
	clock := clockwork.NewFakeClockAt(noon)
	return &site{t: t, ca: newAuthority(t), clock: clock, issuer: testkit.NewIssuer(t, clock), log: newLogbook()}
}

// as is a service on the network.
func (s *site) as(service string) *rpc.TLS { return s.with(service, s.ca.files(service)) }

func (s *site) with(service string, files rpc.TLSFiles) *rpc.TLS {
	s.t.Helper()
	loaded, err := rpc.LoadTLS(service, files, s.clock, s.log.telemetry(s.t).Log)
	if err != nil {
		s.t.Fatal(err)
	}
	return loaded
}

// server is a service at an address of the loopback network.
type server struct {
	address string
	lis     *listener
}

// serve runs a service until the test ends.
func (s *site) serve(service string, own *rpc.TLS, register func(grpc.ServiceRegistrar), change ...func(*rpc.ServerConfig)) *server {
	s.t.Helper()
	lis, err := (&net.ListenConfig{}).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.serveOn(lis, service, own, register, change...)
}

func (s *site) serveOn(lis net.Listener, service string, own *rpc.TLS, register func(grpc.ServiceRegistrar), change ...func(*rpc.ServerConfig)) *server {
	s.t.Helper()
	c := rpc.ServerConfig{
		Service: service, Telemetry: s.log.telemetry(s.t), Environment: config.Development, Clock: s.clock, TLS: own,
		Verifier: token.NewVerifier(s.issuer, s.clock), Revocations: testkit.NoRevocations(s.t, s.clock),
	}
	for _, f := range change {
		f(&c)
	}
	built, err := rpc.NewServer(c, register)
	if err != nil {
		s.t.Fatal(err)
	}
	watched := &listener{Listener: lis, handshakes: make(chan struct{}, 1000)}
	served := start(built, watched)
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := built.Drain(ctx); err != nil {
			s.t.Errorf("%s did not drain: %v", service, err)
		}
		if err := <-served; err != nil {
			s.t.Errorf("%s stopped serving: %v", service, err)
		}
	})
	return &server{address: lis.Addr().String(), lis: watched}
}

// call is a connection from one service to the other.
func (s *site) call(from *rpc.TLS, to, address string) *grpc.ClientConn {
	s.t.Helper()
	conn, err := from.Dial(to, address, rpc.ClientConfig{Telemetry: s.log.telemetry(s.t)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// listener counts connections and tells when the handshake of one is over.
type listener struct {
	net.Listener
	accepted   atomic.Int64
	handshakes chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.accepted.Add(1)
	return &accepted{Conn: conn, over: l.handshakes}, nil
}

type accepted struct {
	net.Conn
	over chan<- struct{}
}

// SetDeadline implements net.Conn. grpc lifts the deadline when the handshake is over.
func (a *accepted) SetDeadline(at time.Time) error {
	if at.IsZero() {
		a.over <- struct{}{}
	}
	return a.Conn.SetDeadline(at)
}

// knock connects as whoever config makes it, and waits for the first word of the
// server or its refusal.
func knock(t *testing.T, address string, config *tls.Config) error {
	t.Helper()
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Read(make([]byte, 1))
	return err
}

// stranger is a client that believes any server and shows a certificate of its own.
func stranger(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, NextProtos: []string{"h2"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil },
	}
}

func TestOverTheNetworkACallerIsWhoItsCertificateSays(t *testing.T) {
	s, seen := newSite(t), ""
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		c, _ := rpc.CallerFrom(ctx)
		seen = c.Service
		return &response{}, nil
	}
	at := s.serve("recommendation", s.as("recommendation"), p.register)
	for caller, code := range map[string]codes.Code{
		"gateway": codes.PermissionDenied, "auth": codes.PermissionDenied, "training": codes.OK, "dashboard": codes.OK,
	} {
		conn := s.call(s.as(caller), "recommendation", at.address)
		if want(t, invoke(t.Context(), conn, "Public"), codes.OK, ""); seen != caller {
			t.Errorf("%s is taken for %q", caller, seen)
		}
		want(t, invoke(t.Context(), conn, "Service"), code, "SERVICE_NOT_ALLOWED")
	}
}

func TestOverTheNetworkAPersonsStreamRuns(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), echo().register)
	conn := s.call(s.as("gateway"), "recommendation", at.address)
	ctx, cancel := context.WithCancel(s.issuer.Context(t.Context(), "usr_1", "ses_1"))
	defer cancel()
	stream := open(ctx, t, conn, "Watch")
	for range 3 {
		want(t, exchange(stream), codes.OK, "")
	}
}

func TestAServiceMayAskAfterItsOwnHealth(t *testing.T) {
	s := newSite(t)
	own := s.as("recommendation")
	at := s.serve("recommendation", own, answers().register)
	answer, err := healthpb.NewHealthClient(s.call(own, "recommendation", at.address)).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestWhereNoConnectionCanBeRightNoneIsMade(t *testing.T) {
	s := newSite(t)
	c := rpc.ClientConfig{Telemetry: telemetry.Discard()}
	for name, dial := range map[string]func() (*grpc.ClientConn, error){
		"the other has no business with it": func() (*grpc.ClientConn, error) { return s.as("dashboard").Dial("training-old", "127.0.0.1:1", c) },
		"calls do not go that way":          func() (*grpc.ClientConn, error) { return s.as("assessment").Dial("recommendation", "127.0.0.1:1", c) },
		"nobody calls the gateway":          func() (*grpc.ClientConn, error) { return s.as("auth").Dial("gateway", "127.0.0.1:1", c) },
		"the address has no port":           func() (*grpc.ClientConn, error) { return s.as("gateway").Dial("auth", "127.0.0.1", c) },
		"the address has no host":           func() (*grpc.ClientConn, error) { return s.as("gateway").Dial("auth", ":1", c) },
	} {
		if conn, err := dial(); err == nil {
			t.Errorf("%s, and there is a connection", name)
			conn.Close()
		}
	}
}

func TestOnTheNetworkAServerIsOneThatOthersKnow(t *testing.T) {
	s := newSite(t)
	for fault, c := range map[string]struct {
		service string
		own     *rpc.TLS
	}{
		"cannot serve with the certificate of auth": {"recommendation", s.as("auth")},
		"no service connects to probe":              {"probe", s.as("probe")},
		"no service connects to gateway":            {"gateway", s.as("gateway")},
		"training, which may not connect":           {"assessment", s.as("assessment")},
	} {
		_, err := rpc.NewServer(rpc.ServerConfig{
			Service: c.service, TLS: c.own, Telemetry: telemetry.Discard(), Clock: s.clock,
			Verifier: token.NewVerifier(s.issuer, s.clock), Revocations: testkit.NoRevocations(t, s.clock),
		}, answers().register)
		if err == nil || !contains(err.Error(), fault) {
			t.Errorf("got %v, want %q", err, fault)
		}
	}
}
