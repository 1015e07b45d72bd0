package answer

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Cursor is a place in a list: after the set with this time and ID. The zero
// Cursor is before the first.
type Cursor struct {
	CreateTime time.Time
	ID         string
}

// After is the place after s.
func After(s Set) Cursor { return Cursor{CreateTime: s.CreateTime, ID: s.ID} }

// String is what ParseCursor reads.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.CreateTime.UnixMicro(), 10) + "/" + c.ID
}

// ParseCursor reads what String wrote.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	micros, id, ok := strings.Cut(text, "/")
	if !ok || id == "" {
		return Cursor{}, fmt.Errorf("cursor %q: want time/id", text)
	}
	at, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return Cursor{}, fmt.Errorf("cursor %q: %w", text, err)
	}
	return Cursor{CreateTime: time.UnixMicro(at).UTC(), ID: id}, nil
}
