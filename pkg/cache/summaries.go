package cache

import (
	"context"
	"fmt"
	"time"
)

// Summaries keeps what is computed from an owner's data, so that a read after a write
// is never older than the write.
//
// Each owner has a generation, and a summary is kept under its owner's. The generation
// is not in the cache. It is in the database, with the data: whoever writes changes
// it, in the same transaction or, where there is none, after the data and before the
// write is acknowledged; a change that fails then fails the write. Nothing else would
// do. A cache may be away while somebody writes, and be back, with the old summary,
// before the same person reads; it may restart from a snapshot of a minute ago; and a
// write that is told only to the cache must then either fail or be missed.
//
// The order in Get is the argument. The generation is read before the data. So what
// is kept under a generation was computed from data at least as new as the write that
// made it. Let a write be acknowledged: the generation was changed by then. A read
// that begins later reads that generation or a later one, and so finds, or computes,
// data that include the write.
//
// It costs a point read per Get, whatever the cache does. A generation must not come
// twice for one owner within the life of a summary: a counter, or the newest version.
type Summaries struct {
	Cache      Cache
	Name       string // of what is computed; with owner and generation it is the key
	Life       time.Duration
	Generation func(ctx context.Context, owner string) (string, error)
}

// Get returns the owner's summary: from the cache, or what compute returns, which is
// then kept. An error is Generation's or compute's.
func (s *Summaries) Get(ctx context.Context, owner string, compute func(ctx context.Context) ([]byte, error)) ([]byte, error) {
	generation, err := s.Generation(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("generation of the %s: %w", s.Name, err)
	}
	// Quoted, so that no owner's name can end in another's generation.
	key := fmt.Sprintf("%s:%q:%s", s.Name, owner, generation)
	if value, ok := s.Cache.Get(ctx, key); ok {
		return value, nil
	}
	value, err := compute(ctx)
	if err != nil {
		return nil, err
	}
	s.Cache.Set(ctx, key, value, s.Life)
	return value, nil
}
