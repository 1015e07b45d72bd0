package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
)

func TestWhatFaultDoesNotTouch(t *testing.T) {
	db := openNew(t)
	mustExec(t, db, "INSERT INTO items VALUES ('a', 1)")
	duplicate := execute(t.Context(), db, "INSERT INTO items VALUES ('a', 2)")
	orphan := execute(t.Context(), db, "INSERT INTO parts VALUES ('nobody', 'x')")
	for name, err := range map[string]error{
		"nothing":               nil,
		"a typed error":         fmt.Errorf("find: %w", errs.NotFound("item", "a")),
		"a canceled context":    fmt.Errorf("find: %w", context.Canceled),
		"a deadline":            context.DeadlineExceeded,
		"no rows":               sql.ErrNoRows,
		"a taken key":           duplicate,
		"a missing foreign row": orphan,
	} {
		if got := sqlite.Fault(err); got != err { //nolint:errorlint // the very same error
			t.Errorf("%s became %v", name, got)
		}
	}
	if orphan == nil || sqlite.IsUnique(orphan) {
		t.Errorf("a missing foreign row is %v", orphan)
	}
}

func TestABrokenDatabaseIsUnavailableAndSaysNoMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	db := open(t, path, schema)
	_, noTable := db.Reader().ExecContext(t.Context(), "SELECT * FROM secret_table")
	closeDB(t, db)
	for name, err := range map[string]error{
		"no such table":     noTable,
		"a closed database": execute(t.Context(), db, "SELECT 1"),
		"another error":     errors.New("secret_table is on fire"),
	} {
		got := sqlite.Fault(fmt.Errorf("find: %w", err))
		e, ok := errs.From(got)
		if !ok || e.Kind != errs.KindUnavailable || e.Reason != "STORAGE_UNAVAILABLE" || e.RetryAfter == 0 {
			t.Errorf("%s: %v", name, got)
		}
		if st, _ := errs.ToStatus(got); strings.Contains(st.String(), "secret_table") {
			t.Errorf("%s: the client reads %s", name, st)
		}
		if errs.Cause(got) == nil {
			t.Errorf("%s: the cause is lost", name)
		}
	}
}

func TestIsUniqueKnowsKeysAndColumns(t *testing.T) {
	db := openNew(t)
	mustExec(t, db, "INSERT INTO items VALUES ('a', 1)")
	mustExec(t, db, "INSERT INTO parts (rowid, item, name) VALUES (1, 'a', 'x')")
	for query, want := range map[string]bool{
		"INSERT INTO items VALUES ('a', 2)":                           true,
		"INSERT INTO parts VALUES ('a', 'x')":                         true,
		"INSERT INTO parts (rowid, item, name) VALUES (1, 'a', 'y')":  true,
		"INSERT INTO parts VALUES ('nobody', 'y')":                    false,
		"INSERT INTO items VALUES ('b', NULL)":                        false,
		"INSERT INTO nowhere VALUES (1)":                              false,
		"INSERT INTO items VALUES ('c', 1) ON CONFLICT DO NOTHING":    false,
		"INSERT INTO parts VALUES ('a', 'x') ON CONFLICT DO NOTHING ": false,
	} {
		if err := execute(t.Context(), db, query); sqlite.IsUnique(fmt.Errorf("insert: %w", err)) != want {
			t.Errorf("%s: %v", query, err)
		}
	}
}
