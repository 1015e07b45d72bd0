// Package account is who has signed up: opening accounts, telling by a password
// whose one is, and looking them up.
package account

import (
	"context"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/password"
)

// Account is a person's account.
type Account struct {
	ID            string // acc_…; it owns all that the person makes
	Email         string // normalised
	EmailVerified bool
	DisplayName   string
	Roles         []string // "admin", or nothing
	CreateTime    time.Time
}

// Store keeps accounts with the hashes of their passwords.
type Store interface {
	// CreateAccount keeps a new account. It is errs.KindConflict when the e-mail
	// address has one, also when two callers come at the same time.
	CreateAccount(ctx context.Context, a Account, hash password.Hash) error

	// AccountByEmail finds the account of a normalised address, else it is
	// errs.KindNotFound.
	AccountByEmail(ctx context.Context, email string) (Account, password.Hash, error)

	// Account finds an account, else it is errs.KindNotFound.
	Account(ctx context.Context, id string) (Account, error)

	// ReplacePasswordHash puts one hash in another's place, unless that is no longer
	// the account's.
	ReplacePasswordHash(ctx context.Context, id string, from, to password.Hash) error
}

// Accounts opens accounts and tells whose one is.
type Accounts struct {
	store  Store
	hasher *password.Hasher
	clock  clockwork.Clock
	newID  func(prefix string) string
}

// New returns the accounts in a store. newID makes a random ID of the form prefix_…
func New(store Store, hasher *password.Hasher, c clockwork.Clock, newID func(prefix string) string) *Accounts {
	return &Accounts{store: store, hasher: hasher, clock: c, newID: newID}
}

// Register opens an account. It answers alike, after the same hashing, when the
// address has an account already: else anyone could ask who has one.
func (a *Accounts) Register(ctx context.Context, email, plain, displayName string) error {
	hash, err := a.hasher.Hash(ctx, plain)
	if err != nil {
		return err
	}
	err = a.store.CreateAccount(ctx, Account{
		ID:          a.newID("acc"),
		Email:       NormalizeEmail(email),
		DisplayName: displayName,
		CreateTime:  clock.Now(a.clock),
	}, hash)
	if errs.Is(err, errs.KindConflict) {
		return nil
	}
	return err
}

// Authenticate finds the account of an e-mail address and password. For an unknown
// address it does the same work and answers as for a wrong password.
func (a *Accounts) Authenticate(ctx context.Context, email, plain string) (Account, error) {
	found, hash, err := a.store.AccountByEmail(ctx, NormalizeEmail(email))
	if errs.Is(err, errs.KindNotFound) {
		if err := a.hasher.Decoy(ctx, plain); err != nil {
			return Account{}, err
		}
		return Account{}, invalidCredentials()
	}
	if err != nil {
		return Account{}, err
	}
	ok, err := a.hasher.Matches(ctx, hash, plain)
	if err != nil {
		return Account{}, err
	}
	if !ok {
		return Account{}, invalidCredentials()
	}
	if a.hasher.Outdated(hash) {
		a.rehash(ctx, found.ID, hash, plain)
	}
	return found, nil
}

// rehash is the only moment at which the password is at hand to be hashed at the
// present cost. If it cannot be done now, the next sign-in does it; this one is not
// refused for it.
func (a *Accounts) rehash(ctx context.Context, id string, from password.Hash, plain string) {
	to, err := a.hasher.Hash(ctx, plain)
	if err != nil {
		return
	}
	_ = a.store.ReplacePasswordHash(ctx, id, from, to)
}

// Account is the account with an ID.
func (a *Accounts) Account(ctx context.Context, id string) (Account, error) {
	return a.store.Account(ctx, id)
}

func invalidCredentials() error {
	return errs.Unauthenticated("INVALID_CREDENTIALS", "the e-mail address or the password is wrong")
}
