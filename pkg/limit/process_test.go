//go:build redis

package limit_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/limit/limittest"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

func TestRedisServer(t *testing.T) {
	p := redistest.Start(t)
	client := redistest.Open(t, p)
	limittest.Run(t, func(clock *clockwork.FakeClock) limit.Limiter {
		p.Flush()
		return limit.NewRedis(client, limit.WithClock(clock))
	})
}

func TestRedisServerCountsByItsOwnTime(t *testing.T) {
	p := redistest.Start(t)
	l := limit.NewRedis(redistest.Open(t, p))
	const window = 50 * time.Millisecond
	c := limit.Check{Key: "a", Requests: 1, Window: window}
	started := time.Now()
	allowed := 0
	for allowed < 10 {
		r, err := l.Take(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if r.Allowed {
			allowed++
		}
		if r.ResetAfter <= 0 || r.ResetAfter > 2*window || r.RetryAfter > 2*window {
			t.Fatalf("%+v", r)
		}
	}
	// Two takes need a window between them, up to the weight of the one before.
	if took := time.Since(started); took < 9*window/2 {
		t.Errorf("10 takes of one in %s were allowed in %s", window, took)
	}
}

func TestRedisServerKilledAndStartedAgain(t *testing.T) {
	p := redistest.Start(t)
	l := limit.NewRedis(redistest.Open(t, p))
	take(t, l, "a", 5)
	p.Kill()
	for range 3 {
		wantAway(t, l)
	}
	p.Restart()
	if r := take(t, l, "a", 5); !r.Allowed {
		t.Errorf("after the restart: %+v", r)
	}
}

func TestRedisServerThatHangs(t *testing.T) {
	p := redistest.Start(t)
	l := limit.NewRedis(redistest.Open(t, p, redistest.Impatient))
	take(t, l, "a", 5)
	p.Pause()
	wantAway(t, l)
	p.Resume()
	if r := take(t, l, "b", 5); !r.Allowed || r.Remaining != 4 {
		t.Errorf("after the pause: %+v", r)
	}
}

func TestRedisServerThatIsFull(t *testing.T) {
	p := redistest.Start(t)
	l := limit.NewRedis(redistest.Open(t, p))
	take(t, l, "a", 2)
	p.Fill()
	wantAway(t, l)
	p.Drain()
	if r := take(t, l, "a", 2); !r.Allowed || r.Remaining != 0 {
		t.Errorf("with room again: %+v", r)
	}
}

// wantAway also wants it said before the caller has lost patience.
func wantAway(t *testing.T, l limit.Limiter) {
	t.Helper()
	started := time.Now()
	r, err := l.Take(t.Context(), limit.Check{Key: "a", Requests: 5, Window: time.Minute})
	if !errs.Is(err, errs.KindUnavailable) || r.Allowed {
		t.Errorf("got %+v, %v; want unavailable", r, err)
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}

func BenchmarkRedisServerTake(b *testing.B) { benchmarkRedis(b, redistest.Start(b)) }
