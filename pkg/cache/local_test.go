package cache_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/cache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAValueIsThereUntilItsOwnTimeIsOver(t *testing.T) {
	clock := clockwork.NewFakeClock()
	l := cache.NewLocal[string, int](100, clock)
	l.Set("short", 1, time.Minute)
	l.Set("long", 2, time.Hour)
	clock.Advance(time.Minute - 1)
	want(t, l, "short", 1, true)
	clock.Advance(1)
	want(t, l, "short", 0, false)
	want(t, l, "long", 2, true)
	if l.Len() != 1 {
		t.Errorf("%d values are held; the expired one was to go when it was asked for", l.Len())
	}
}

func TestALaterValueReplacesValueAndTime(t *testing.T) {
	clock := clockwork.NewFakeClock()
	l := cache.NewLocal[string, int](100, clock)
	l.Set("a", 1, time.Hour)
	l.Set("a", 2, time.Minute)
	want(t, l, "a", 2, true)
	clock.Advance(time.Minute)
	want(t, l, "a", 0, false)
	l.Set("a", 3, time.Minute)
	want(t, l, "a", 3, true)
}

func TestADeletedValueIsGone(t *testing.T) {
	l := cache.NewLocal[string, int](100, clockwork.NewFakeClock())
	l.Set("a", 1, time.Hour)
	l.Delete("a")
	l.Delete("never there")
	want(t, l, "a", 0, false)
}

func TestAValueForNoTimeIsNotKept(t *testing.T) {
	l := cache.NewLocal[string, int](100, clockwork.NewFakeClock())
	l.Set("a", 1, time.Hour)
	l.Set("a", 2, 0)
	want(t, l, "a", 0, false)
	l.Set("b", 1, -time.Second)
	want(t, l, "b", 0, false)
}

func TestTheCacheIsBounded(t *testing.T) {
	l := cache.NewLocal[int, int](100, clockwork.NewFakeClock())
	for i := range 10_000 {
		l.Set(i, i, time.Hour)
		if l.Len() > 200 {
			t.Fatalf("%d values are held after %d", l.Len(), i+1)
		}
	}
	found := 0
	for i := range 10_000 {
		if v, ok := l.Get(i); ok {
			found++
			if v != i {
				t.Fatalf("%d has the value %d", i, v)
			}
		}
	}
	if found == 0 || found > 110 {
		t.Errorf("%d values are there", found)
	}
}

func TestManyMayUseItAtTheSameTime(t *testing.T) {
	clock := clockwork.NewFakeClock()
	l := cache.NewLocal[int, int](50, clock)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2000 {
				l.Set(i%100, i%100, time.Second)
				if v, ok := l.Get(i % 100); ok && v != i%100 {
					t.Errorf("%d has the value %d", i%100, v)
				}
				if i%500 == 0 {
					clock.Advance(time.Second)
				}
			}
		})
	}
	wg.Wait()
}

func want(t *testing.T, l *cache.Local[string, int], key string, value int, there bool) {
	t.Helper()
	if v, ok := l.Get(key); v != value || ok != there {
		t.Errorf("%s: got %d, %t; want %d, %t", key, v, ok, value, there)
	}
}
