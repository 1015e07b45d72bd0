package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/password"
)

// CreateAccount implements account.Store.
func (s *Store) CreateAccount(ctx context.Context, a account.Account, hash password.Hash) error {
	roles, err := encodeRoles(a.Roles)
	if err != nil {
		return fmt.Errorf("encode roles: %w", err)
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, insertAccount,
			a.ID, a.Email, a.EmailVerified, a.DisplayName, roles, a.CreateTime.UnixMicro(), string(hash))
		if sqlite.IsUnique(err) {
			return errs.Conflict("EMAIL_TAKEN", "the e-mail address has an account").Wrap(err)
		}
		return err
	})
}

// AccountByEmail implements account.Store.
func (s *Store) AccountByEmail(ctx context.Context, email string) (account.Account, password.Hash, error) {
	var hash password.Hash
	a, err := scanAccount(s.statements[selectAccountByEmail].QueryRowContext(ctx, email), &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Account{}, "", errs.NotFound("account", email)
	}
	return a, hash, err
}

// Account implements account.Store.
func (s *Store) Account(ctx context.Context, id string) (account.Account, error) {
	a, err := scanAccount(s.statements[selectAccount].QueryRowContext(ctx, id))
	if errors.Is(err, sql.ErrNoRows) {
		return account.Account{}, errs.NotFound("account", id)
	}
	return a, err
}

// ReplacePasswordHash implements account.Store.
func (s *Store) ReplacePasswordHash(ctx context.Context, id string, from, to password.Hash) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, updateHash, id, string(from), string(to))
		return err
	})
}

// scanAccount reads the columns of an account, and those that follow into more.
func scanAccount(row *sql.Row, more ...any) (account.Account, error) {
	var (
		a       account.Account
		roles   string
		created int64
	)
	err := row.Scan(append([]any{&a.ID, &a.Email, &a.EmailVerified, &a.DisplayName, &roles, &created}, more...)...)
	if err != nil {
		return account.Account{}, sqlite.Fault(err)
	}
	a.CreateTime = instant(created)
	a.Roles, err = decodeRoles(roles)
	return a, err
}
