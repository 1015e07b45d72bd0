package cache_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
)

type tally struct{ Total int64 }

// counter is an owner's count, which each write moves.
type counter struct {
	generation, total, computed int64
	err                         error
}

func (c *counter) typed(kept cache.Cache) *cache.Typed[tally] {
	return &cache.Typed[tally]{
		Cache: kept, Name: "tally", Life: time.Minute,
		Generation: func(context.Context, string) (int64, error) { return c.generation, nil },
		Compute: func(context.Context, string) (tally, error) {
			c.computed++
			return tally{Total: c.total}, c.err
		},
	}
}

func (c *counter) want(t *testing.T, from *cache.Typed[tally], generation string, computed int64) {
	t.Helper()
	got, at, err := from.Get(t.Context(), "ann")
	if err != nil || got.Total != c.total || at != generation || c.computed != computed {
		t.Errorf("got %+v at %q, %v after %d computations; want %d at %q after %d", got, at, err, c.computed, c.total, generation, computed)
	}
}

func TestATypedSummaryComesBackAsItWasWithItsGeneration(t *testing.T) {
	c := &counter{generation: 7, total: 1<<53 + 1}
	from := c.typed(cache.NewMemory(10, clockwork.NewFakeClock()))
	c.want(t, from, "7", 1)
	c.want(t, from, "7", 1)
	c.generation, c.total = 8, 3
	c.want(t, from, "8", 2)
}

func TestWhatIsNoSummaryInTheCacheIsComputedAgain(t *testing.T) {
	c := &counter{generation: 7, total: 5}
	kept := cache.NewMemory(10, clockwork.NewFakeClock())
	kept.Set(t.Context(), `tally:"ann":7`, []byte("{"), time.Minute)
	c.want(t, c.typed(kept), "7", 1)
}

func TestATypedSummaryThatCannotBeComputedIsAnError(t *testing.T) {
	c := &counter{err: errors.New("broken")}
	kept := cache.NewMemory(10, clockwork.NewFakeClock())
	for range 2 {
		if got, at, err := c.typed(kept).Get(t.Context(), "ann"); !errors.Is(err, c.err) || at != "" {
			t.Errorf("got %+v at %q, %v", got, at, err)
		}
		kept.Set(t.Context(), `tally:"ann":0`, []byte("{"), time.Minute)
	}
}

func TestWhatIsOfEverybodyIsComputedOnceInItsLife(t *testing.T) {
	clock := clockwork.NewFakeClock()
	c := &counter{}
	from := c.typed(cache.NewMemory(10, clock))
	from.Generation = cache.Ungenerated
	for want := range int64(3) {
		for range 2 {
			if _, _, err := from.Get(t.Context(), cache.Everybody); err != nil || c.computed != want+1 {
				t.Errorf("%v, %d computations, want %d", err, c.computed, want+1)
			}
		}
		clock.Advance(time.Minute)
	}
}
