// Package sqlite keeps accounts, sessions and signing keys in one database file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/pkg/sqlite"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Store implements the stores of the account, session and signingkey packages.
type Store struct {
	db         *sqlite.DB
	statements map[query]*sql.Stmt
}

// Open opens the file at path, which is created if it is not there.
func Open(ctx context.Context, path string, tracer trace.TracerProvider) (*Store, error) {
	migrations, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, fmt.Errorf("embedded migrations: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Migrations: migrations, Tracer: tracer})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// write runs fn in one transaction and translates what the driver says.
func (s *Store) write(ctx context.Context, fn func(ctx context.Context, tx *sql.Tx) error) error {
	return sqlite.Fault(s.db.Write(ctx, fn))
}

// Ready says whether the database can be used now.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
