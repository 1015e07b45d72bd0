package cache

import (
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/maypok86/otter/v2"
)

// Local holds a bounded number of values, each for a time of its own. When it is
// full, those that are asked for least make room. Its methods may be called at the
// same time.
type Local[K comparable, V any] struct {
	clock   clockwork.Clock
	entries *otter.Cache[K, entry[V]]
}

type entry[V any] struct {
	value     V
	expiresAt time.Time
}

// NewLocal returns an empty cache for about maxEntries values.
func NewLocal[K comparable, V any](maxEntries int, clock clockwork.Clock) *Local[K, V] {
	return &Local[K, V]{
		clock: clock,
		entries: otter.Must(&otter.Options[K, entry[V]]{
			MaximumSize: max(1, maxEntries),
			// Upkeep runs in the call that makes it due: no goroutine outlives its caller.
			// Expiry is looked at here and not by otter, whose sweep would be one.
			Executor: func(fn func()) { fn() },
		}),
	}
}

// Get returns the value that was set for the key and has not expired.
func (l *Local[K, V]) Get(key K) (V, bool) {
	e, ok := l.entries.GetIfPresent(key)
	if ok && l.expired(e) {
		// Another goroutine may just have set a fresh one: only an expired one goes.
		l.entries.ComputeIfPresent(key, func(e entry[V]) (entry[V], otter.ComputeOp) {
			if l.expired(e) {
				return e, otter.InvalidateOp
			}
			return e, otter.CancelOp
		})
		ok = false
	}
	if !ok {
		var none V
		return none, false
	}
	return e.value, true
}

// Set keeps the value for ttl; none that is not positive.
func (l *Local[K, V]) Set(key K, value V, ttl time.Duration) {
	if ttl <= 0 {
		l.Delete(key)
		return
	}
	l.entries.Set(key, entry[V]{value: value, expiresAt: l.clock.Now().Add(ttl)})
}

// Delete forgets the key.
func (l *Local[K, V]) Delete(key K) { l.entries.Invalidate(key) }

// Len is about how many values are held, expired ones included.
func (l *Local[K, V]) Len() int { return l.entries.EstimatedSize() }

func (l *Local[K, V]) expired(e entry[V]) bool { return !l.clock.Now().Before(e.expiresAt) }
