// Package signingkey keeps the Ed25519 keys that sign access tokens: made on first
// start, sealed at rest, replaced in time, published as long as a token of theirs
// may live.
package signingkey

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"
)

// Key is a public key with its ID.
type Key struct {
	ID     string // the kid of the tokens it verifies
	Public ed25519.PublicKey
}

// Record is a key as the store keeps it. Its public half is not in it: what is
// derived from the sealed half cannot be exchanged behind its back.
type Record struct {
	ID         string
	Generation int    // 1 for the first key, one more for each that follows it
	Sealed     []byte // the seed of the private key, under the service's secret
	CreateTime time.Time
}

// signer is an opened key.
type signer struct {
	Key
	private    ed25519.PrivateKey
	generation int
	createTime time.Time
}

// newSeed draws the private half of a new key.
func newSeed(random io.Reader) ([]byte, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("draw a signing key: %w", err)
	}
	return seed, nil
}

// thumbprint is the ID of a public key: the SHA-256 of its JWK in canonical form
// (RFC 7638, RFC 8037), so that it means this key and no other.
func thumbprint(public ed25519.PublicKey) string {
	jwk := fmt.Sprintf(`{"crv":"Ed25519","kty":"OKP","x":%q}`, base64.RawURLEncoding.EncodeToString(public))
	sum := sha256.Sum256([]byte(jwk))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func public(private ed25519.PrivateKey) ed25519.PublicKey {
	return private.Public().(ed25519.PublicKey)
}
