// Package page makes opaque page tokens that are good for one list only.
//
// A token carries the list's identity beside the cursor: a token of another
// method, owner or filter would silently skip or repeat rows, so it is refused. It
// is no capability and is not signed; a forged cursor shows nothing that the
// owner's own list would not.
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/inframind/inframind/pkg/errs"
)

// How many items a page has.
const (
	DefaultSize = 50
	MaxSize     = 200
)

// List is the identity of a list.
type List string

// identityBytes is enough that two lists do not meet by accident.
const identityBytes = 8

// Identity is of the list that a method returns to an owner under these filters.
// All that changes which items are listed, or their order, must be in it.
func Identity(method, owner string, filters ...string) List {
	h := sha256.New()
	for _, part := range append([]string{method, owner}, filters...) {
		// The length keeps ("ab", "c") and ("a", "bc") apart.
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return List(h.Sum(nil)[:identityBytes])
}

// Encode makes the token for the page after cursor; "" for an empty cursor, which
// says that there is none.
func Encode(l List, cursor string) string {
	if cursor == "" {
		return ""
	}
	return encoding.EncodeToString([]byte(string(l.of(cursor)) + cursor))
}

// of is the identity of a place in the list. It is told by the list and the cursor
// together, so that a damaged cursor does not pass for another place.
func (l List) of(cursor string) List { return Identity(string(l), cursor) }

// Decode returns the cursor in a token of this list; "" for the first page.
func Decode(l List, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	raw, err := encoding.DecodeString(token)
	// The decoder skips line breaks: only the one spelling that Encode makes is taken.
	cursor := string(raw[min(identityBytes, len(raw)):])
	if err != nil || cursor == "" || Encode(l, cursor) != token {
		return "", errs.Invalid(errs.Violation{
			Field:   "pageToken",
			Rule:    "page_token.list",
			Message: "is not a page token of this list with these filters",
		})
	}
	return cursor, nil
}

var encoding = base64.RawURLEncoding.Strict()

// Size is how many items to return when that many were asked for.
func Size(requested int32) int {
	if requested <= 0 {
		return DefaultSize
	}
	return min(int(requested), MaxSize)
}
