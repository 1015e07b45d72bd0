package cache_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
)

// ledger is some owners' data.
type ledger struct {
	generations map[string]string
	computed    int
	err         error
}

func (l *ledger) generation(_ context.Context, owner string) (string, error) {
	return l.generations[owner], l.err
}

func (l *ledger) compute(owner string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) {
		l.computed++
		return fmt.Appendf(nil, "%s at %s", owner, l.generations[owner]), l.err
	}
}

func newSummaries(c cache.Cache, l *ledger) *cache.Summaries {
	return &cache.Summaries{Cache: c, Name: "test", Life: 2 * time.Minute, Generation: l.generation}
}

func wantSummary(t *testing.T, s *cache.Summaries, l *ledger, owner string, computed int) {
	t.Helper()
	got, err := s.Get(t.Context(), owner, l.compute(owner))
	if want := owner + " at " + l.generations[owner]; err != nil || string(got) != want || l.computed != computed {
		t.Errorf("got %q, %v after %d computations; want %q after %d", got, err, l.computed, want, computed)
	}
}

func TestASummaryIsComputedOncePerGeneration(t *testing.T) {
	clock := clockwork.NewFakeClock()
	l := &ledger{generations: map[string]string{"ann": "1", "bob": "1"}}
	s := newSummaries(cache.NewMemory(100, clock), l)
	wantSummary(t, s, l, "ann", 1)
	wantSummary(t, s, l, "ann", 1)
	wantSummary(t, s, l, "bob", 2)
	l.generations["ann"] = "2"
	wantSummary(t, s, l, "ann", 3)
	wantSummary(t, s, l, "bob", 3)
	clock.Advance(2 * time.Minute)
	wantSummary(t, s, l, "bob", 4)
}

func TestSummariesOfDifferentNamesAndOwnersDoNotMix(t *testing.T) {
	c := cache.NewMemory(100, clockwork.NewFakeClock())
	l := &ledger{generations: map[string]string{"ann": "x:1", "ann:x": "1", "": "1"}}
	s := newSummaries(c, l)
	wantSummary(t, s, l, "ann", 1)
	wantSummary(t, s, l, "ann:x", 2)
	wantSummary(t, s, l, "", 3)
	another := newSummaries(c, l)
	another.Name = "another"
	wantSummary(t, another, l, "ann", 4)
}

func TestAWriteDuringTheComputationIsNotMissed(t *testing.T) {
	l := &ledger{generations: map[string]string{"ann": "1"}}
	s := newSummaries(cache.NewMemory(100, clockwork.NewFakeClock()), l)
	got, err := s.Get(t.Context(), "ann", func(ctx context.Context) ([]byte, error) {
		value, err := l.compute("ann")(ctx)
		l.generations["ann"] = "2"
		return value, err
	})
	if err != nil || string(got) != "ann at 1" {
		t.Fatalf("got %q, %v", got, err)
	}
	wantSummary(t, s, l, "ann", 2)
}

func TestWithoutAGenerationThereIsNoSummary(t *testing.T) {
	l := &ledger{generations: map[string]string{"ann": "1"}}
	s := newSummaries(cache.NewMemory(100, clockwork.NewFakeClock()), l)
	wantSummary(t, s, l, "ann", 1)
	l.err = errors.New("the database is away")
	if got, err := s.Get(t.Context(), "ann", l.compute("ann")); !errors.Is(err, l.err) || got != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAFailedComputationIsNotKept(t *testing.T) {
	l := &ledger{generations: map[string]string{"ann": "1"}}
	s := newSummaries(cache.NewMemory(100, clockwork.NewFakeClock()), l)
	broken := errors.New("broken")
	if _, err := s.Get(t.Context(), "ann", func(context.Context) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	wantSummary(t, s, l, "ann", 1)
}

// The cache forgets some values and does not take others, and no reader ever sees it.
func TestNoFaultOfTheCacheShowsInASummary(t *testing.T) {
	l := &ledger{generations: map[string]string{"ann": "0"}}
	inner := cache.NewMemory(100, clockwork.NewFakeClock())
	s := newSummaries(&faulty{Memory: inner}, l)
	for i := range 1000 {
		if i%3 == 0 {
			l.generations["ann"] = fmt.Sprint(i)
		}
		if got, err := s.Get(t.Context(), "ann", l.compute("ann")); err != nil || string(got) != "ann at "+l.generations["ann"] {
			t.Fatalf("read %d: %q, %v", i, got, err)
		}
	}
	if l.computed < 400 || l.computed > 900 {
		t.Errorf("%d computations: the faults were not what this tests", l.computed)
	}
}

// faulty does not do every fifth thing it is told.
type faulty struct {
	*cache.Memory
	calls int
}

func (f *faulty) away() bool {
	f.calls++
	return f.calls%5 == 0
}

func (f *faulty) Get(ctx context.Context, key string) ([]byte, bool) {
	if f.away() {
		return nil, false
	}
	return f.Memory.Get(ctx, key)
}

func (f *faulty) Set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if !f.away() {
		f.Memory.Set(ctx, key, value, ttl)
	}
}
