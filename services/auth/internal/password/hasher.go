// Package password turns passwords into bcrypt hashes and checks them against
// such, a bounded number at a time.
//
// The work of a check does not depend on whether there is an account: Decoy costs
// what Matches costs, so that the time of an answer tells nothing.
package password

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/text/unicode/norm"

	"github.com/inframind/inframind/pkg/errs"
)

// MaxBytes is all that bcrypt reads of a password. A longer one is refused rather
// than cut: cut, every password with the same beginning would open the account.
const MaxBytes = 72

// Hash is a bcrypt hash with its cost and salt.
type Hash string

// Hasher hashes and checks at one cost.
type Hasher struct {
	cost  int
	queue *Queue
}

// NewHasher returns a hasher of that bcrypt cost, each step of which doubles the
// work.
func NewHasher(cost int, queue *Queue) (*Hasher, error) {
	if cost < bcrypt.MinCost || cost > bcrypt.MaxCost {
		return nil, fmt.Errorf("bcrypt cost %d is not between %d and %d", cost, bcrypt.MinCost, bcrypt.MaxCost)
	}
	return &Hasher{cost: cost, queue: queue}, nil
}

// Hash hashes a password with a salt of its own.
func (h *Hasher) Hash(ctx context.Context, plain string) (Hash, error) {
	key, err := prepare(plain)
	if err != nil {
		return "", err
	}
	var hash []byte
	if full := h.queue.Do(ctx, func() { hash, err = bcrypt.GenerateFromPassword(key, h.cost) }); full != nil {
		return "", full
	}
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return Hash(hash), nil
}

// Matches says whether stored is the password's hash. It does the work of the
// hasher's cost also when stored is from before the cost was raised.
func (h *Hasher) Matches(ctx context.Context, stored Hash, plain string) (bool, error) {
	cost, err := bcrypt.Cost([]byte(stored))
	if err != nil {
		return false, fmt.Errorf("read a stored password hash: %w", err)
	}
	return h.compare(ctx, []byte(stored), cost, plain)
}

// Decoy does the work of Matches where there is nothing to compare with.
func (h *Hasher) Decoy(ctx context.Context, plain string) error {
	_, err := h.compare(ctx, decoy(h.cost), h.cost, plain)
	return err
}

// Outdated says whether the password should be hashed anew: at a higher cost.
func (h *Hasher) Outdated(stored Hash) bool {
	cost, err := bcrypt.Cost([]byte(stored))
	return err == nil && cost < h.cost
}

func (h *Hasher) compare(ctx context.Context, stored []byte, cost int, plain string) (bool, error) {
	key, err := prepare(plain)
	if err != nil {
		return false, err
	}
	full := h.queue.Do(ctx, func() {
		err = bcrypt.CompareHashAndPassword(stored, key)
		// What a cheaper hash lacks: 2^c + (2^c + 2^(c+1) + … + 2^(cost-1)) = 2^cost.
		for c := cost; c < h.cost; c++ {
			_ = bcrypt.CompareHashAndPassword(decoy(c), key)
		}
	})
	switch {
	case full != nil:
		return false, full
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("check a password: %w", err)
	}
	return true, nil
}

// decoy is a well-formed hash of a cost, which bcrypt must work through as through
// any other. That a password hashes to just these 184 bits does not happen.
func decoy(cost int) []byte {
	const saltAndSum = 22 + 31
	return fmt.Appendf(nil, "$2a$%02d$%s", cost, strings.Repeat(".", saltAndSum))
}

// prepare makes the same bytes of the same password, however the keyboard composed
// its letters, and refuses what bcrypt would not read to the end.
func prepare(plain string) ([]byte, error) {
	key := norm.NFC.AppendString(nil, plain)
	if len(key) > MaxBytes {
		return nil, errs.Invalid(errs.Violation{
			Field:   "password",
			Rule:    "string.max_bytes",
			Message: fmt.Sprintf("must be at most %d bytes in UTF-8", MaxBytes),
		})
	}
	return key, nil
}
