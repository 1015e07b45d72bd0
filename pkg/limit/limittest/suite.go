// Package limittest is the suite that every limit.Limiter passes.
package limittest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/limit"
)

// start is the beginning of a fixed window of a minute and of an hour.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Run runs the suite. newLimiter returns a limiter without any count that reads
// the time from clock and has room for a thousand counters.
func Run(t *testing.T, newLimiter func(clock *clockwork.FakeClock) limit.Limiter) {
	fresh := func() *fixture {
		clock := clockwork.NewFakeClockAt(start)
		return &fixture{Limiter: newLimiter(clock), clock: clock}
	}
	perMinute := func(key string, n int) limit.Check {
		return limit.Check{Key: key, Requests: n, Window: time.Minute}
	}

	t.Run("the limit and no more is allowed", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 5)
		for i := range 5 {
			r := f.take(t, c)
			if !r.Allowed || r.Limit != 5 || r.Remaining != 4-i || r.RetryAfter != 0 || r.Check != c {
				t.Fatalf("take %d: %+v", i+1, r)
			}
		}
		if r := f.take(t, c); r.Allowed || r.Remaining != 0 || r.Limit != 5 || r.Check != c {
			t.Fatalf("sixth take: %+v", r)
		}
	})
	t.Run("keys do not share a counter, nor do windows", func(t *testing.T) {
		f := fresh()
		f.exhaust(t, perMinute("a", 2))
		f.wantAllowed(t, perMinute("b", 2))
		f.wantAllowed(t, limit.Check{Key: "a", Requests: 2, Window: time.Hour})
	})
	t.Run("the limit comes back gradually in the window after", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 4)
		f.exhaust(t, c)
		f.clock.Advance(time.Minute)
		f.wantRefused(t, c)
		f.clock.Advance(15 * time.Second) // three quarters of 4 still count
		f.wantAllowed(t, c)
		f.wantRefused(t, c)
		f.clock.Advance(15 * time.Second)
		f.wantAllowed(t, c)
		f.wantRefused(t, c)
	})
	t.Run("two windows later everything is forgotten", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 3)
		f.exhaust(t, c)
		f.clock.Advance(2 * time.Minute)
		for range 3 {
			f.wantAllowed(t, c)
		}
	})
	t.Run("it says when to come again, and means it", func(t *testing.T) {
		for requests := 1; requests <= 7; requests++ {
			for _, offset := range []time.Duration{0, 7 * time.Second, 59 * time.Second} {
				f, c := fresh(), perMinute("a", requests)
				f.clock.Advance(offset)
				for range 3 * requests { // through several windows
					r := f.take(t, c)
					if r.Allowed {
						continue
					}
					if r.RetryAfter <= 0 || r.RetryAfter > 2*time.Minute {
						t.Fatalf("%d a minute: retry after %s", requests, r.RetryAfter)
					}
					f.clock.Advance(r.RetryAfter - time.Millisecond)
					f.wantRefused(t, c)
					f.clock.Advance(time.Millisecond)
					f.wantAllowed(t, c)
				}
			}
		}
	})
	t.Run("it says when all of the limit is back", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 5)
		f.clock.Advance(20 * time.Second)
		r := f.take(t, c)
		if r.ResetAfter != 100*time.Second {
			t.Fatalf("reset after %s, want 1m40s", r.ResetAfter)
		}
		f.clock.Advance(r.ResetAfter)
		if r := f.take(t, c); r.Remaining != 4 {
			t.Fatalf("%d remain after the reset and one take, want 4", r.Remaining)
		}
	})
	t.Run("a refused take counts against no check", func(t *testing.T) {
		f := fresh()
		narrow, wide := perMinute("narrow", 1), perMinute("wide", 3)
		f.wantAllowed(t, wide, narrow)
		for range 10 {
			f.wantRefused(t, wide, narrow)
			f.wantRefused(t, narrow, wide)
		}
		f.wantAllowed(t, wide)
		f.wantAllowed(t, wide)
		f.wantRefused(t, wide)
	})
	t.Run("the tightest check is reported", func(t *testing.T) {
		f := fresh()
		narrow, wide := perMinute("narrow", 3), perMinute("wide", 10)
		for _, checks := range [][]limit.Check{{narrow, wide}, {wide, narrow}} {
			if r := f.take(t, checks...); r.Check != narrow {
				t.Errorf("allowed take reports %+v", r)
			}
		}
		hour := limit.Check{Key: "hour", Requests: 1, Window: time.Hour}
		minute := perMinute("minute", 1)
		f.wantAllowed(t, hour)
		f.wantAllowed(t, minute)
		for _, checks := range [][]limit.Check{{minute, hour, wide}, {wide, hour, minute}} {
			if r := f.take(t, checks...); r.Allowed || r.Check != hour {
				t.Errorf("refused take reports %+v", r)
			}
		}
	})
	t.Run("a counter named twice counts once", func(t *testing.T) {
		f := fresh()
		loose, strict := perMinute("a", 10), perMinute("a", 2)
		f.wantAllowed(t, loose, strict)
		f.wantAllowed(t, loose, strict)
		f.wantRefused(t, loose, strict)
	})
	t.Run("no check allows", func(t *testing.T) {
		if r := fresh().take(t); !r.Allowed || r.Limit != 0 {
			t.Errorf("got %+v", r)
		}
	})
	t.Run("a check that means nothing is an error and counts nothing", func(t *testing.T) {
		f, good := fresh(), perMinute("a", 1)
		for _, bad := range []limit.Check{
			{Key: "", Requests: 1, Window: time.Minute},
			{Key: "b", Requests: 0, Window: time.Minute},
			{Key: "b", Requests: 1, Window: 0},
			{Key: "b", Requests: 1, Window: time.Microsecond},
			{Key: "b", Requests: 1, Window: time.Second + time.Microsecond},
		} {
			if r, err := f.Take(t.Context(), good, bad); err == nil || r.Allowed {
				t.Errorf("%+v: %+v, %v", bad, r, err)
			}
		}
		f.wantAllowed(t, good)
	})
	t.Run("a clock that steps back forgets nothing", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 2)
		f.exhaust(t, c)
		f.clock.Advance(-3 * time.Minute)
		f.wantRefused(t, c)
	})
	t.Run("what is counted while the clock is back stays counted", func(t *testing.T) {
		f, c := fresh(), perMinute("a", 3)
		f.wantAllowed(t, c)
		f.clock.Advance(-3 * time.Minute)
		f.wantAllowed(t, c)
		f.clock.Advance(3 * time.Minute)
		f.wantAllowed(t, c)
		f.wantRefused(t, c)
	})
	t.Run("many at the same time get exactly the limit", func(t *testing.T) {
		f := fresh()
		own := func(i int) limit.Check { return perMinute(fmt.Sprint("own ", i), 60) }
		shared := perMinute("shared", 100)
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				for range 50 {
					r, err := f.Take(t.Context(), own(i), shared)
					if err != nil {
						t.Error(err)
					}
					if r.Allowed {
						allowed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if allowed.Load() != 100 {
			t.Errorf("%d takes were allowed, want 100", allowed.Load())
		}
		left := 0
		for i := range 10 {
			left += f.take(t, own(i)).Remaining + 1
		}
		if left != 10*60-100 {
			t.Errorf("%d of the goroutines' own takes are left, want 500: a refused take was counted", left)
		}
	})
}

type fixture struct {
	limit.Limiter
	clock *clockwork.FakeClock
}

func (f *fixture) take(t *testing.T, checks ...limit.Check) limit.Result {
	t.Helper()
	r, err := f.Take(t.Context(), checks...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (f *fixture) exhaust(t *testing.T, c limit.Check) {
	t.Helper()
	for range c.Requests {
		f.wantAllowed(t, c)
	}
	f.wantRefused(t, c)
}

func (f *fixture) wantAllowed(t *testing.T, checks ...limit.Check) {
	t.Helper()
	if r := f.take(t, checks...); !r.Allowed {
		t.Fatalf("%+v was refused: %+v", checks, r)
	}
}

func (f *fixture) wantRefused(t *testing.T, checks ...limit.Check) {
	t.Helper()
	if r := f.take(t, checks...); r.Allowed {
		t.Fatalf("%+v was allowed: %+v", checks, r)
	}
}
