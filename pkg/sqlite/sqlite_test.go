package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
)

func TestEveryConnectionHasItsSettings(t *testing.T) {
	db := openNew(t)
	want := map[string]string{
		"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "temp_store": "2",
	}
	check := func(who string, row func(query string) *sql.Row, settings map[string]string) {
		t.Helper()
		for name, value := range settings {
			var got string
			if err := row("PRAGMA " + name).Scan(&got); err != nil || got != value {
				t.Errorf("%s: %s is %q, %v; want %q", who, name, got, err, value)
			}
		}
	}
	// As many at a time as there are, so that each is a connection of its own.
	for range 4 {
		conn, err := db.Reader().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		row := func(query string) *sql.Row { return conn.QueryRowContext(t.Context(), query) }
		check("reader", row, want)
		check("reader", row, map[string]string{"query_only": "1"})
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		row := func(query string) *sql.Row { return tx.QueryRowContext(ctx, query) }
		check("writer", row, want)
		check("writer", row, map[string]string{"synchronous": "2", "secure_delete": "1"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestTheReaderCannotWrite(t *testing.T) {
	db := openNew(t)
	for _, query := range []string{
		"INSERT INTO items VALUES ('a', 1)",
		"DROP TABLE items",
		"PRAGMA query_only = 0; INSERT INTO items VALUES ('a', 1)",
	} {
		if _, err := db.Reader().ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s was done", query)
		}
	}
}

func TestOnlyTheOwnerCanReadTheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	path := filepath.Join(dir, "test.db")
	db := open(t, path, schema)
	mustExec(t, db, "INSERT INTO items VALUES ('a', 1)")
	for name, want := range map[string]os.FileMode{
		"": 0o700 | os.ModeDir, "test.db": 0o600, "test.db-wal": 0o600, "test.db-shm": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != want {
			t.Errorf("%q has mode %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestAFileThatOthersCouldReadIsClosedToThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path, schema)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestAPathMayHaveAnyCharacters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a ?b#c%41&mode=ro", "x;y'z.db")
	mustExec(t, open(t, path, schema), "INSERT INTO items VALUES ('a', 1)")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestAClosedFileKeepsAllInOnePiece(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := open(t, path, schema)
	mustExec(t, db, "INSERT INTO items VALUES ('a', 1)")
	count(t, db, "SELECT COUNT(*) FROM items")
	closeDB(t, db)
	if _, err := os.Stat(path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the WAL is still there: %v", err)
	}
	if n := count(t, open(t, path, schema), "SELECT COUNT(*) FROM items"); n != 1 {
		t.Errorf("%d rows after a restart", n)
	}
}

func TestReadySaysWhenTheDatabaseIsGone(t *testing.T) {
	db := openNew(t)
	if err := db.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	if err := db.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
}

func TestAFileThatIsNoDatabaseIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, []byte("this is a letter and not a database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Migrations: schema, Tracer: sdktrace.NewTracerProvider()}); err == nil {
		t.Error("it was opened")
		closeDB(t, db)
	}
}

func TestSpansBelongToARecordedRequest(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "test.db"), Migrations: schema, Tracer: provider})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	if n := len(spans.GetSpans()); n != 0 {
		t.Errorf("%d spans without a request", n)
	}

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	if err := execute(ctx, db, "INSERT INTO items VALUES (?, ?)", "secret", 1); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Reader().QueryRowContext(ctx, "SELECT n FROM items WHERE id = ?", "secret").Scan(&n); err != nil {
		t.Fatal(err)
	}
	request.End()

	got := map[string]bool{}
	for _, s := range spans.GetSpans() {
		got[s.Name] = true
		if s.SpanContext.TraceID() != request.SpanContext().TraceID() {
			t.Errorf("%s is of another trace", s.Name)
		}
		for _, a := range s.Attributes {
			if a.Value.AsString() == "secret" {
				t.Errorf("%s shows an argument in %s", s.Name, a.Key)
			}
		}
	}
	for _, name := range []string{"sql.conn.begin_tx", "sql.conn.exec", "sql.tx.commit", "sql.conn.query", "request"} {
		if !got[name] {
			t.Errorf("there is no span %s", name)
		}
	}
	if len(got) != 5 {
		t.Errorf("spans %v", got)
	}
}
