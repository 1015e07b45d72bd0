// Package rpc builds gRPC servers and clients that all behave alike: one chain of
// interceptors (see chain.go) that knows the caller, maps errors, bounds the time,
// authenticates, enforces the declared policies and validates requests, over
// connections that carry the identity of the calling service.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
)

const (
	// maxMessage is the largest message in bytes that is taken.
	maxMessage = 4 << 20
	// defaultDeadline is for callers who set none.
	defaultDeadline = 10 * time.Second
	// handshakeTimeout is for a caller to say who it is.
	handshakeTimeout = 10 * time.Second
	// window is how many bytes may be on their way, of one call and of all together.
	// A fixed one spares the pings by which the transport would look for its own.
	window = 1 << 20
)

// ServerConfig says what a server is made of. Verifier and Revocations may be left
// out by a server whose methods need no token.
type ServerConfig struct {
	Service     string // the identity it serves under, such as "auth"
	Telemetry   *telemetry.Telemetry
	Verifier    *token.Verifier
	Revocations revocation.Store
	Environment config.Environment
	Clock       clockwork.Clock
	Deadline    time.Duration                   // of a unary call; its caller's own may be shorter; 0: 10 s
	Ready       func(ctx context.Context) error // whether it can do its work now; nil: always

	// TLS is who it is on the network; nil: it serves inside the process, on a Memory.
	TLS *TLS
	// ConnectionAge is after how long a caller on the network connects anew, and may
	// reach another instance; 0: 10 min.
	ConnectionAge time.Duration
}

// Server is a gRPC server with the platform's interceptors, health and, in
// development, reflection.
type Server struct {
	grpc   *grpc.Server
	health *health
	stop   context.CancelFunc // ends the streams that would go on by themselves
}

// NewServer builds a server with the services that register adds. It refuses methods
// without a sound policy, and requests whose validation rules do not compile.
func NewServer(c ServerConfig, register func(grpc.ServiceRegistrar)) (*Server, error) {
	if c.Deadline == 0 {
		c.Deadline = defaultDeadline
	}
	if c.ConnectionAge == 0 {
		c.ConnectionAge = connectionAge
	}
	if !serviceName(c.Service) {
		return nil, fmt.Errorf("%q cannot be the name of a service", c.Service)
	}
	if c.TLS != nil && c.TLS.service != c.Service {
		return nil, fmt.Errorf("%s cannot serve with the certificate of %s", c.Service, c.TLS.service)
	}
	table := methods{}
	stopping, stop := context.WithCancel(context.Background())
	s := &Server{grpc: grpc.NewServer(serverOptions(stopping, c, table)...), health: newHealth(c), stop: stop}
	register(s.grpc)
	healthpb.RegisterHealthServer(s.grpc, s.health)
	if c.Environment == config.Development {
		reflection.Register(s.grpc)
	}
	s.health.services = s.grpc.GetServiceInfo()
	err := table.load(s.grpc)
	if err := errors.Join(err, table.check(c), warm(table)); err != nil {
		return nil, fmt.Errorf("%s cannot serve: %w", c.Service, err)
	}
	return s, nil
}

// serverOptions reads table at each call, when it has been filled.
func serverOptions(stopping context.Context, c ServerConfig, table methods) []grpc.ServerOption {
	unary, stream := interceptors(chain(stopping, c, table))
	options := []grpc.ServerOption{
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.StatsHandler(serverTraces(c.Telemetry)),
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.InitialWindowSize(window),
		grpc.InitialConnWindowSize(window),
	}
	if c.TLS == nil {
		return append(options, grpc.Creds(memoryCredentials{self: c.Service}))
	}
	options = append(options, grpc.Creds(c.TLS.credentials("", c.Telemetry.Log)))
	return append(options, networkServerOptions(c.ConnectionAge)...)
}

// Serve answers on lis until Drain. Only connections that carry the caller's
// identity are served.
func (s *Server) Serve(lis net.Listener) error {
	if err := s.grpc.Serve(lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve gRPC: %w", err)
	}
	return nil
}

// Drain reports NOT_SERVING, takes no more calls and waits for those in flight; when
// ctx ends first they are cut off and its error is returned. Streams on which only
// the server sends have no end of their own to wait for: their contexts end.
func (s *Server) Drain(ctx context.Context) error {
	s.health.drain()
	s.stop()
	inTime := context.AfterFunc(ctx, s.grpc.Stop)
	s.grpc.GracefulStop()
	if !inTime() {
		return fmt.Errorf("calls in flight were cut off: %w", context.Cause(ctx))
	}
	return nil
}
