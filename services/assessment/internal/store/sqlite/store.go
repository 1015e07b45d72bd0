// Package sqlite keeps assessments in one SQLite file.
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
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store implements assessment.Store.
type Store struct {
	db *sqlite.DB

	one          *sql.Stmt
	revision     *sql.Stmt
	list         *sql.Stmt
	listByStatus *sql.Stmt
	generation   *sql.Stmt
	summary      *sql.Stmt
}

var _ assessment.Store = (*Store)(nil)

// Open opens the file at path, and makes it or brings it up to date if need be.
func Open(ctx context.Context, path string, tracer trace.TracerProvider) (*Store, error) {
	numbered, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("find migrations: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Migrations: numbered, Tracer: tracer})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare compiles what is read on every request, once per connection.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		into **sql.Stmt
		text string
	}{
		{&s.one, selectOne},
		{&s.revision, selectRevision},
		{&s.list, selectPage},
		{&s.listByStatus, selectPageByStatus},
		{&s.generation, selectGeneration},
		{&s.summary, selectSummary},
	} {
		stmt, err := s.db.Reader().PrepareContext(ctx, p.text) //nolint:sqlclosecheck // it lives as long as the database, which closes it
		if err != nil {
			return fmt.Errorf("prepare %q: %w", p.text, err)
		}
		*p.into = stmt
	}
	return nil
}

// Ready says whether the file can be read now.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
