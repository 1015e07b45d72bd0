package cache

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Typed are Summaries of one type, kept as JSON. T's fields must be what JSON gives
// back as it was. A change of their meaning needs another Name: what an older program
// has kept would be read by a newer one.
type Typed[T any] struct {
	Cache      Cache
	Name       string
	Life       time.Duration
	Generation func(ctx context.Context, owner string) (int64, error)
	Compute    func(ctx context.Context, owner string) (T, error)
}

// Get returns the owner's summary and the generation that it is at least as new as.
func (t *Typed[T]) Get(ctx context.Context, owner string) (summary T, generation string, err error) {
	kept := Summaries{
		Cache: t.Cache, Name: t.Name, Life: t.Life,
		Generation: func(ctx context.Context, owner string) (string, error) {
			n, err := t.Generation(ctx, owner)
			generation = strconv.FormatInt(n, 10)
			return generation, err
		},
	}
	value, err := kept.Get(ctx, owner, func(ctx context.Context) ([]byte, error) { return t.compute(ctx, owner) })
	if err != nil {
		return summary, "", err
	}
	if json.Unmarshal(value, &summary) == nil {
		return summary, generation, nil
	}
	// Whatever lies in the cache there, it fails nobody's request.
	if summary, err = t.Compute(ctx, owner); err != nil {
		return summary, "", fmt.Errorf("%s: %w", t.Name, err)
	}
	return summary, generation, nil
}

func (t *Typed[T]) compute(ctx context.Context, owner string) ([]byte, error) {
	summary, err := t.Compute(ctx, owner)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return json.Marshal(summary)
}

// Everybody is the owner of what is summed up over all owners, and Ungenerated its
// generation: such a summary may be as old as its Life.
const Everybody = ""

// Ungenerated is the Generation of what has none.
func Ungenerated(context.Context, string) (int64, error) { return 0, nil }
