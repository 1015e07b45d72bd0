package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/inframind/inframind/pkg/errs"
)

// Fault turns what the driver says into a typed error whose text is safe to show.
//
// Not touched are: nil, an error that is typed already, the end of a context,
// sql.ErrNoRows and a broken constraint. The last two are answers, which the store
// must translate; one that it does not expect is a bug and not a database that is
// away.
func Fault(err error) error {
	var typed *errs.Error
	switch {
	case err == nil,
		errors.As(err, &typed),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, sql.ErrNoRows),
		primaryCode(err) == lib.SQLITE_CONSTRAINT:
		return err
	}
	return errs.Unavailable("STORAGE_UNAVAILABLE", "the storage cannot be used now", time.Second).Wrap(err)
}

// IsUnique says whether err is of a row whose key or unique column is taken.
func IsUnique(err error) bool {
	switch code(err) {
	case lib.SQLITE_CONSTRAINT_UNIQUE, lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return true
	default:
		return false
	}
}

// code is the driver's extended result code in err; 0 when there is none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// primaryCode is the low byte of the extended code: what kind of thing went wrong.
func primaryCode(err error) int { return code(err) & 0xff }
