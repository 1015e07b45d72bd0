// Package redistest starts Redis servers for tests: one in the test's own process,
// and Debian's redis-server. Nothing but tests may import it.
package redistest

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/redis"
)

// Server is a running server with nothing in it.
type Server interface {
	// Port is where it listens on 127.0.0.1.
	Port() int

	// Pass lets time pass for every key.
	Pass(d time.Duration)

	// Flush forgets every key.
	Flush()
}

// Impatient has the times that a process has by itself. Without it a test waits longer,
// so that a busy machine is not taken for a server that hangs.
const Impatient = "INFRA_MIND_REDIS_TIMEOUT=250ms"

// Config is how to reach a server; more is further settings, as NAME=value.
func Config(tb testing.TB, s Server, more ...string) redis.Config {
	tb.Helper()
	var c redis.Config
	environ := append(slices.Clone(more), // the first setting of a name counts
		"REDIS_HOST=127.0.0.1", "REDIS_PORT="+strconv.Itoa(s.Port()),
		"INFRA_MIND_REDIS_TIMEOUT=10s", "INFRA_MIND_REDIS_DIAL_TIMEOUT=10s")
	if err := config.Load(&c, environ); err != nil {
		tb.Fatal(err)
	}
	return c
}

// Open connects to a server until the test ends.
func Open(tb testing.TB, s Server, more ...string) *redis.Client {
	tb.Helper()
	client, err := redis.Open(tb.Context(), Config(tb, s, more...), noop.NewTracerProvider())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := client.Close(); err != nil {
			tb.Error(err)
		}
	})
	return client
}
