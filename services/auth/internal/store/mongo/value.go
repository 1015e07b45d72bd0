package mongo

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/services/auth/internal/session"
)

// Times are microseconds since 1970: a date of MongoDB's has only milliseconds.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// optional is 0 for a time that has not come.
func optional(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromOptional(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return instant(micros)
}

// encodeHash makes a hash a text, which every server finds by its index and every
// shell shows.
func encodeHash(h session.TokenHash) string { return hex.EncodeToString(h[:]) }

func decodeHash(text string) (session.TokenHash, error) {
	var h session.TokenHash
	raw, err := hex.DecodeString(text)
	if err != nil {
		return h, fmt.Errorf("stored hash: %w", err)
	}
	if copy(h[:], raw) < len(h) || len(raw) > len(h) {
		return session.TokenHash{}, errors.New("stored hash: it has a wrong length")
	}
	return h, nil
}

// kinds are names, so that a document says what it is and an order of constants
// elsewhere means nothing here.
var kinds = map[revocation.Kind]string{
	revocation.Token:   "token",
	revocation.Session: "session",
	revocation.Subject: "subject",
	revocation.Key:     "key",
}

func kindNamed(name string) (revocation.Kind, error) {
	for kind, n := range kinds {
		if n == name {
			return kind, nil
		}
	}
	return 0, fmt.Errorf("stored revocation of unknown kind %q", name)
}
