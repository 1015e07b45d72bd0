// Package cachetest is the suite that every cache.Cache passes.
package cachetest

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/cache"
)

// Pass lets time pass for a cache.
type Pass func(time.Duration)

// Run runs the suite. newCache returns an empty cache for a thousand values.
func Run(t *testing.T, newCache func() (cache.Cache, Pass)) {
	fresh := func() *fixture {
		c, pass := newCache()
		return &fixture{Cache: c, pass: pass}
	}

	t.Run("a value is there until its own time is over", func(t *testing.T) {
		f := fresh()
		f.want(t, "short", nil)
		f.Set(t.Context(), "short", []byte("1"), time.Minute)
		f.Set(t.Context(), "long", []byte("2"), time.Hour)
		f.pass(50 * time.Second) // a server's own time goes on besides
		f.want(t, "short", []byte("1"))
		f.pass(10 * time.Second)
		f.want(t, "short", nil)
		f.want(t, "long", []byte("2"))
	})
	t.Run("a later value replaces value and time", func(t *testing.T) {
		f := fresh()
		f.Set(t.Context(), "a", []byte("1"), time.Hour)
		f.Set(t.Context(), "a", []byte("22"), time.Minute)
		f.want(t, "a", []byte("22"))
		f.pass(time.Minute)
		f.want(t, "a", nil)
	})
	t.Run("a value for no time replaces with nothing", func(t *testing.T) {
		f := fresh()
		for _, ttl := range []time.Duration{0, -time.Second} {
			f.Set(t.Context(), "a", []byte("1"), time.Hour)
			f.Set(t.Context(), "a", []byte("2"), ttl)
			f.want(t, "a", nil)
		}
	})
	t.Run("a deleted value is gone, and may be deleted again", func(t *testing.T) {
		f := fresh()
		f.Set(t.Context(), "a", []byte("1"), time.Hour)
		f.Set(t.Context(), "b", []byte("2"), time.Hour)
		for range 2 {
			if err := f.Delete(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			f.want(t, "a", nil)
		}
		f.want(t, "b", []byte("2"))
	})
	t.Run("any bytes can be a value, also none, and any text a key", func(t *testing.T) {
		f := fresh()
		values := map[string][]byte{"": {}, "a": {}, "a b": {0, 255, '\r', '\n'}, "{a}": []byte("{}"), "ä\x00": bytes.Repeat([]byte("x"), cache.MaxValue)}
		for key, value := range values {
			f.Set(t.Context(), key, value, time.Hour)
		}
		f.Set(t.Context(), "nil", nil, time.Hour)
		for key, value := range values {
			f.want(t, key, value)
		}
		f.want(t, "nil", []byte{})
	})
	t.Run("a value that is too large replaces with nothing", func(t *testing.T) {
		f := fresh()
		f.Set(t.Context(), "a", []byte("1"), time.Hour)
		f.Set(t.Context(), "a", make([]byte, cache.MaxValue+1), time.Hour)
		f.want(t, "a", nil)
	})
	t.Run("a value is nobody else's to change", func(t *testing.T) {
		f := fresh()
		mine := []byte("mine")
		f.Set(t.Context(), "a", mine, time.Hour)
		mine[0] = 'x'
		got, _ := f.Get(t.Context(), "a")
		f.want(t, "a", []byte("mine"))
		got[0] = 'y'
		f.want(t, "a", []byte("mine"))
	})
	t.Run("many may use it at the same time", func(t *testing.T) {
		f := fresh()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 200 {
					key := strconv.Itoa(i % 20)
					f.Set(t.Context(), key, []byte(key), time.Hour)
					if got, ok := f.Get(t.Context(), key); ok && string(got) != key {
						t.Errorf("%s has the value %q", key, got)
					}
					if i%7 == 0 {
						if err := f.Delete(t.Context(), key); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
	})
	t.Run("a summary is never older than the owner's last write", func(t *testing.T) {
		readersNeverSeeTheirOwnPast(t, fresh().Cache)
	})
}

type fixture struct {
	cache.Cache
	pass Pass
}

// want is nil for a value that is not there.
func (f *fixture) want(t *testing.T, key string, want []byte) {
	t.Helper()
	got, ok := f.Get(t.Context(), key)
	if ok != (want != nil) || !bytes.Equal(got, want) {
		t.Errorf("%q: got %.20q, %t; want %.20q", key, got, ok, want)
	}
}

// readersNeverSeeTheirOwnPast has several writers and readers of one owner. The data
// are a number that only grows, and change before the generation does, as in a
// database without transactions.
func readersNeverSeeTheirOwnPast(t *testing.T, c cache.Cache) {
	var data, generation, acknowledged, computed atomic.Int64
	s := cache.Summaries{
		Cache: c, Name: "total", Life: time.Hour,
		Generation: func(context.Context, string) (string, error) { return strconv.FormatInt(generation.Load(), 10), nil },
	}
	compute := func(ctx context.Context) ([]byte, error) {
		computed.Add(1)
		return []byte(strconv.FormatInt(data.Load(), 10)), ctx.Err()
	}
	var wg sync.WaitGroup
	for who := range 4 {
		wg.Go(func() {
			for i := range 250 {
				if (i+who)%4 == 0 {
					written := data.Add(1)
					generation.Add(1)
					raise(&acknowledged, written)
				}
				before := acknowledged.Load()
				value, err := s.Get(t.Context(), "owner", compute)
				if n, parseErr := strconv.ParseInt(string(value), 10, 64); err != nil || parseErr != nil || n < before {
					t.Errorf("got %q, %v after write %d was acknowledged", value, err, before)
				}
			}
		})
	}
	wg.Wait()
	if computed.Load() >= 1000 {
		t.Error(fmt.Sprint("all reads were computed: ", computed.Load()))
	}
}

// raise sets a to n unless it is higher already.
func raise(a *atomic.Int64, n int64) {
	for {
		old := a.Load()
		if old >= n || a.CompareAndSwap(old, n) {
			return
		}
	}
}
