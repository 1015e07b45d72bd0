// Package token verifies access tokens. Every service and the gateway does so on
// its own, with auth's public keys, so that no hop has to trust the one before.
package token

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/errs"
)

const (
	// maxLength of a token in bytes. Ours have about 400; a longer one is refused
	// before any work is done for it.
	maxLength = 4096
	// maxVerified tokens are remembered, so that the signature (63 µs) is checked
	// once and not at every call.
	maxVerified = 10_000
	// maxSkew is how far auth's clock may run ahead of ours.
	maxSkew = 5 * time.Second
)

// KeySource finds the public key that a token names. A key that does not exist is
// errs.NotFound; keys that cannot be reached are errs.Unavailable.
type KeySource interface {
	Key(ctx context.Context, kid string) (ed25519.PublicKey, error)
}

// Verifier verifies access tokens. It does not ask whether a token was revoked.
type Verifier struct {
	keys     KeySource
	clock    clockwork.Clock
	parser   *jwt.Parser
	verified *cache.Local[[sha256.Size]byte, Claims]
}

// NewVerifier returns a verifier of tokens signed by keys.
func NewVerifier(keys KeySource, clock clockwork.Clock) *Verifier {
	return &Verifier{
		keys:  keys,
		clock: clock,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithIssuer(Issuer),
			jwt.WithAudience(Issuer),
			jwt.WithExpirationRequired(),
			jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(clock.Now),
		),
		verified: cache.NewLocal[[sha256.Size]byte, Claims](maxVerified, clock),
	}
}

// Verify reads a raw token. Its error is errs.Unauthenticated with reason
// MISSING_TOKEN, MALFORMED_TOKEN (no token of ours looks like it), EXPIRED_TOKEN or
// INVALID_TOKEN (forged, of an unknown key, or for somebody else), or what the key
// source could not help.
func (v *Verifier) Verify(ctx context.Context, raw string) (Claims, error) {
	switch {
	case raw == "":
		return Claims{}, errs.Unauthenticated("MISSING_TOKEN", "an access token is required")
	case len(raw) > maxLength || !wellFormed(raw):
		return Claims{}, malformed()
	}
	hash := sha256.Sum256([]byte(raw))
	if c, ok := v.verified.Get(hash); ok { // not after it expired
		return c, nil
	}
	c, err := v.parse(ctx, raw)
	if err != nil {
		return Claims{}, err
	}
	c.Hash = hex.EncodeToString(hash[:])
	v.verified.Set(hash, c, c.ExpiresAt.Sub(v.clock.Now()))
	return c, nil
}

func (v *Verifier) parse(ctx context.Context, raw string) (Claims, error) {
	var (
		w        wire
		kid      string
		keyFault error
	)
	_, err := v.parser.ParseWithClaims(raw, &w, func(t *jwt.Token) (any, error) {
		if kid, _ = t.Header["kid"].(string); kid == "" {
			return nil, jwt.ErrTokenUnverifiable
		}
		key, err := v.keys.Key(ctx, kid)
		keyFault = err
		return key, err
	})
	switch {
	case keyFault != nil && !errs.Is(keyFault, errs.KindNotFound):
		return Claims{}, keyFault
	case errors.Is(err, jwt.ErrTokenMalformed):
		return Claims{}, malformed()
	case errors.Is(err, jwt.ErrTokenExpired):
		return Claims{}, expired()
	case err != nil:
		return Claims{}, invalid()
	case w.Subject == "" || w.SessionID == "" || w.IssuedAt == nil:
		return Claims{}, invalid()
	// A token from the future would outlive the revocation of its subject, which
	// names the tokens issued before a moment.
	case w.IssuedAt.After(v.clock.Now().Add(maxSkew)):
		return Claims{}, invalid()
	}
	c := w.claims()
	c.KeyID = kid
	return c, nil
}

// wellFormed wants three parts of base64url. The decoder skips line breaks, so that
// without this one token could be written in many ways, and the hash by which it is
// revoked would fit only one of them.
func wellFormed(raw string) bool {
	dots := 0
	for i := range len(raw) {
		c := raw[i]
		switch {
		case c == '.':
			dots++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return dots == 2
}

func malformed() error {
	return errs.Unauthenticated("MALFORMED_TOKEN", "the access token is malformed")
}

func expired() error {
	return errs.Unauthenticated("EXPIRED_TOKEN", "the access token has expired")
}

func invalid() error {
	return errs.Unauthenticated("INVALID_TOKEN", "the access token is not valid")
}
