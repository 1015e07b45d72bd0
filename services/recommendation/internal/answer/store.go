package answer

import "context"

// Store keeps sets. Each method is told the owner and never reads or writes
// another's. Errors are those of pkg/errs: KindNotFound for what is not there,
// KindUnavailable when the storage is away.
type Store interface {
	// Insert keeps s. When the owner has a set of that ID already, Insert
	// changes nothing and returns that one: of any number of inserts of one ID
	// at the same time all return the same set.
	Insert(ctx context.Context, s Set) (Set, error)
	// Set returns one set with its content.
	Set(ctx context.Context, owner, id string) (Set, error)
	// List returns at most limit sets of one assessment that come after the
	// cursor, newest first and by falling ID within the same microsecond,
	// without their content.
	List(ctx context.Context, owner, assessmentID string, after Cursor, limit int) ([]Set, error)
}
