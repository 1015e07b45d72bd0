package assessment

import (
	"context"
)

// Store keeps assessments, each with its owner. What is another owner's does
// not exist: every method answers errs.NotFound for it.
type Store interface {
	// Insert keeps a new assessment at its first revision. If its ID is taken,
	// by one that is there or by one that was deleted, nothing is written and
	// the answer says what stands in the way; else the answer is nil.
	//
	// Only an assessment with a digest leaves a trace of its ID when it is
	// deleted: without one the ID was random and does not come again.
	Insert(ctx context.Context, owner string, a Assessment, digest string) (*Taken, error)

	// Assessment returns the latest revision.
	Assessment(ctx context.Context, owner, id string) (Assessment, error)

	// Revision returns one revision, as it was when it was last written.
	Revision(ctx context.Context, owner, id string, revision int32) (Assessment, error)

	// List returns a page, newest first, and whether more follow. The order is
	// that of creation, so that writes move nothing between pages.
	List(ctx context.Context, owner string, q Query) (Page, error)

	// Replace puts a in the place of the version before it (a.Version−1) if
	// that is still the latest, else it answers errs.Stale. If a is another
	// revision, the one before stays readable.
	Replace(ctx context.Context, owner string, a Assessment) error

	// Delete removes an assessment and all its revisions if version is still
	// the latest, else it answers errs.Stale. AnyVersion deletes whatever is
	// there.
	Delete(ctx context.Context, owner, id string, version int64) error

	// Generation is a number that every write of the owner moves up, together
	// with what it writes: whoever reads the number and then the data never has
	// older data than the number says. It is 0 before the owner's first write
	// and does not come twice.
	Generation(ctx context.Context, owner string) (int64, error)

	// Summary counts the owner's assessments, in the database.
	Summary(ctx context.Context, owner string) (Summary, error)

	// SummaryOfAll counts everybody's.
	SummaryOfAll(ctx context.Context) (Summary, error)
}

// AnyVersion is for a deletion that does not mind what was written before it.
const AnyVersion int64 = 0

// Taken is what stands in the way of a new assessment.
type Taken struct {
	// Deleted says that there was an assessment of this ID; nothing else is
	// known about it then.
	Deleted bool
	// Assessment is what is there now.
	Assessment Assessment
	// Digest is that of the request which made it.
	Digest string
}

// Query asks for a page of a list.
type Query struct {
	Status Status // empty: all
	After  Cursor // the zero Cursor: from the newest on
	Limit  int    // at most so many assessments
	// Bytes stops a page early, once it holds so much; at least one assessment
	// is on it nevertheless.
	Bytes int
}

// Page is a part of a list.
type Page struct {
	Assessments []Assessment
	More        bool
}
