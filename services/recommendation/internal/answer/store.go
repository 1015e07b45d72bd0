package answer

import "context"

// Store keeps sets. Each method is told the owner and never reads or writes
// another's. Errors are those of pkg/errs: KindNotFound for what is not there,
// KindUnavailable when the storage is away.
type Store interface {
	// Insert keeps s. When the owner has a set of that ID already, Insert
	// changes nothing and returns that one: of any number of inserts of one ID
	// at the same time all return the same set.
	// The figures are kept for summaries and not given back.
	Insert(ctx context.Context, s Set, f Figures) (Set, error)
	// Set returns one set with its content.
	Set(ctx context.Context, owner, id string) (Set, error)
	// List returns at most limit sets of one assessment that come after the
	// cursor, newest first and by falling ID within the same microsecond,
	// without their content.
	List(ctx context.Context, owner, assessmentID string, after Cursor, limit int) ([]Set, error)
	// Generation is a number that every write of the owner moves up, together
	// with what it writes: whoever reads the number and then the data never has
	// older data than the number says. It is 0 before the owner's first write
	// and does not come twice.
	Generation(ctx context.Context, owner string) (int64, error)
	// Summary sums up the owner's sets, in the database.
	Summary(ctx context.Context, owner string) (Summary, error)
	// SummaryOfAll sums up everybody's.
	SummaryOfAll(ctx context.Context) (Summary, error)
}
