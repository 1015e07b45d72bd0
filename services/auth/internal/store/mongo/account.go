package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/password"
)

type accountDocument struct {
	ID            string   `bson:"_id"`
	Email         string   `bson:"email"` // normalised
	EmailVerified bool     `bson:"email_verified"`
	DisplayName   string   `bson:"display_name"`
	Roles         []string `bson:"roles"`
	CreateMicros  int64    `bson:"create_micros"`
	PasswordHash  string   `bson:"password_hash"`
}

// CreateAccount implements account.Store.
func (s *Store) CreateAccount(ctx context.Context, a account.Account, hash password.Hash) error {
	_, err := s.accounts.InsertOne(ctx, accountDocument{
		ID:            a.ID,
		Email:         a.Email,
		EmailVerified: a.EmailVerified,
		DisplayName:   a.DisplayName,
		Roles:         append([]string{}, a.Roles...), // an empty list and not a null
		CreateMicros:  a.CreateTime.UnixMicro(),
		PasswordHash:  string(hash),
	})
	if mongodb.IsDuplicate(err) {
		return errs.Conflict("EMAIL_TAKEN", "the e-mail address has an account").Wrap(err)
	}
	return mongodb.Fault(err)
}

// AccountByEmail implements account.Store. It is answered by byEmail.
func (s *Store) AccountByEmail(ctx context.Context, email string) (account.Account, password.Hash, error) {
	return s.findAccount(ctx, email, bson.D{{Key: "email", Value: email}})
}

// Account implements account.Store.
func (s *Store) Account(ctx context.Context, id string) (account.Account, error) {
	a, _, err := s.findAccount(ctx, id, bson.D{{Key: "_id", Value: id}})
	return a, err
}

func (s *Store) findAccount(ctx context.Context, name string, filter bson.D) (account.Account, password.Hash, error) {
	raw, err := s.accounts.FindOne(ctx, filter).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return account.Account{}, "", errs.NotFound("account", name)
	}
	if err != nil {
		return account.Account{}, "", mongodb.Fault(err)
	}
	found, err := mongodb.Decode[accountDocument](raw)
	if err != nil {
		return account.Account{}, "", fmt.Errorf("stored account %s: %w", raw.Lookup("_id"), err)
	}
	a := account.Account{
		ID:            found.ID,
		Email:         found.Email,
		EmailVerified: found.EmailVerified,
		DisplayName:   found.DisplayName,
		CreateTime:    instant(found.CreateMicros),
	}
	if len(found.Roles) > 0 {
		a.Roles = found.Roles
	}
	return a, password.Hash(found.PasswordHash), nil
}

// ReplacePasswordHash implements account.Store.
func (s *Store) ReplacePasswordHash(ctx context.Context, id string, from, to password.Hash) error {
	_, err := s.accounts.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}, {Key: "password_hash", Value: string(from)}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "password_hash", Value: string(to)}}}})
	return mongodb.Fault(err)
}
