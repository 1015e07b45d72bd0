package testkit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/token"
)

// KeyID is the kid of an Issuer's key.
const KeyID = "test-key"

// lifetime is that of auth's own access tokens.
const lifetime = 15 * time.Minute

// Issuer issues access tokens as auth does, with a key of its own. It is the
// token.KeySource that verifies them.
type Issuer struct {
	t     testing.TB
	clock clockwork.Clock
	key   ed25519.PrivateKey
}

// NewIssuer returns an issuer with a new key.
func NewIssuer(t testing.TB, clock clockwork.Clock) *Issuer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Issuer{t: t, clock: clock, key: key}
}

// Key implements token.KeySource.
func (i *Issuer) Key(_ context.Context, kid string) (ed25519.PublicKey, error) {
	if kid != KeyID {
		return nil, errs.NotFound("key", kid)
	}
	return i.key.Public().(ed25519.PublicKey), nil
}

// Claims are those of a session's token that starts now and lasts 15 minutes.
func (i *Issuer) Claims(subject, sid string, roles ...string) token.Claims {
	now := clock.Now(i.clock)
	return token.Claims{
		Subject:   subject,
		SessionID: sid,
		KeyID:     KeyID,
		Roles:     roles,
		IssuedAt:  now,
		ExpiresAt: now.Add(lifetime),
		ProvedAt:  now,
	}
}

// Token is a session's access token for a person.
func (i *Issuer) Token(subject, sid string, roles ...string) string {
	i.t.Helper()
	return i.Sign(i.Claims(subject, sid, roles...))
}

// Sign signs any claims: expired ones, those with scopes, those of another key's ID.
func (i *Issuer) Sign(c token.Claims) string {
	i.t.Helper()
	raw, err := token.Sign(c, i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return raw
}

// Context makes calls as a person who is signed in.
func (i *Issuer) Context(ctx context.Context, subject, sid string, roles ...string) context.Context {
	i.t.Helper()
	return WithToken(ctx, i.Token(subject, sid, roles...))
}

// WithToken makes calls with a raw token.
func WithToken(ctx context.Context, raw string) context.Context {
	return rpc.WithCaller(ctx, rpc.Caller{RawToken: raw, RequestID: "req_test"})
}
