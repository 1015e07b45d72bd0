package rpc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"io"

	"google.golang.org/grpc/metadata"

	"github.com/inframind/inframind/pkg/errs"
)

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 128

// crockford writes 16 bytes as 26 characters without I, L, O and U, which people
// mistake for others.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// IdempotencyKey is the key that a person's client sent with a method that writes; ""
// when it sent none.
func IdempotencyKey(ctx context.Context) string {
	if c := callFrom(ctx); c != nil {
		return c.idempotencyKey
	}
	return ""
}

// WithIdempotencyKey sends a key along with the calls made with the returned
// context. Only the edge does: a key names one request of one client, so it never
// travels on by itself.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, headerIdempotencyKey, key)
}

// DerivedID is the ID of what a call makes: prefix, "_" and 26 characters. With a key
// it is derived from owner, method and key, so that a repeat runs into the first
// one's row; with the key "" it is random.
func DerivedID(prefix, owner, method, key string) string {
	if key == "" {
		return randomID(rand.Reader, prefix)
	}
	h := sha256.New()
	for _, part := range []string{prefix, owner, method, key} {
		// The length in front keeps ("ab", "c") and ("a", "bc") apart.
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return prefix + "_" + crockford.EncodeToString(h.Sum(nil)[:16])
}

func randomID(random io.Reader, prefix string) string {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		panic("rpc: no randomness: " + err.Error())
	}
	return prefix + "_" + crockford.EncodeToString(b[:])
}

// readIdempotencyKey takes the key from the call's metadata, where the method reads one.
func readIdempotencyKey(ctx context.Context, c *call) error {
	if !c.method.takesKey {
		return nil
	}
	values := metadata.ValueFromIncomingContext(ctx, headerIdempotencyKey)
	if len(values) == 0 {
		return nil
	}
	if len(values) > 1 || !visible(values[0], maxKey) {
		return errs.Invalid(errs.Violation{
			Field:   "Idempotency-Key",
			Rule:    "idempotency_key.shape",
			Message: "must be one value of 1 to 128 visible ASCII characters",
		})
	}
	c.idempotencyKey = values[0]
	return nil
}

// visible says whether s has 1 to limit visible ASCII characters and nothing else.
func visible(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}
