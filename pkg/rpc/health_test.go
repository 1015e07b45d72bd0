package rpc_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
)

const (
	serving    = healthpb.HealthCheckResponse_SERVING
	notServing = healthpb.HealthCheckResponse_NOT_SERVING
)

func ready(fn func(context.Context) error) testkit.Option {
	return testkit.WithServer(func(c *rpc.ServerConfig) { c.Ready = fn })
}

func TestAServerIsHealthyWhileItCanDoItsWork(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	var asked int
	var fault error
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", answers().register, option, testkit.WithIssuer(testkit.NewIssuer(t, clock)),
		ready(func(context.Context) error { asked++; return fault }))
	health := healthpb.NewHealthClient(conn)
	for _, step := range []struct {
		name  string
		fault error
		after time.Duration
		want  healthpb.HealthCheckResponse_ServingStatus
		asked int
	}{
		{"at first it is asked", nil, 0, serving, 1},
		{"what it said is kept", errors.New("disk full"), 999 * time.Millisecond, serving, 1},
		{"for a second", errors.New("disk full"), time.Millisecond, notServing, 2},
		{"also when it is bad", nil, 999 * time.Millisecond, notServing, 2},
		{"and then it is asked again", nil, time.Millisecond, serving, 3},
	} {
		fault = step.fault
		clock.Advance(step.after)
		got, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{})
		if err != nil || got.GetStatus() != step.want || asked != step.asked {
			t.Errorf("%s: got %v, %v, asked %d times", step.name, got, err, asked)
		}
	}
	if len(lines()) != 2 || lines()[0]["msg"] != "not ready" || lines()[1]["msg"] != "ready again" {
		t.Errorf("the log says %v", lines())
	}
}

func TestHealthIsKnownPerService(t *testing.T) {
	health := healthpb.NewHealthClient(testkit.Serve(t, "probe", answers().register))
	got, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{Service: probeService})
	if err != nil || got.GetStatus() != serving {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = health.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "inframind.auth.v1.AuthService"})
	want(t, err, codes.NotFound, "SERVICE_NOT_FOUND")
}

func TestTheLookAtTheServiceIsBoundedAndNobodysOwn(t *testing.T) {
	var left time.Duration
	conn := testkit.Serve(t, "probe", answers().register, ready(func(ctx context.Context) error {
		at, _ := ctx.Deadline()
		left = time.Until(at)
		return nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	if left <= time.Second || left > 2*time.Second {
		t.Errorf("the service had %v to answer", left)
	}
}

func TestADrainingServerIsNotHealthy(t *testing.T) {
	asked := make(chan struct{})
	network := rpc.NewMemory()
	lis := newClosing(network)
	s := newServer(t, answers(), func(c *rpc.ServerConfig) {
		c.Ready = func(context.Context) error {
			close(asked)
			<-lis.closed
			return nil
		}
	})
	served, drained := start(s, lis), make(chan error, 1)
	go func() {
		<-asked
		drained <- s.Drain(t.Context())
	}()
	got, err := healthpb.NewHealthClient(dial(t, network)).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || got.GetStatus() != notServing {
		t.Errorf("got %v, %v", got, err)
	}
	for _, done := range []chan error{served, drained} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
