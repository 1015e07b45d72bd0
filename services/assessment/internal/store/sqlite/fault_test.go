package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/sqlite"
	"github.com/inframind/inframind/services/assessment/internal/store/storetest"
)

func example(id string) assessment.Assessment {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return assessment.Assessment{ID: id, Version: 1, Revision: 1, Created: at, Updated: at, Content: storetest.Content(id)}
}

// raw opens the file beside the store.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestWhatWasWrittenIsThereWhenTheFileIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assessment.db")
	want := example("a")
	t.Run("write", func(t *testing.T) {
		if _, err := open(t, path).Insert(t.Context(), "ann", want, ""); err != nil {
			t.Fatal(err)
		}
	})
	got, err := open(t, path).Assessment(t.Context(), "ann", "a")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestAStoreThatIsAwayIsUnavailableAndSaysNothingOfTheDriver(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "assessment.db"), noTraces)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(context.Context) error{
		"Insert":       func(ctx context.Context) error { _, err := s.Insert(ctx, "ann", example("a"), ""); return err },
		"Assessment":   func(ctx context.Context) error { _, err := s.Assessment(ctx, "ann", "a"); return err },
		"Revision":     func(ctx context.Context) error { _, err := s.Revision(ctx, "ann", "a", 1); return err },
		"List":         func(ctx context.Context) error { _, err := s.List(ctx, "ann", assessment.Query{Limit: 1}); return err },
		"Replace":      func(ctx context.Context) error { return s.Replace(ctx, "ann", example("a")) },
		"Delete":       func(ctx context.Context) error { return s.Delete(ctx, "ann", "a", assessment.AnyVersion) },
		"Generation":   func(ctx context.Context) error { _, err := s.Generation(ctx, "ann"); return err },
		"Summary":      func(ctx context.Context) error { _, err := s.Summary(ctx, "ann"); return err },
		"SummaryOfAll": func(ctx context.Context) error { _, err := s.SummaryOfAll(ctx); return err },
	}
	for m := range reflect.TypeFor[assessment.Store]().Methods() {
		call, ok := calls[m.Name]
		if !ok {
			t.Errorf("no test of %s", m.Name)
			continue
		}
		err := call(t.Context())
		e, typed := errs.From(err)
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter <= 0 || errs.Cause(err) == nil {
			t.Errorf("%s: %#v is not unavailable, with a time to retry and a cause", m.Name, err)
			continue
		}
		if strings.Contains(e.Message, "sql") || strings.Contains(e.Message, errs.Cause(err).Error()) {
			t.Errorf("%s: %q shows the driver's text", m.Name, e.Message)
		}
	}
	if err := s.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("ready: %v", err)
	}
}

// Trying again does not mend a damaged record, and it is not one that never was.
func TestADamagedRecordIsAnErrorOfItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assessment.db")
	s := open(t, path)
	if _, err := s.Insert(t.Context(), "ann", example("a"), "digest"); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"not JSON":               "\x00\x01",
		"of another version":     `{"v":99,"title":"from the future"}`,
		"without a version":      `{"title":"from nowhere"}`,
		"with text behind it":    `{"v":1}{"v":1}`,
		"with a wrong type":      `{"v":1,"workloads":"none"}`,
		"with a too large count": `{"v":1,"workloads":[{"replicas":3000000000}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := raw(t, path).ExecContext(t.Context(), "UPDATE assessment SET content = ?", []byte(content)); err != nil {
				t.Fatal(err)
			}
			_, read := s.Assessment(t.Context(), "ann", "a")
			_, revision := s.Revision(t.Context(), "ann", "a", 1)
			_, list := s.List(t.Context(), "ann", assessment.Query{Limit: 1})
			_, again := s.Insert(t.Context(), "ann", example("a"), "digest")
			for name, err := range map[string]error{"read": read, "revision": revision, "list": list, "insert": again} {
				if _, typed := errs.From(err); err == nil || typed {
					t.Errorf("%s: got %v", name, err)
				}
			}
		})
	}
}

func TestEveryStatementFindsItsRowsByAnIndexAndNothingIsSorted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assessment.db")
	open(t, path)
	db := raw(t, path)
	for name, text := range sqlite.Statements {
		steps := explain(t, db, text)
		if len(steps) == 0 {
			t.Errorf("%s: no plan", name)
		}
		for _, step := range steps {
			if strings.HasPrefix(step, "SCAN") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

func TestSummariesReadAnIndexAndNoAssessment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "assessment.db")
	open(t, path)
	db := raw(t, path)
	for name, text := range sqlite.Summaries {
		for _, step := range explain(t, db, text) {
			if !strings.Contains(step, "USING COVERING INDEX") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

// explain returns the steps of a statement's plan.
func explain(t *testing.T, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
