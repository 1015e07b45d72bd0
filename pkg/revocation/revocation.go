// Package revocation knows what has been revoked before its time: single access
// tokens, sessions, everything a subject got before a moment, signing keys. It is
// asked once on every authenticated call.
//
// A store answers only after Restore has put back what auth's database holds:
// until then nothing can be said about a token, and saying "not revoked" would
// bring a revoked one back to life after a restart.
package revocation

import (
	"context"
	"fmt"
	"time"

	"github.com/inframind/inframind/pkg/errs"
)

// Kind is what an entry revokes.
type Kind int

// The kinds of entries.
const (
	Token   Kind = iota + 1 // one access token; the ID is the hex SHA-256 of the raw token
	Session                 // all tokens of a session; the ID is their sid
	Subject                 // a subject's tokens issued before Before; the ID is their sub
	Key                     // all tokens signed by a key; the ID is its kid
)

// Entry revokes something until ExpiresAt, when the last token it concerns has
// expired by itself.
type Entry struct {
	Kind      Kind
	ID        string
	Before    time.Time // for Subject: tokens issued at or after it stay good
	ExpiresAt time.Time // the zero time: never
}

// Query is what a token says about itself. An empty field is not asked for.
type Query struct {
	TokenHash, SessionID, Subject, KeyID string

	IssuedAt time.Time
}

// Store keeps the entries. All its methods may be called at the same time.
type Store interface {
	// Revoke adds entries. One that is there already is kept for the longer of the
	// two times, and a subject's later Before wins.
	Revoke(ctx context.Context, entries ...Entry) error

	// Revoked says whether any entry concerns the token. It is errs.KindUnavailable
	// until Restore has succeeded, and whenever the store cannot be asked.
	Revoked(ctx context.Context, q Query) (bool, error)

	// Restore adds what load returns, as Revoke does, and lets the store answer from
	// then on. The store calls load itself, so that it knows what happened to it
	// meanwhile: see Redis.
	Restore(ctx context.Context, load Load) error
}

// Load returns every entry that was durable elsewhere when it was called and has not
// expired. Whoever revokes makes an entry durable first and calls Revoke then. A nil
// Load has none.
type Load func(ctx context.Context) ([]Entry, error)

func (l Load) entries(ctx context.Context) ([]Entry, error) {
	if l == nil {
		return nil, nil
	}
	entries, err := l(ctx)
	if err != nil {
		return nil, err
	}
	return entries, validate(entries)
}

func validate(entries []Entry) error {
	for _, e := range entries {
		if err := e.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// unavailable is the answer of a store that cannot tell.
func unavailable() *errs.Error {
	return errs.Unavailable("REVOCATIONS_UNAVAILABLE", "it cannot be checked now whether the token was revoked", time.Second)
}

// Validate says what is wrong with an entry that no store could keep.
func (e Entry) Validate() error {
	switch {
	case e.Kind < Token || e.Kind > Key:
		return fmt.Errorf("revocation: unknown kind %d", e.Kind)
	case e.ID == "":
		return fmt.Errorf("revocation: an entry of kind %d without an ID", e.Kind)
	case e.Kind == Subject && e.Before.IsZero():
		return fmt.Errorf("revocation: subject %q without a moment", e.ID)
	}
	return nil
}
