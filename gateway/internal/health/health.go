// Package health tells how the services behind the gateway are.
package health

import (
	"context"
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

const (
	// bound is how long a service has to answer.
	bound = 2 * time.Second
	// fresh is how long an answer stands: anybody may ask, and each question
	// would reach every service's database.
	fresh = time.Second
)

// The states of a service and of all together.
const (
	Ready       = "ready"
	NotReady    = "not_ready"
	Unreachable = "unreachable"
	Draining    = "draining"
)

// Report is what /health and /readyz answer.
type Report struct {
	Status   string    `json:"status"`
	Services []Service `json:"services"`
}

// Service is the state of one service.
type Service struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

// Prober asks services for their health.
type Prober struct {
	clock    clockwork.Clock
	names    []string
	clients  []healthpb.HealthClient
	draining atomic.Bool

	mu     sync.Mutex // held while asking, so that many questions are asked once
	last   Report
	lastAt time.Time
}

// NewProber asks the services over their connections.
func NewProber(clock clockwork.Clock, conns map[string]*grpc.ClientConn) *Prober {
	p := &Prober{clock: clock}
	for name := range conns {
		p.names = append(p.names, name)
	}
	sort.Strings(p.names)
	for _, name := range p.names {
		p.clients = append(p.clients, healthpb.NewHealthClient(conns[name]))
	}
	return p
}

// Drain makes every later report say that the gateway is about to stop.
func (p *Prober) Drain() { p.draining.Store(true) }

// Report asks all services at once, unless it has just done so.
func (p *Prober) Report(ctx context.Context) Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lastAt.IsZero() || p.clock.Since(p.lastAt) >= fresh {
		p.last = p.ask(ctx)
		p.lastAt = p.clock.Now()
	}
	report := p.last
	if p.draining.Load() {
		report.Status = Draining
	}
	return report
}

func (p *Prober) ask(ctx context.Context) Report {
	// The answer is for everybody who asks within a second, so it does not depend
	// on whether the first of them waits for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound)
	defer cancel()
	report := Report{Status: Ready, Services: make([]Service, len(p.names))}
	var asking sync.WaitGroup
	for i, client := range p.clients {
		asking.Go(func() { report.Services[i] = check(ctx, p.names[i], client) })
	}
	asking.Wait()
	for _, s := range report.Services {
		if s.Status != Ready {
			report.Status = NotReady
		}
	}
	return report
}

func check(ctx context.Context, name string, client healthpb.HealthClient) Service {
	answer, err := client.Check(ctx, &healthpb.HealthCheckRequest{})
	switch {
	case ctx.Err() != nil:
		return Service{Name: name, Status: Unreachable, Reason: "it did not answer within 2 seconds"}
	case err != nil:
		return Service{Name: name, Status: Unreachable, Reason: "it cannot be reached"}
	case answer.GetStatus() != healthpb.HealthCheckResponse_SERVING:
		return Service{Name: name, Status: NotReady, Reason: "it cannot do its work now"}
	}
	return Service{Name: name, Status: Ready}
}

// Ready answers 200 when every service is ready and the gateway is not draining, else
// 503; the body says which are not.
func (p *Prober) Ready(w http.ResponseWriter, r *http.Request) {
	report := p.Report(r.Context())
	status := http.StatusOK
	if report.Status != Ready {
		status = http.StatusServiceUnavailable
	}
	write(w, status, report)
}

// Live answers that the process runs, whatever the services do.
func Live(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"status": "live"})
}

func write(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil { // structs of strings always marshal
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // a prober that went away cannot be told
}
