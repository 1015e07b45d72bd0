// Package sqlite keeps recommendation sets in an SQLite file.
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
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an answer.Store over one file.
type Store struct {
	db *sqlite.DB

	// What is read on every request, prepared once per connection.
	one, list *sql.Stmt
}

var _ answer.Store = (*Store)(nil)

// Open opens the file at path, and makes it or brings it up to date if need be.
func Open(ctx context.Context, path string, tracer trace.TracerProvider) (*Store, error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find migrations: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Migrations: steps, Tracer: tracer})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	if s.one, err = db.Reader().PrepareContext(ctx, selectSet); err == nil {
		s.list, err = db.Reader().PrepareContext(ctx, selectSets)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare queries: %w", err), s.Close())
	}
	return s, nil
}

// Ready says whether the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Close closes the file.
func (s *Store) Close() error {
	var failed []error
	for _, stmt := range []*sql.Stmt{s.one, s.list} {
		if stmt != nil {
			failed = append(failed, stmt.Close())
		}
	}
	return errors.Join(append(failed, s.db.Close())...)
}
