package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

// refused opens what cannot be used.
func refused(t *testing.T, c redis.Config, want string) {
	t.Helper()
	client, err := redis.Open(t.Context(), c, noop.NewTracerProvider())
	if err == nil {
		_ = client.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %q and does not say %q", err, want)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error contains the secret: %q", err)
	}
}

const (
	secret      = "correct-horse"
	setPassword = "INFRA_MIND_REDIS_PASSWORD=" + secret
)

func TestAServerThatIsNotThereIsNamed(t *testing.T) {
	mini := redistest.NewMini(t)
	c := redistest.Config(t, mini, setPassword)
	mini.Stop()
	refused(t, c, "redis at 127.0.0.1:")
	refused(t, c, "connection refused")
}

func TestAWrongPasswordIsCalledOne(t *testing.T) {
	mini := redistest.NewMini(t)
	mini.RequireUserAuth("gateway", "another")
	refused(t, redistest.Config(t, mini, setPassword, "INFRA_MIND_REDIS_USERNAME=gateway"), "refuses the user name or the password")
	refused(t, redistest.Config(t, mini, setPassword), "refuses the user name or the password")
}

func TestTheRightPasswordLetsIn(t *testing.T) {
	mini := redistest.NewMini(t)
	mini.RequireUserAuth("gateway", secret)
	client := redistest.Open(t, mini, setPassword, "INFRA_MIND_REDIS_USERNAME=gateway")
	if err := client.Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatMayEvictIsRefused(t *testing.T) {
	mini := redistest.NewMini(t)
	for _, policy := range []string{"allkeys-lru", "volatile-ttl", ""} {
		mini.SetPolicy(policy)
		refused(t, redistest.Config(t, mini), "must be noeviction")
	}
}

func TestAServerThatSaysNothingOfItselfIsRefused(t *testing.T) {
	mini := redistest.NewMini(t)
	mini.Fail("NOPERM User gateway has no permissions to run the 'info' command")
	refused(t, redistest.Config(t, mini), "the user lacks a right: NOPERM")
}

func TestFaultySettingsOpenNothing(t *testing.T) {
	c := redistest.Config(t, redistest.NewMini(t))
	c.Port, c.TLS.Key = 0, "key.pem"
	_, err := redis.Open(t.Context(), c, noop.NewTracerProvider())
	var faults *config.Faults
	if !errors.As(err, &faults) || len(faults.List) != 3 {
		t.Errorf("got %v", err)
	}
}

func TestReadySaysWhetherTheServerAnswers(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	if err := client.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	mini.Stop()
	if err := client.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("got %v", err)
	}
	mini.Restart()
	if err := client.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestACallerWithoutTimeDoesNotWait(t *testing.T) {
	client := redistest.Open(t, redistest.NewMini(t))
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := client.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) || errs.Is(err, errs.KindUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestSpansAreMadeBeneathRecordedOnesOnly(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	mini := redistest.NewMini(t)
	client, err := redis.Open(t.Context(), redistest.Config(t, mini), provider)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Set(t.Context(), "a", secret, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if spans := exporter.GetSpans(); len(spans) != 0 {
		t.Fatalf("%d spans without a request", len(spans))
	}

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	client.Get(ctx, secret) // there is no such key, which is no error
	client.Incr(ctx, "a")   // an error: it is no number
	request.End()
	spans := exporter.GetSpans()
	if len(spans) != 3 {
		t.Fatalf("%d spans, want the request's and two below", len(spans))
	}
	for i, want := range []struct{ name, status string }{{"redis get", "Unset"}, {"redis incr", "Error"}} {
		s := spans[i]
		if s.Name != want.name || s.Status.Code.String() != want.status || s.Parent.SpanID() != request.SpanContext().SpanID() {
			t.Errorf("span %q with %v", s.Name, s.Status)
		}
		for _, a := range s.Attributes {
			if strings.Contains(a.Value.String(), secret) {
				t.Errorf("span %q says %s", s.Name, a.Value.String())
			}
		}
	}
}
