package token

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Issuer is the iss and the aud of every access token: auth issues them for the
// platform's own services.
const Issuer = "inframind"

// RoleAdmin is the role that ACCESS_ADMIN asks for.
const RoleAdmin = "admin"

// Claims is what a verified access token says.
type Claims struct {
	Subject   string // the account's ID, which owns all that the person makes
	SessionID string // sid
	KeyID     string // kid of the key that signed it
	Roles     []string
	Scopes    []string  // nil: a session's own token, which has every scope; empty: none at all
	IssuedAt  time.Time // to the microsecond, so that it can be held against a revocation's moment
	ExpiresAt time.Time
	ProvedAt  time.Time // auth_time: when the person last proved presence; zero: not stated
	Hash      string    // SHA-256 of the raw token in lower-case hexadecimal; Sign ignores it
}

// HasRole says whether the token has the role.
func (c Claims) HasRole(role string) bool { return slices.Contains(c.Roles, role) }

// Allows says whether the token has the scope; "" is no scope and always allowed.
func (c Claims) Allows(scope string) bool {
	return scope == "" || c.Scopes == nil || slices.Contains(c.Scopes, scope)
}

// Sign makes the token that Verify reads as c. Only auth has a key to do it with.
func Sign(c Claims, key ed25519.PrivateKey) (string, error) {
	w := wire{
		Issuer:    Issuer,
		Audience:  jwt.ClaimStrings{Issuer},
		Subject:   c.Subject,
		SessionID: c.SessionID,
		Roles:     c.Roles,
		IssuedAt:  &moment{c.IssuedAt},
		ExpiresAt: &moment{c.ExpiresAt},
	}
	if c.Scopes != nil {
		scope := strings.Join(c.Scopes, " ")
		w.Scope = &scope
	}
	if !c.ProvedAt.IsZero() {
		w.ProvedAt = &moment{c.ProvedAt}
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &w)
	t.Header["kid"] = c.KeyID
	return t.SignedString(key)
}

// wire is the payload of a token. It has its own type of time because the library's
// reads whole seconds only.
type wire struct {
	Issuer    string           `json:"iss"`
	Audience  jwt.ClaimStrings `json:"aud"`
	Subject   string           `json:"sub"`
	SessionID string           `json:"sid"`
	Roles     []string         `json:"roles,omitempty"`
	Scope     *string          `json:"scope,omitempty"` // names with a space between; absent: every scope
	IssuedAt  *moment          `json:"iat"`
	ExpiresAt *moment          `json:"exp"`
	ProvedAt  *moment          `json:"auth_time,omitempty"`
}

func (w *wire) claims() Claims {
	c := Claims{
		Subject:   w.Subject,
		SessionID: w.SessionID,
		Roles:     w.Roles,
		IssuedAt:  w.IssuedAt.Time,
		ExpiresAt: w.ExpiresAt.Time,
	}
	if w.Scope != nil {
		c.Scopes = strings.Fields(*w.Scope)
		if c.Scopes == nil {
			c.Scopes = []string{}
		}
	}
	if w.ProvedAt != nil {
		c.ProvedAt = w.ProvedAt.Time
	}
	return c
}

// The methods of jwt.Claims; the library checks exp, iss and aud by them.

// GetExpirationTime is exp.
func (w *wire) GetExpirationTime() (*jwt.NumericDate, error) { return w.ExpiresAt.date(), nil }

// GetIssuedAt is iat.
func (w *wire) GetIssuedAt() (*jwt.NumericDate, error) { return w.IssuedAt.date(), nil }

// GetNotBefore is nil: the tokens have no nbf.
func (w *wire) GetNotBefore() (*jwt.NumericDate, error) { return nil, nil }

// GetIssuer is iss.
func (w *wire) GetIssuer() (string, error) { return w.Issuer, nil }

// GetSubject is sub.
func (w *wire) GetSubject() (string, error) { return w.Subject, nil }

// GetAudience is aud.
func (w *wire) GetAudience() (jwt.ClaimStrings, error) { return w.Audience, nil }

// moment is a NumericDate of RFC 7519 with six decimals.
type moment struct{ time.Time }

func (m *moment) date() *jwt.NumericDate {
	if m == nil {
		return nil
	}
	return &jwt.NumericDate{Time: m.Time}
}

// MarshalJSON writes seconds since 1970.
func (m moment) MarshalJSON() ([]byte, error) {
	us := m.UnixMicro()
	if us < 0 {
		return nil, fmt.Errorf("%v is before 1970", m.Time)
	}
	return fmt.Appendf(nil, "%d.%06d", us/1e6, us%1e6), nil
}

// maxSeconds keeps a moment within the years that time.Time prints and compares
// without overflow: up to the year 9999.
const maxSeconds = 253402300799

// UnmarshalJSON reads what MarshalJSON writes, and whole seconds.
func (m *moment) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	if seconds < 0 || seconds > maxSeconds {
		return errors.New("a time is out of range")
	}
	// A float64 holds microseconds exactly enough until the year 2255.
	m.Time = time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC()
	return nil
}
