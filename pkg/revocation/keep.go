package revocation

import (
	"context"
	"log/slog"
	"time"

	"github.com/jonboulle/clockwork"
)

// keepEvery is how long a loss can go unnoticed when nothing is looked up, and the
// pause after a failed restore.
const keepEvery = time.Second

// keepWithin bounds one attempt, so that a database that hangs is asked again.
const keepWithin = 30 * time.Second

// losable is a store that can lose what it holds while the process goes on.
type losable interface {
	Store
	Restored(ctx context.Context) (bool, error)
	Lost() <-chan struct{}
}

// Keep restores the store whenever it does not hold everything any more, until the
// context ends: at once when a call of this process noticed it, else within a second.
// The process that owns what is durable runs it; load is as for Restore. For a store
// that cannot lose anything it has nothing to do and returns.
func Keep(ctx context.Context, store Store, load Load, clock clockwork.Clock, log *slog.Logger) error {
	s, ok := store.(losable)
	if !ok {
		return nil
	}
	k := keeper{store: s, load: load, log: log}
	ticker := clock.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		lost := s.Lost()
		if k.failing {
			lost = nil // every look-up reports it: the tick is soon enough
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.Chan():
		case <-lost:
		}
		k.check(ctx)
	}
}

type keeper struct {
	store   losable
	load    Load
	log     *slog.Logger
	failing bool // the last attempt was in vain, which has been logged
}

func (k *keeper) check(ctx context.Context) {
	err := k.restore(ctx)
	if err != nil && !k.failing && ctx.Err() == nil {
		k.log.ErrorContext(ctx, "the revocations cannot be put back; trying on", "err", err)
	}
	k.failing = err != nil
}

func (k *keeper) restore(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepWithin)
	defer cancel()
	if restored, err := k.store.Restored(ctx); restored || err != nil {
		return err
	}
	if err := k.store.Restore(ctx, k.load); err != nil {
		return err
	}
	k.log.InfoContext(ctx, "the revocations were put back")
	return nil
}
