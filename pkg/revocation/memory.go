package revocation

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// sweep bounds how many expired entries one Revoke drops, so that the first one
// after a quiet night does not hold up every request. It is more than a call
// usually adds, so the expired ones never pile up.
const sweep = 64

// Memory is the Store of a single process. Expired entries are ignored from the
// moment they expire and dropped by later calls of Revoke; no goroutine runs.
type Memory struct {
	clock clockwork.Clock

	mu       sync.RWMutex
	entries  map[entryKey]validity
	expiries expiryHeap
	restored bool
}

type entryKey struct {
	kind Kind
	id   string
}

type validity struct {
	before    time.Time
	expiresAt time.Time // the zero time: never
}

func (v validity) over(now time.Time) bool {
	return !v.expiresAt.IsZero() && !v.expiresAt.After(now)
}

// with is what two entries for the same thing amount to.
func (v validity) with(other validity) validity {
	if other.before.After(v.before) {
		v.before = other.before
	}
	if other.expiresAt.IsZero() || (!v.expiresAt.IsZero() && other.expiresAt.After(v.expiresAt)) {
		v.expiresAt = other.expiresAt
	}
	return v
}

// NewMemory returns a store that answers once Restore was called.
func NewMemory(clock clockwork.Clock) *Memory {
	return &Memory{clock: clock, entries: map[entryKey]validity{}}
}

// Revoke implements Store.
func (m *Memory) Revoke(_ context.Context, entries ...Entry) error {
	if err := validate(entries); err != nil {
		return err
	}
	m.add(entries, false)
	return nil
}

// Restore implements Store.
func (m *Memory) Restore(ctx context.Context, load Load) error {
	entries, err := load.entries(ctx)
	if err != nil {
		return err
	}
	m.add(entries, true)
	return nil
}

func (m *Memory) add(entries []Entry, restored bool) {
	now := m.clock.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dropExpired(now, sweep+len(entries))
	for _, e := range entries {
		m.put(e, now)
	}
	m.restored = m.restored || restored
}

func (m *Memory) put(e Entry, now time.Time) {
	key := entryKey{e.Kind, e.ID}
	v := validity{before: e.Before, expiresAt: e.ExpiresAt}
	if v.over(now) {
		return
	}
	old, held := m.entries[key]
	if held && !old.over(now) {
		v = v.with(old)
	}
	m.entries[key] = v
	if !v.expiresAt.IsZero() && (!held || !v.expiresAt.Equal(old.expiresAt)) {
		heap.Push(&m.expiries, expiry{at: v.expiresAt, key: key})
	}
}

func (m *Memory) dropExpired(now time.Time, limit int) {
	for range limit {
		if len(m.expiries) == 0 || m.expiries[0].at.After(now) {
			return
		}
		gone := heap.Pop(&m.expiries).(expiry)
		// The entry may have been prolonged after this expiry was noted.
		if m.entries[gone.key].over(now) {
			delete(m.entries, gone.key)
		}
	}
}

// Revoked implements Store.
func (m *Memory) Revoked(_ context.Context, q Query) (bool, error) {
	now := m.clock.Now()
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.restored {
		return false, unavailable()
	}
	if len(m.entries) == 0 {
		return false, nil
	}
	if m.has(Token, q.TokenHash, now) || m.has(Session, q.SessionID, now) || m.has(Key, q.KeyID, now) {
		return true, nil
	}
	v, ok := m.entries[entryKey{Subject, q.Subject}]
	return ok && !v.over(now) && q.IssuedAt.Before(v.before), nil
}

func (m *Memory) has(kind Kind, id string, now time.Time) bool {
	v, ok := m.entries[entryKey{kind, id}]
	return ok && !v.over(now)
}

// Len is how many entries are held, expired ones that were not dropped yet included.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return len(m.entries)
}

// expiryHeap has the earliest expiry first.
type expiryHeap []expiry

type expiry struct {
	at  time.Time
	key entryKey
}

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h expiryHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *expiryHeap) Push(x any)        { *h = append(*h, x.(expiry)) }

func (h *expiryHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
