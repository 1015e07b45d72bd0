package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/limit/limittest"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

func TestRedis(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	limittest.Run(t, func(clock *clockwork.FakeClock) limit.Limiter {
		mini.Flush()
		return &following{Limiter: limit.NewRedis(client), mini: mini, clock: clock}
	})
}

func TestRedisByAClockOfTheProcess(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	limittest.Run(t, func(clock *clockwork.FakeClock) limit.Limiter {
		mini.Flush()
		return limit.NewRedis(client, limit.WithClock(clock))
	})
}

// following makes the server's time the clock's.
type following struct {
	limit.Limiter
	mini  *redistest.Mini
	clock *clockwork.FakeClock
}

func (f *following) Take(ctx context.Context, checks ...limit.Check) (limit.Result, error) {
	f.mini.SetTime(f.clock.Now())
	return f.Limiter.Take(ctx, checks...)
}

// Whatever is taken, and whenever, both implementations say the same.
func TestRedisAgreesWithMemory(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	rapid.Check(t, func(rt *rapid.T) {
		mini.Flush()
		clock := clockwork.NewFakeClockAt(time.Unix(1_700_000_000, 0))
		memory, redis := limit.NewMemory(clock, 1000), limit.NewRedis(client, limit.WithClock(clock))
		check := rapid.Custom(func(rt *rapid.T) limit.Check {
			return limit.Check{
				Key:      rapid.SampledFrom([]string{"a", "b", "{c}", "d e"}).Draw(rt, "key"),
				Requests: rapid.IntRange(1, 6).Draw(rt, "requests"),
				Window:   rapid.SampledFrom([]time.Duration{time.Second, 7777 * time.Millisecond, time.Minute}).Draw(rt, "window"),
			}
		})
		for range rapid.IntRange(1, 60).Draw(rt, "takes") {
			pause := time.Duration(rapid.IntRange(0, 5000).Draw(rt, "pause")) * time.Millisecond
			clock.Advance(pause)
			mini.Pass(pause)
			checks := rapid.SliceOfN(check, 0, 4).Draw(rt, "checks")
			want, _ := memory.Take(t.Context(), checks...)
			if got, err := redis.Take(t.Context(), checks...); err != nil || got != want {
				rt.Fatalf("%+v: got %+v, %v; want %+v", checks, got, err, want)
			}
		}
	})
}

func TestRedisForgetsACounterWhenItCountsNothingAnyMore(t *testing.T) {
	mini := redistest.NewMini(t)
	start := time.Date(2026, 3, 1, 12, 0, 20, 0, time.UTC)
	mini.SetTime(start)
	l := limit.NewRedis(redistest.Open(t, mini))
	r := take(t, l, "a", 5)
	keys := mini.Keys()
	if len(keys) != 1 || mini.TTL(keys[0]) != r.ResetAfter || r.ResetAfter != 100*time.Second {
		t.Fatalf("%v with %s to live, %s to the reset", keys, mini.TTL(keys[0]), r.ResetAfter)
	}
	mini.Pass(r.ResetAfter)
	if keys := mini.Keys(); len(keys) != 0 {
		t.Errorf("%v is kept", keys)
	}
}

func TestRedisKeepsNothingOfARefusedTake(t *testing.T) {
	mini := redistest.NewMini(t)
	l := limit.NewRedis(redistest.Open(t, mini))
	take(t, l, "narrow", 1)
	for i := range 100 {
		own := limit.Check{Key: fmt.Sprint("own ", i), Requests: 5, Window: time.Minute}
		narrow := limit.Check{Key: "narrow", Requests: 1, Window: time.Minute}
		if r, err := l.Take(t.Context(), own, narrow); err != nil || r.Allowed {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	if keys := mini.Keys(); len(keys) != 1 {
		t.Errorf("%d counters are kept, want that of the one allowed take", len(keys))
	}
}

func TestRedisCountsExactlyWithLargeNumbers(t *testing.T) {
	mini := redistest.NewMini(t)
	start := time.Date(2100, 1, 1, 0, 0, 0, 1_000_000, time.UTC)
	mini.SetTime(start)
	l := limit.NewRedis(redistest.Open(t, mini))
	for _, window := range []time.Duration{time.Millisecond, 366 * 24 * time.Hour} {
		c := limit.Check{Key: "a", Requests: 100_000, Window: window}
		for want := c.Requests - 1; want >= c.Requests-3; want-- {
			if r, err := l.Take(t.Context(), c); err != nil || r.Remaining != want {
				t.Fatalf("%s: %+v, %v; want %d remaining", window, r, err, want)
			}
		}
	}
}

func TestRedisSaysUnavailableWhileTheServerIsAwayAndGoesOnAfterwards(t *testing.T) {
	mini := redistest.NewMini(t)
	l := limit.NewRedis(redistest.Open(t, mini))
	take(t, l, "a", 2)
	faults := map[string]func(){
		"stopped":       mini.Stop,
		"full":          func() { mini.Fail("OOM command not allowed when used memory > 'maxmemory'.") },
		"another's key": func() { mini.Fail("WRONGTYPE Operation against a key holding the wrong kind of value") },
	}
	for name, fail := range faults {
		fail()
		r, err := l.Take(t.Context(), limit.Check{Key: "a", Requests: 2, Window: time.Minute})
		if !errs.Is(err, errs.KindUnavailable) || r.Allowed {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		mini.Fail("")
		if name == "stopped" {
			mini.Restart()
		}
	}
	if r := take(t, l, "a", 2); !r.Allowed || r.Remaining != 0 {
		t.Errorf("after all of it: %+v", r)
	}
}

func TestRedisTellsACallerWhoIsGoneFromAServerThatIsAway(t *testing.T) {
	l := limit.NewRedis(redistest.Open(t, redistest.NewMini(t)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Take(ctx, limit.Check{Key: "a", Requests: 1, Window: time.Minute})
	if !errors.Is(err, context.Canceled) || errs.Is(err, errs.KindUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestRedisNeedsOneTripATake(t *testing.T) {
	client := redistest.Open(t, redistest.NewMini(t))
	l := limit.NewRedis(client)
	checks := make([]limit.Check, 5)
	for i := range checks {
		checks[i] = limit.Check{Key: fmt.Sprint(i), Requests: 1000, Window: time.Minute}
	}
	take(t, l, "warm", 1) // the server learns the script
	trips := redistest.CountTrips(client)
	for range 10 {
		if _, err := l.Take(t.Context(), slices.Clone(checks)...); err != nil {
			t.Fatal(err)
		}
	}
	if n := trips.Load(); n != 10 {
		t.Errorf("%d trips for 10 takes", n)
	}
}

func BenchmarkRedisTake(b *testing.B) {
	benchmarkRedis(b, redistest.NewMini(b))
}

func benchmarkRedis(b *testing.B, s redistest.Server) {
	l := limit.NewRedis(redistest.Open(b, s))
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		key := fmt.Sprint(rand.Uint64())
		for pb.Next() {
			checks := []limit.Check{
				{Key: key, Requests: 1 << 30, Window: time.Minute},
				{Key: "all", Requests: 1 << 30, Window: time.Hour},
			}
			if _, err := l.Take(ctx, checks...); err != nil {
				b.Error(err)
			}
		}
	})
}
