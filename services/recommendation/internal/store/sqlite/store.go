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
	one, list, generation, summary *sql.Stmt
}

var _ answer.Store = (*Store)(nil)

// Open opens the file at path, and makes it or brings it up to date if need be.
// figures reads those of a content, for sets that were kept without.
func Open(ctx context.Context, path string, tracer trace.TracerProvider, figures func(content []byte) (answer.Figures, error)) (*Store, error) {
	steps, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find migrations: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Migrations: steps, Tracer: tracer})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	if err := errors.Join(s.prepare(ctx), s.fill(ctx, figures)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{{&s.one, selectSet}, {&s.list, selectSets}, {&s.generation, selectGeneration}, {&s.summary, selectSummary}} {
		stmt, err := s.db.Reader().PrepareContext(ctx, p.text) //nolint:sqlclosecheck // Close does
		if err != nil {
			return fmt.Errorf("prepare %q: %w", p.text, err)
		}
		*p.into = stmt
	}
	return nil
}

// Ready says whether the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Close closes the file.
func (s *Store) Close() error {
	var failed []error
	for _, stmt := range []*sql.Stmt{s.one, s.list, s.generation, s.summary} {
		if stmt != nil {
			failed = append(failed, stmt.Close())
		}
	}
	return errors.Join(append(failed, s.db.Close())...)
}
