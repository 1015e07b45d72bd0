package session

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/token"
	"github.com/inframind/inframind/services/auth/internal/account"
)

// Store keeps sessions, the hashes of all their refresh tokens, and what has been
// revoked. Each method is one step: all of it is done, or nothing. Those that add
// something also drop a bounded number of what has expired by then, so that what
// has been does not pile up.
type Store interface {
	// OpenSession keeps a new session.
	OpenSession(ctx context.Context, s Session) error

	// SessionByRefreshToken finds the session that has, or had, a refresh token, else
	// it is errs.KindNotFound.
	SessionByRefreshToken(ctx context.Context, h TokenHash) (Session, error)

	// RotateRefreshToken makes next.Current and next.ExpireTime the session's,
	// provided that its current token is still the used one and it has not been
	// ended; it says whether that was so. Of several callers with one token, one is
	// told true.
	RotateRefreshToken(ctx context.Context, used TokenHash, next Session, at time.Time) (bool, error)

	// EndSession ends a session and keeps revocations. A session that has ended, or
	// is gone, stays so, and the revocations are kept all the same.
	EndSession(ctx context.Context, id string, at time.Time, rs []revocation.Entry) error

	// Revocations are those that have not expired.
	Revocations(ctx context.Context, now time.Time) ([]revocation.Entry, error)
}

// Accounts looks up whom a session is of.
type Accounts interface {
	// Account finds an account, else it is errs.KindNotFound.
	Account(ctx context.Context, id string) (account.Account, error)
}

// Signer has the key that signs access tokens.
type Signer interface {
	// SigningKey is the key that signs now.
	SigningKey(ctx context.Context) (id string, private ed25519.PrivateKey)
}

// Deps is what sessions work with.
type Deps struct {
	Store       Store
	Accounts    Accounts
	Signer      Signer
	Revocations revocation.Store
	Clock       clockwork.Clock
	Random      io.Reader
	NewID       func(prefix string) string // a random ID of the form prefix_…
}

// Sessions opens, refreshes and ends sessions.
type Sessions struct{ d Deps }

// New returns sessions.
func New(d Deps) *Sessions { return &Sessions{d} }

// Restore puts back what the store holds of revocations, so that no restart brings
// a revoked token back to life.
func (s *Sessions) Restore(ctx context.Context) error {
	load := func(ctx context.Context) ([]revocation.Entry, error) {
		return s.d.Store.Revocations(ctx, clock.Now(s.d.Clock))
	}
	if err := s.d.Revocations.Restore(ctx, load); err != nil {
		return fmt.Errorf("restore revocations: %w", err)
	}
	return nil
}

// Open signs in: it opens a session for an account.
func (s *Sessions) Open(ctx context.Context, a account.Account) (Tokens, error) {
	now := clock.Now(s.d.Clock)
	opened := Session{ID: s.d.NewID("ses"), AccountID: a.ID, CreateTime: now}
	tokens, err := s.issue(ctx, &opened, a, now)
	if err != nil {
		return Tokens{}, err
	}
	if err := s.d.Store.OpenSession(ctx, opened); err != nil {
		return Tokens{}, err
	}
	return tokens, nil
}

