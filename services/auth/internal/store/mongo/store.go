// Package mongo keeps accounts, sessions and signing keys in a MongoDB database.
//
// Every change takes effect with the write of one document; there are no
// transactions. What belongs to a session is written before it, where it means
// nothing yet:
//
//   - A refresh token is kept before the session has it. After a crash in between, or
//     when somebody else was faster, there is a token that nobody holds; it finds a
//     session that does not have it, or none, and expires.
//   - Revocations are kept before the session ends. After a crash in between more is
//     refused than was said to be, and whoever asked had no answer and asks again.
//     The other way round a session would have ended whose access tokens go on.
package mongo

import (
	"context"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/mongodb"
)

// Store implements the stores of the account, session and signingkey packages.
type Store struct {
	db  *mongodb.DB
	log *slog.Logger

	accounts, sessions, refreshTokens, revocations, signingKeys *mongo.Collection
}

// Open opens the database and makes what is missing of it. The schema of c is the
// store's own.
func Open(ctx context.Context, c mongodb.Config) (*Store, error) {
	c.Schema = schema
	db, err := mongodb.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Store{
		db:            db,
		log:           c.Log,
		accounts:      db.Collection(accounts),
		sessions:      db.Collection(sessions),
		refreshTokens: db.Collection(refreshTokens),
		revocations:   db.Collection(revocations),
		signingKeys:   db.Collection(signingKeys),
	}, nil
}

// Ready says whether the database can be used now.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Pool says how much the connections are used.
func (s *Store) Pool() mongodb.Pool { return s.db.Pool() }

// Close closes the connections.
func (s *Store) Close() error { return s.db.Close() }
