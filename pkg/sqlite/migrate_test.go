package sqlite_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/sqlite"
)

var twoSteps = fstest.MapFS{
	"0001_items.sql": schema["0001_items.sql"],
	"0002_more.sql":  {Data: []byte("INSERT INTO items VALUES ('from 2', 2); ALTER TABLE items ADD COLUMN extra TEXT;")},
}

func TestMigrationsAreAppliedOnceAndInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	closeDB(t, open(t, path, schema))
	for range 2 { // the second time there is nothing to do
		db := open(t, path, twoSteps)
		if n := count(t, db, "SELECT COUNT(*) FROM items WHERE extra IS NULL"); n != 1 {
			t.Errorf("%d rows, want the one of the second step", n)
		}
		if n := count(t, db, "SELECT COUNT(*) FROM schema_migrations WHERE applied_at > '2020'"); n != 2 {
			t.Errorf("%d steps are recorded", n)
		}
		closeDB(t, db)
	}
}

func TestAFailingMigrationLeavesNothingBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	err := openError(t, path, fstest.MapFS{
		"0001_items.sql": schema["0001_items.sql"],
		"0002_bad.sql":   {Data: []byte("INSERT INTO items VALUES ('half', 1); INSERT INTO nowhere VALUES (1);")},
	})
	if !strings.Contains(err, "0002_bad.sql") {
		t.Errorf("the error does not name the step: %s", err)
	}
	db := open(t, path, schema)
	if n := count(t, db, "SELECT COUNT(*) FROM items"); n != 0 {
		t.Errorf("%d rows of the failed step are there", n)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	closeDB(t, open(t, path, twoSteps))
	if err := openError(t, path, schema); !strings.Contains(err, "newer") {
		t.Error(err)
	}
}

func TestAnEditedMigrationIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	closeDB(t, open(t, path, schema))
	edited := fstest.MapFS{"0001_items.sql": {Data: []byte("CREATE TABLE items (id TEXT) STRICT")}}
	if err := openError(t, path, edited); !strings.Contains(err, "0001_items.sql") {
		t.Error(err)
	}
}

func TestMigrationsOutOfOrderAreRefused(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1")}
	for name, files := range map[string]fstest.MapFS{
		"none":             {},
		"not from one":     {"0002_a.sql": file},
		"a gap":            {"0001_a.sql": file, "0003_b.sql": file},
		"one number twice": {"0001_a.sql": file, "0001_b.sql": file},
		"no number":        {"0001_a.sql": file, "b.sql": file},
		"three digits":     {"001_a.sql": file},
	} {
		t.Run(name, func(t *testing.T) {
			openError(t, filepath.Join(t.TempDir(), "test.db"), files)
		})
	}
}

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Migrations: twoSteps, Tracer: noop.NewTracerProvider()})
			if err != nil {
				t.Error(err)
				return
			}
			closeDB(t, db)
		})
	}
	wg.Wait()
	if n := count(t, open(t, path, twoSteps), "SELECT COUNT(*) FROM items"); n != 1 {
		t.Errorf("the second step was applied %d times", n)
	}
}

func openError(t *testing.T, path string, migrations fstest.MapFS) string {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Migrations: migrations, Tracer: noop.NewTracerProvider()})
	if err == nil {
		closeDB(t, db)
		t.Fatal("it was opened")
	}
	return err.Error()
}
