package limit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/limit/limittest"
)

func TestMemory(t *testing.T) {
	limittest.Run(t, func(clock *clockwork.FakeClock) limit.Limiter { return limit.NewMemory(clock, 1000) })
}

func TestMemoryHoldsNoMoreThanMaxKeys(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := limit.NewMemory(clock, 100)
	for i := range 5000 {
		take(t, m, fmt.Sprint("key ", i), 5)
		if i%1000 == 999 {
			clock.Advance(time.Minute)
		}
		if m.Len() > 100 {
			t.Fatalf("%d counters are held after %d keys", m.Len(), i+1)
		}
	}
}

func TestMemoryCannotBeFloodedIntoForgettingACounter(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := limit.NewMemory(clock, 100)
	for range 5 {
		if !take(t, m, "victim", 5).Allowed {
			t.Fatal("refused within the limit")
		}
	}
	for i := range 10_000 {
		take(t, m, fmt.Sprint("flood ", i), 5)
	}
	if take(t, m, "victim", 5).Allowed {
		t.Error("a flood of other keys reset the counter")
	}
}

func TestMemoryCountsAKeyThatFindsNoRoom(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := limit.NewMemory(clock, 1)
	take(t, m, "first", 5)
	allowed := 0
	for range 10 {
		if take(t, m, "late", 5).Allowed {
			allowed++
		}
	}
	if allowed != 5 {
		t.Errorf("%d takes were allowed, want 5", allowed)
	}
}

func TestMemoryKeepsTheCountOfAKeyThatFindsRoomLater(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := limit.NewMemory(clock, 1)
	second := limit.Check{Key: "full", Requests: 1, Window: time.Second}
	if _, err := m.Take(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		take(t, m, "late", 5)
	}
	clock.Advance(3 * time.Second) // the only other counter has expired
	if r := take(t, m, "late", 5); !r.Allowed || r.Remaining != 1 {
		t.Errorf("the fourth take of five: %+v", r)
	}
	if m.Len() != 1 {
		t.Fatalf("%d counters are held, want the late one's own", m.Len())
	}
}

func TestMemoryGivesNewKeysTheRoomOfExpiredOnes(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := limit.NewMemory(clock, 100)
	for i := range 1000 {
		take(t, m, fmt.Sprint("old ", i), 1)
	}
	clock.Advance(2 * time.Minute)
	for i := range 100 {
		if !take(t, m, fmt.Sprint("new ", i), 1).Allowed {
			t.Fatalf("new key %d was refused its first take", i)
		}
	}
}

// The weighted windows are compared with their plain definition in fractions.
func TestMemoryIsTheWeightedSumOfTwoWindows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		requests := rapid.IntRange(1, 20).Draw(rt, "requests")
		window := time.Duration(rapid.IntRange(1, 5000).Draw(rt, "window")) * time.Millisecond
		clock := clockwork.NewFakeClockAt(time.Unix(1_700_000_000, 0))
		m := limit.NewMemory(clock, 10)
		counts := map[int64]int64{}
		for range rapid.IntRange(1, 200).Draw(rt, "takes") {
			clock.Advance(time.Duration(rapid.IntRange(0, int(window.Milliseconds())).Draw(rt, "pause")) * time.Millisecond / 4)
			now, w := clock.Now().UnixMilli(), window.Milliseconds()
			weighted := float64(counts[now/w-1])*float64(w-now%w)/float64(w) + float64(counts[now/w])
			want := weighted+1 <= float64(requests)+1e-9
			r, err := m.Take(t.Context(), limit.Check{Key: "k", Requests: requests, Window: window})
			if err != nil || r.Allowed != want {
				rt.Fatalf("allowed %t, %v with %.3f of %d used", r.Allowed, err, weighted, requests)
			}
			if r.Allowed {
				counts[now/w]++
			}
		}
	})
}

func TestUnlimitedNeverRefuses(t *testing.T) {
	l := limit.Unlimited()
	for range 100 {
		r, err := l.Take(t.Context(), limit.Check{Key: "k", Requests: 1, Window: time.Hour})
		if err != nil || !r.Allowed || r.Limit != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

func BenchmarkMemoryTake(b *testing.B) {
	m := limit.NewMemory(clockwork.NewRealClock(), 100_000)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Take(ctx, limit.Check{Key: "k", Requests: 1 << 30, Window: time.Minute}); err != nil {
				b.Error(err)
			}
		}
	})
}

func take(t *testing.T, l limit.Limiter, key string, requests int) limit.Result {
	t.Helper()
	r, err := l.Take(t.Context(), limit.Check{Key: key, Requests: requests, Window: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
