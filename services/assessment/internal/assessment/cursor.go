package assessment

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Cursor is a place in an owner's list: behind the assessment of this time of
// creation and ID.
type Cursor struct {
	Created time.Time
	ID      string
}

// CursorBehind is the place behind a.
func CursorBehind(a Assessment) Cursor { return Cursor{Created: a.Created, ID: a.ID} }

// String is the form that ParseCursor reads.
func (c Cursor) String() string {
	return strconv.FormatInt(c.Created.UnixMicro(), 10) + " " + c.ID
}

var errCursor = errors.New("not a cursor")

// ParseCursor reads what String wrote.
func ParseCursor(s string) (Cursor, error) {
	micros, id, ok := strings.Cut(s, " ")
	if !ok || id == "" {
		return Cursor{}, errCursor
	}
	n, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return Cursor{}, errCursor
	}
	return Cursor{Created: time.UnixMicro(n).UTC(), ID: id}, nil
}
