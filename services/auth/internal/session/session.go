// Package session is who is signed in: sessions with the tokens that belong to
// them, from the sign-in over each refresh to the end.
//
// A session is a family of refresh tokens, of which the newest works. When an older
// one is used again, one of two holders is not the owner, and nobody can say which:
// the session ends.
package session

import (
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
)

const (
	// AccessLife is how long an access token lives.
	AccessLife = 15 * time.Minute

	// IdleLife is how long a refresh token lives if it is not used.
	IdleLife = 7 * 24 * time.Hour

	// MaxLife is how long a session lives, however often it is refreshed.
	MaxLife = 30 * 24 * time.Hour

	// endMargin prolongs the revocation of a session beyond the life of the tokens it
	// had when it ended: a refresh that was under way may have read the clock a
	// little later, and so may another process.
	endMargin = time.Minute
)

// Session is a sign-in. Of the refresh tokens it has had only Current works.
type Session struct {
	ID         string // ses_…; the sid of its access tokens
	AccountID  string
	Current    TokenHash
	CreateTime time.Time
	ExpireTime time.Time // of Current, and so of the session if nothing is done
	EndTime    time.Time // when it was ended before that; zero: it was not
}

// nextExpiry is when a refresh token handed out now expires.
func (s Session) nextExpiry(now time.Time) time.Time {
	idle, end := now.Add(IdleLife), s.CreateTime.Add(MaxLife)
	if end.Before(idle) {
		return end
	}
	return idle
}

// Tokens is what a client holds of a session.
type Tokens struct {
	Access        string
	AccessExpiry  time.Time
	Refresh       string
	RefreshExpiry time.Time
}

// AccessToken is what a session's end must know of the access token it was asked
// with.
type AccessToken struct {
	SessionID string
	Hash      string // hex SHA-256 of the raw token
	ExpiresAt time.Time
}

// sessionRevocation concerns every access token of a session that ends now.
func sessionRevocation(id string, end time.Time) revocation.Entry {
	return revocation.Entry{Kind: revocation.Session, ID: id, ExpiresAt: end.Add(AccessLife + endMargin)}
}

func invalidRefreshToken() error {
	return errs.Unauthenticated("INVALID_REFRESH_TOKEN", "the refresh token is not valid; sign in again")
}
