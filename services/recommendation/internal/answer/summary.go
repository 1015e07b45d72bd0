package answer

import (
	"context"
	"time"

	"github.com/inframind/inframind/pkg/cache"
)

// Figures are what a summary takes from a set's content: those of its plan with
// one provider. They are kept beside the content, so that a database can add
// them up.
type Figures struct {
	TotalCents int64 // a month, in hundredths of a US dollar, before tax
	AtLeast    bool  // a line has no price, or a workload no line
	OverBudget bool  // of its assessment's, which has one
}

// Summary counts sets and adds up what the latest one of each assessment says. It
// is also how a summary lies in the cache.
type Summary struct {
	Sets        int64
	Assessments int64 // that have a set
	// Of the latest set of each assessment; of those of one moment, that with
	// the highest ID is the latest, which is the first of a list.
	LatestTotalCents int64
	AtLeast          bool // one of them is
	OverBudget       int64
}

// summaryLife is how old the summary of everybody's sets may be. An owner's own
// is never older than their last write.
const summaryLife = 2 * time.Minute

// summaries are those of each owner, and everybody's.
func summaries(store Store, kept cache.Cache) (own, all *cache.Typed[Summary]) {
	own = &cache.Typed[Summary]{
		Cache: kept, Name: "recommendation-summary-1", Life: summaryLife,
		Generation: store.Generation, Compute: store.Summary,
	}
	all = &cache.Typed[Summary]{
		Cache: kept, Name: "recommendation-summary-of-all-1", Life: summaryLife,
		Generation: cache.Ungenerated,
		Compute:    func(ctx context.Context, _ string) (Summary, error) { return store.SummaryOfAll(ctx) },
	}
	return own, all
}

// Summary sums up an owner's sets. The generation moves with each write of the
// owner.
func (k *Keeper) Summary(ctx context.Context, owner string) (sum Summary, generation string, err error) {
	return k.own.Get(ctx, owner)
}

// SummaryOfAll sums up everybody's sets, as they were up to two minutes ago.
func (k *Keeper) SummaryOfAll(ctx context.Context) (Summary, error) {
	sum, _, err := k.all.Get(ctx, cache.Everybody)
	return sum, err
}
