package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/sqlite"
)

// TestMain runs the tests, or, in the copy of this program that the kill test
// starts, the writer that gets killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(killedWriterPath); path != "" {
		fmt.Println(writeUntilKilled(path))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

var schema = fstest.MapFS{
	"0001_items.sql": {Data: []byte(`
		CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;
		CREATE TABLE parts (item TEXT NOT NULL REFERENCES items (id), name TEXT NOT NULL UNIQUE) STRICT;`)},
}

func open(tb testing.TB, path string, migrations fstest.MapFS) *sqlite.DB {
	tb.Helper()
	db, err := sqlite.Open(tb.Context(), sqlite.Config{Path: path, Migrations: migrations, Tracer: noop.NewTracerProvider()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closeDB(tb, db) })
	return db
}

func openNew(tb testing.TB) *sqlite.DB {
	tb.Helper()
	return open(tb, filepath.Join(tb.TempDir(), "test.db"), schema)
}

func closeDB(tb testing.TB, db *sqlite.DB) {
	tb.Helper()
	if err := db.Close(); err != nil {
		tb.Error(err)
	}
}

// exec is a write of one statement.
func execute(ctx context.Context, db *sqlite.DB, query string, args ...any) error {
	return db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

func mustExec(tb testing.TB, db *sqlite.DB, query string, args ...any) {
	tb.Helper()
	if err := execute(tb.Context(), db, query, args...); err != nil {
		tb.Fatal(err)
	}
}

func count(tb testing.TB, db *sqlite.DB, query string) int {
	tb.Helper()
	var n int
	if err := db.Reader().QueryRowContext(tb.Context(), query).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}
