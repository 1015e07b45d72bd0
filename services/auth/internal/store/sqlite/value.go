package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/inframind/inframind/pkg/revocation"
)

// never is the expiry of what does not expire.
const never = math.MaxInt64

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// optional is the null of a time that has not come.
func optional(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func fromOptional(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return instant(us.Int64)
}

// roles is a list of names as a JSON array.
func encodeRoles(roles []string) (string, error) {
	if roles == nil {
		roles = []string{}
	}
	text, err := json.Marshal(roles)
	return string(text), err
}

func decodeRoles(text string) ([]string, error) {
	var roles []string
	if err := json.Unmarshal([]byte(text), &roles); err != nil {
		return nil, fmt.Errorf("stored roles: %w", err)
	}
	if len(roles) == 0 {
		return nil, nil
	}
	return roles, nil
}

// kinds are names, so that a row says what it is and an order of constants elsewhere
// means nothing here.
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
