package limit

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// overflowSlots is how many counters the keys share that find no room of their own.
const overflowSlots = 1024

// Memory is the Limiter of a single process.
//
// Counters live in one pair of maps for each length of window, this fixed window's
// and the one before; when a window is over, its map becomes the one before and
// the older is dropped whole. So the expired leave first, without a search.
//
// When maxKeys live counters are there, none of them is thrown out: whoever could
// bring many new keys would reset everybody's counters, their own first. A new key
// is counted in one of a fixed number of shared counters instead, which can only
// refuse too early, never too late. Keys are spread over them by a hash with a
// random seed, so nobody can aim at another key. A key that finds room later
// starts from the shared count, for the same reason.
type Memory struct {
	clock   clockwork.Clock
	maxKeys int
	seed    maphash.Seed

	mu    sync.Mutex
	rings map[time.Duration]*ring
}

// NewMemory returns a limiter that holds at most maxKeys counters of their own.
// A key that was active in both fixed windows takes two.
func NewMemory(clock clockwork.Clock, maxKeys int) *Memory {
	return &Memory{clock: clock, maxKeys: maxKeys, seed: maphash.MakeSeed(), rings: map[time.Duration]*ring{}}
}

// Take implements Limiter.
func (m *Memory) Take(_ context.Context, checks ...Check) (Result, error) {
	for _, c := range checks {
		if err := c.Validate(); err != nil {
			return Result{}, err
		}
	}
	now := m.clock.Now().UnixMilli()
	m.mu.Lock()
	defer m.mu.Unlock()

	tightest := Result{Allowed: true}
	for i, c := range checks {
		u := m.usage(c, now)
		if r := u.result(c, u.fits(int64(c.Requests))); i == 0 || r.tighter(tightest) {
			tightest = r
		}
	}
	if !tightest.Allowed || len(checks) == 0 {
		return tightest, nil
	}
	for i, c := range checks {
		if counterOf(checks[:i], c) < 0 {
			m.count(c, now)
		}
	}
	for i, c := range checks {
		if r := m.usage(c, now).result(c, true); i == 0 || r.tighter(tightest) {
			tightest = r
		}
	}
	return tightest, nil
}

// counterOf is the first of the checks that counts in the same counter as c; -1 if
// none does.
func counterOf(checks []Check, c Check) int {
	return slices.IndexFunc(checks, func(other Check) bool { return other.Key == c.Key && other.Window == c.Window })
}

func (m *Memory) usage(c Check, now int64) usage {
	r, ok := m.rings[c.Window]
	if !ok {
		return usage{window: c.Window.Milliseconds()}
	}
	elapsed := r.turn(now)
	slot := m.slot(c.Key)
	return usage{
		previous: r.previous.count(c.Key, slot),
		current:  r.current.count(c.Key, slot),
		elapsed:  elapsed,
		window:   r.window,
	}
}

func (m *Memory) count(c Check, now int64) {
	r, ok := m.rings[c.Window]
	if !ok {
		r = &ring{window: c.Window.Milliseconds(), index: now / c.Window.Milliseconds()}
		m.rings[c.Window] = r
	}
	slot := m.slot(c.Key)
	if _, own := r.current.own[c.Key]; own || m.room(now) {
		r.current.add(c.Key, slot)
	} else {
		r.current.share(slot)
	}
}

// room says whether one more counter may be held. Only when it looks as if not are
// the rings of other windows turned, to let their expired counters go.
func (m *Memory) room(now int64) bool {
	if m.held() < m.maxKeys {
		return true
	}
	for _, r := range m.rings {
		r.turn(now)
	}
	return m.held() < m.maxKeys
}

func (m *Memory) held() int {
	n := 0
	for _, r := range m.rings {
		n += len(r.previous.own) + len(r.current.own)
	}
	return n
}

// Len is how many counters of their own are held.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held()
}

func (m *Memory) slot(key string) int {
	return int(maphash.String(m.seed, key) % overflowSlots)
}

// ring is the two fixed windows of one length.
type ring struct {
	window            int64 // milliseconds
	index             int64 // number of the current window since 1970
	previous, current counters
}

// turn moves on to the window of now and returns how far that has come. A clock
// that steps back finds the current window at its beginning: nothing is forgotten.
func (r *ring) turn(now int64) (elapsed int64) {
	index := now / r.window
	switch {
	case index < r.index:
		return 0
	case index == r.index+1:
		r.previous, r.current = r.current, counters{}
	case index > r.index+1:
		r.previous, r.current = counters{}, counters{}
	}
	r.index = index
	return now % r.window
}

// counters is the requests of one fixed window.
type counters struct {
	own    map[string]int64
	shared *[overflowSlots]int64 // nil until a key finds no room
}

func (c *counters) count(key string, slot int) int64 {
	if n, ok := c.own[key]; ok {
		return n
	}
	if c.shared != nil {
		return c.shared[slot]
	}
	return 0
}

func (c *counters) add(key string, slot int) {
	if c.own == nil {
		c.own = map[string]int64{}
	}
	c.own[key] = c.count(key, slot) + 1
}

func (c *counters) share(slot int) {
	if c.shared == nil {
		c.shared = new([overflowSlots]int64)
	}
	c.shared[slot]++
}
