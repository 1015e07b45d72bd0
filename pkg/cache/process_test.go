//go:build redis

package cache_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/cache/cachetest"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

func TestRedisServer(t *testing.T) {
	p := redistest.Start(t)
	client := redistest.Open(t, p)
	cachetest.Run(t, func() (cache.Cache, cachetest.Pass) {
		p.Flush()
		return cache.NewRedis(client, clockwork.NewFakeClock(), slog.New(slog.DiscardHandler)), p.Pass
	})
}

func TestRedisServerThatIsAwayCostsNoRequest(t *testing.T) {
	p := redistest.Start(t)
	clock := clockwork.NewFakeClock()
	c := cache.NewRedis(redistest.Open(t, p, redistest.Impatient), clock, slog.New(slog.DiscardHandler))
	want := func(there bool) {
		t.Helper()
		started := time.Now()
		if _, ok := c.Get(t.Context(), "a"); ok != there {
			t.Errorf("a hit: %t", ok)
		}
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("it took %s", took)
		}
	}
	for name, fault := range map[string]struct{ begin, end func() }{
		"killed":  {p.Kill, p.Restart},
		"hanging": {p.Pause, p.Resume},
	} {
		t.Log(name)
		c.Set(t.Context(), "a", []byte("1"), time.Hour)
		want(true)
		fault.begin()
		want(false)
		started := time.Now()
		for range 1000 {
			want(false)
			c.Set(t.Context(), "a", []byte("2"), time.Hour)
		}
		if took := time.Since(started); took > time.Second {
			t.Errorf("1000 requests after the first waited %s", took)
		}
		fault.end()
		clock.Advance(time.Second)
	}
}

func TestRedisServerThatIsFullStillHasTheOld(t *testing.T) {
	p := redistest.Start(t)
	c := cache.NewRedis(redistest.Open(t, p), clockwork.NewFakeClock(), slog.New(slog.DiscardHandler))
	c.Set(t.Context(), "a", []byte("1"), time.Hour)
	p.Fill()
	c.Set(t.Context(), "b", []byte("2"), time.Hour)
	if _, ok := c.Get(t.Context(), "a"); !ok {
		t.Error("the old value is gone")
	}
	if _, ok := c.Get(t.Context(), "b"); ok {
		t.Error("a full server took a value")
	}
	if err := c.Delete(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

func BenchmarkRedisServerGet(b *testing.B) { benchmarkRedis(b, redistest.Start(b)) }
