package session

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

const (
	// refreshPrefix lets people, and scanners of leaked secrets, see what it is.
	refreshPrefix = "imr_"
	refreshBytes  = 32
)

// TokenHash is the SHA-256 of a refresh token: what is kept of it. A plain hash is
// enough, because 256 random bits cannot be tried out as passwords can.
type TokenHash [sha256.Size]byte

// newRefreshToken draws a token.
func newRefreshToken(random io.Reader) (string, TokenHash, error) {
	var b [refreshBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", TokenHash{}, fmt.Errorf("draw a refresh token: %w", err)
	}
	raw := refreshPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return raw, sha256.Sum256([]byte(raw)), nil
}

// hashRefreshToken is the hash of what may be a token; false when it cannot be one
// of ours, which then need not be looked up.
func hashRefreshToken(raw string) (TokenHash, bool) {
	secret, ok := strings.CutPrefix(raw, refreshPrefix)
	if !ok || len(secret) != base64.RawURLEncoding.EncodedLen(refreshBytes) {
		return TokenHash{}, false
	}
	// The decoder skips line breaks, so that the length of what it gives counts too.
	if b, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(b) != refreshBytes {
		return TokenHash{}, false
	}
	return sha256.Sum256([]byte(raw)), true
}
