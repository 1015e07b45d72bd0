package cache_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/cache/cachetest"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

func TestRedis(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	cachetest.Run(t, func() (cache.Cache, cachetest.Pass) {
		mini.Flush()
		return cache.NewRedis(client, clockwork.NewFakeClock(), slog.New(slog.DiscardHandler)), mini.Pass
	})
}

// away is a cache whose server can be, and the log of it.
type away struct {
	*cache.Redis
	mini  *redistest.Mini
	clock *clockwork.FakeClock
	log   bytes.Buffer
}

func newAway(t *testing.T) *away {
	t.Helper()
	a := &away{mini: redistest.NewMini(t), clock: clockwork.NewFakeClock()}
	a.Redis = cache.NewRedis(redistest.Open(t, a.mini), a.clock, slog.New(slog.NewTextHandler(&a.log, nil)))
	a.Set(t.Context(), "a", []byte("1"), time.Hour)
	a.want(t, "1")
	return a
}

// want is "" for a miss.
func (a *away) want(t *testing.T, value string) {
	t.Helper()
	if got, ok := a.Get(t.Context(), "a"); string(got) != value || ok != (value != "") {
		t.Errorf("got %q, %t; want %q", got, ok, value)
	}
}

func TestACacheThatIsAwayHasNothingAndComesBack(t *testing.T) {
	a := newAway(t)
	a.mini.Stop()
	a.want(t, "")
	a.Set(t.Context(), "a", []byte("2"), time.Hour)
	if err := a.Delete(t.Context(), "a"); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("Delete says %v", err)
	}
	a.mini.Restart()
	a.want(t, "") // resting
	a.clock.Advance(time.Second)
	a.want(t, "1")
}

func TestAServerThatDidNotAnswerIsLeftAloneForASecond(t *testing.T) {
	a := newAway(t)
	a.mini.Stop()
	a.want(t, "")
	a.mini.Restart()
	for range 10 {
		a.want(t, "")
		a.Set(t.Context(), "a", []byte("2"), time.Hour)
	}
	a.clock.Advance(time.Second)
	a.want(t, "1")
}

func TestAFullCacheKeepsNothingNewAndStillHasTheOld(t *testing.T) {
	a := newAway(t)
	a.mini.Fail("OOM command not allowed when used memory > 'maxmemory'.")
	a.Set(t.Context(), "a", []byte("2"), time.Hour)
	a.mini.Fail("")
	a.want(t, "1")
}

func TestTheLogSaysOnceAMinuteThatTheCacheIsAway(t *testing.T) {
	a := newAway(t)
	a.mini.Fail("NOPERM this user has no permissions")
	for range 100 {
		a.want(t, "")
		a.clock.Advance(time.Second)
	}
	if n := strings.Count(a.log.String(), "NOPERM"); n != 2 {
		t.Errorf("%d lines in 100 seconds:\n%s", n, a.log.String())
	}
}

func TestACallerWhoIsGoneSaysNothingAboutTheCache(t *testing.T) {
	a := newAway(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := a.Get(ctx, "a"); ok {
		t.Error("a value for a caller who is gone")
	}
	a.want(t, "1")
	if a.log.Len() > 0 {
		t.Errorf("the log says %s", a.log.String())
	}
}

func BenchmarkRedisGet(b *testing.B) { benchmarkRedis(b, redistest.NewMini(b)) }

func benchmarkRedis(b *testing.B, s redistest.Server) {
	c := cache.NewRedis(redistest.Open(b, s), clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	ctx := b.Context()
	c.Set(ctx, "a", make([]byte, 1000), time.Hour)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := c.Get(ctx, "a"); !ok {
				b.Error("a miss")
			}
		}
	})
}