// Rotate exchanges a refresh token for the session's next tokens. A token that has
// been used ends the session.
func (s *Sessions) Rotate(ctx context.Context, raw string) (Tokens, error) {
	used, ok := hashRefreshToken(raw)
	if !ok {
		return Tokens{}, invalidRefreshToken()
	}
	found, err := s.d.Store.SessionByRefreshToken(ctx, used)
	if errs.Is(err, errs.KindNotFound) {
		return Tokens{}, invalidRefreshToken()
	}
	if err != nil {
		return Tokens{}, err
	}
	now := clock.Now(s.d.Clock)
	switch {
	case !found.EndTime.IsZero():
		return Tokens{}, s.ended(ctx, found, now)
	case !now.Before(found.ExpireTime):
		return Tokens{}, invalidRefreshToken()
	case found.Current != used:
		return Tokens{}, s.reused(ctx, found.ID, now)
	}
	of, err := s.d.Accounts.Account(ctx, found.AccountID)
	if errs.Is(err, errs.KindNotFound) {
		return Tokens{}, invalidRefreshToken()
	}
	if err != nil {
		return Tokens{}, err
	}
	// All that can fail comes before the exchange: after it the client's token is
	// used up, and without an answer the session would be lost.
	next := found
	tokens, err := s.issue(ctx, &next, of, now)
	if err != nil {
		return Tokens{}, err
	}
	won, err := s.d.Store.RotateRefreshToken(ctx, used, next, now)
	if err != nil {
		return Tokens{}, err
	}
	if !won { // somebody used it, or ended the session, since it was looked up
		return Tokens{}, s.reused(ctx, found.ID, now)
	}
	return tokens, nil
}

// End signs out: no token of the session is good any more, here and everywhere,
// and neither is the one it was asked with. It may be repeated.
func (s *Sessions) End(ctx context.Context, t AccessToken) error {
	now := clock.Now(s.d.Clock)
	return s.end(ctx, t.SessionID, now, revocation.Entry{Kind: revocation.Token, ID: t.Hash, ExpiresAt: t.ExpiresAt})
}

// reused ends a session whose refresh token has been used twice.
func (s *Sessions) reused(ctx context.Context, id string, now time.Time) error {
	if err := s.end(ctx, id, now); err != nil {
		return err
	}
	return invalidRefreshToken()
}

// ended turns down a token of a session that has ended. The end is in the store,
// yet making it known may have failed then.
func (s *Sessions) ended(ctx context.Context, of Session, now time.Time) error {
	if known := sessionRevocation(of.ID, of.EndTime); now.Before(known.ExpiresAt) {
		if err := s.revoke(ctx, known); err != nil {
			return err
		}
	}
	return invalidRefreshToken()
}

// end makes the end of a session durable first, and then known: the other way round
// a crash in between would leave it known only to whoever forgets it at the next
// restart.
func (s *Sessions) end(ctx context.Context, id string, now time.Time, more ...revocation.Entry) error {
	entries := append([]revocation.Entry{sessionRevocation(id, now)}, more...)
	if err := s.d.Store.EndSession(ctx, id, now, entries); err != nil {
		return err
	}
	return s.revoke(ctx, entries...)
}

// revokeWithin bounds the one call that goes on when its caller has gone.
const revokeWithin = 5 * time.Second

// revoke tells everyone. What is durable must also become known when the caller
// hangs up in between, so it does not end with the caller's context.
func (s *Sessions) revoke(ctx context.Context, entries ...revocation.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeWithin)
	defer cancel()
	if err := s.d.Revocations.Revoke(ctx, entries...); err != nil {
		return errs.Unavailable("REVOCATIONS_UNAVAILABLE", "the session's end could not be made known; try again", time.Second).Wrap(err)
	}
	return nil
}

// issue draws a session's next tokens and notes them in it.
func (s *Sessions) issue(ctx context.Context, of *Session, a account.Account, now time.Time) (Tokens, error) {
	refresh, hash, err := newRefreshToken(s.d.Random)
	if err != nil {
		return Tokens{}, err
	}
	of.Current, of.ExpireTime = hash, of.nextExpiry(now)

	kid, key := s.d.Signer.SigningKey(ctx)
	expiry := now.Add(AccessLife)
	access, err := token.Sign(token.Claims{
		Subject:   a.ID,
		SessionID: of.ID,
		KeyID:     kid,
		Roles:     a.Roles,
		IssuedAt:  now,
		ExpiresAt: expiry,
		ProvedAt:  of.CreateTime, // by the password
	}, key)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign an access token: %w", err)
	}
	return Tokens{Access: access, AccessExpiry: expiry, Refresh: refresh, RefreshExpiry: of.ExpireTime}, nil
}
