package rpc

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/inframind/inframind/pkg/errs"
)

const (
	readyTimeout = 2 * time.Second // for one look at whether the service is ready
	readyFor     = time.Second     // that an answer is kept, so that probes cost nothing
)

// health answers grpc.health.v1 by asking the service whether it can do its work
// now. Watch is answered UNIMPLEMENTED, which the protocol reads as: ask Check.
type health struct {
	healthpb.UnimplementedHealthServer
	clock    clockwork.Clock
	ready    func(ctx context.Context) error
	log      *slog.Logger
	services map[string]grpc.ServiceInfo
	draining atomic.Bool

	mu      sync.Mutex // held while the service is asked, so that it is asked once
	fault   error      // what the last answer was
	askedAt time.Time
}

func newHealth(c ServerConfig) *health {
	h := &health{clock: c.Clock, ready: c.Ready, log: c.Telemetry.Log}
	if h.ready == nil {
		h.ready = func(context.Context) error { return nil }
	}
	return h
}

// Check implements healthpb.HealthServer, for the server ("") and each of its services.
func (h *health) Check(ctx context.Context, req *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	if _, ok := h.services[req.GetService()]; !ok && req.GetService() != "" {
		return nil, errs.NotFound("service", req.GetService())
	}
	answer := healthpb.HealthCheckResponse_SERVING
	if err := h.look(ctx); err != nil || h.draining.Load() {
		answer = healthpb.HealthCheckResponse_NOT_SERVING
	}
	return &healthpb.HealthCheckResponse{Status: answer}, nil
}

// look asks the service, unless it was asked just now.
func (h *health) look(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.askedAt.IsZero() && h.clock.Since(h.askedAt) < readyFor {
		return h.fault
	}
	// The answer is kept for others, so it must not depend on this caller's patience.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	before := h.fault
	h.fault, h.askedAt = h.ready(ctx), h.clock.Now()
	switch {
	case before == nil && h.fault != nil:
		h.log.WarnContext(ctx, "not ready", slog.Any("error", h.fault))
	case before != nil && h.fault == nil:
		h.log.InfoContext(ctx, "ready again")
	}
	return h.fault
}

// drain answers NOT_SERVING from now on.
func (h *health) drain() { h.draining.Store(true) }
