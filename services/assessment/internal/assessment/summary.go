package assessment

import (
	"context"
	"time"

	"github.com/inframind/inframind/pkg/cache"
)

// Summary counts assessments by the status of their latest revision. It is also
// how a summary lies in the cache.
type Summary struct {
	Total     int64
	Drafts    int64
	Submitted int64
}

// summaryLife is how old the summary of everybody's assessments may be. An owner's
// own is never older than their last write.
const summaryLife = 2 * time.Minute

// summaries are those of each owner, and everybody's.
func summaries(store Store, kept cache.Cache) (own, all *cache.Typed[Summary]) {
	own = &cache.Typed[Summary]{
		Cache: kept, Name: "assessment-summary-1", Life: summaryLife,
		Generation: store.Generation, Compute: store.Summary,
	}
	all = &cache.Typed[Summary]{
		Cache: kept, Name: "assessment-summary-of-all-1", Life: summaryLife,
		Generation: cache.Ungenerated,
		Compute:    func(ctx context.Context, _ string) (Summary, error) { return store.SummaryOfAll(ctx) },
	}
	return own, all
}

// Summary counts an owner's assessments. The generation moves with each write of
// the owner.
func (b *Book) Summary(ctx context.Context, owner string) (sum Summary, generation string, err error) {
	return b.own.Get(ctx, owner)
}

// SummaryOfAll counts everybody's assessments, as they were up to two minutes ago.
func (b *Book) SummaryOfAll(ctx context.Context) (Summary, error) {
	sum, _, err := b.all.Get(ctx, cache.Everybody)
	return sum, err
}
