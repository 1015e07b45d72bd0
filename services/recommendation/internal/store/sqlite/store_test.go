package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
	"github.com/inframind/inframind/services/recommendation/internal/store/sqlite"
	"github.com/inframind/inframind/services/recommendation/internal/store/storetest"
)

// figures are those of a content that says them itself: its length in cents.
func figures(content []byte) (answer.Figures, error) {
	if string(content) == "damaged" {
		return answer.Figures{}, errors.New("damaged")
	}
	return answer.Figures{TotalCents: int64(len(content)), OverBudget: true}, nil
}

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, noop.NewTracerProvider(), figures)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func inFolder(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "recommendation.db")
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) answer.Store {
		t.Helper()
		return open(t, inFolder(t))
	})
}

func set() answer.Set {
	return answer.Set{
		ID: "rec_1", Owner: "usr_a", AssessmentID: "asm_1", Revision: 3, CatalogVersion: "v",
		CreateTime: time.Date(2026, 11, 24, 10, 0, 0, 1000, time.UTC), SHA256: "x", Content: []byte("content"),
	}
}

func TestASetIsThereAfterTheFileWasClosedAndOpenedAgain(t *testing.T) {
	path := inFolder(t)
	t.Run("first", func(t *testing.T) {
		if _, err := open(t, path).Insert(t.Context(), set(), answer.Figures{}); err != nil {
			t.Fatal(err)
		}
	})
	got, err := open(t, path).Set(t.Context(), "usr_a", "rec_1")
	if err != nil || !reflect.DeepEqual(got, set()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAStoreThatIsAwayIsUnavailableAndSaysNothingOfTheDriver(t *testing.T) {
	s, err := sqlite.Open(t.Context(), inFolder(t), noop.NewTracerProvider(), figures)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready before it is away: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for call, do := range map[string]func(context.Context) error{
		"Ready":  s.Ready,
		"Insert": func(ctx context.Context) error { _, err := s.Insert(ctx, set(), answer.Figures{}); return err },
		"Set":    func(ctx context.Context) error { _, err := s.Set(ctx, "usr_a", "rec_1"); return err },
		"List": func(ctx context.Context) error {
			_, err := s.List(ctx, "usr_a", "asm_1", answer.Cursor{}, 1)
			return err
		},
		"Generation":   func(ctx context.Context) error { _, err := s.Generation(ctx, "usr_a"); return err },
		"Summary":      func(ctx context.Context) error { _, err := s.Summary(ctx, "usr_a"); return err },
		"SummaryOfAll": func(ctx context.Context) error { _, err := s.SummaryOfAll(ctx); return err },
	} {
		e, typed := errs.From(do(t.Context()))
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter <= 0 || errs.Cause(e) == nil {
			t.Errorf("%s: %#v is not unavailable, with a time to retry and a cause", call, e)
			continue
		}
		if strings.Contains(e.Message, errs.Cause(e).Error()) {
			t.Errorf("%s: %q shows the driver's text", call, e.Message)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsSaidAtOpening(t *testing.T) {
	if s, err := sqlite.Open(t.Context(), "/dev/null/recommendation.db", noop.NewTracerProvider(), figures); err == nil {
		t.Error("opened", s.Close())
	}
}

func TestEveryStatementFindsItsRowsByAnIndexAndSortsNothing(t *testing.T) {
	path := inFolder(t)
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, text := range sqlite.Statements {
		for _, step := range plan(t, db, text) {
			if strings.HasPrefix(step, "SCAN") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
	if got := strings.Join(plan(t, db, sqlite.Statements["selectSets"]), "; "); !strings.Contains(got, "recommendation_sets_by_age") {
		t.Errorf("a list is read by %s", got)
	}
}

func TestSummariesReadAnIndexInItsOrderAndNoSet(t *testing.T) {
	path := inFolder(t)
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, text := range sqlite.Summaries {
		steps := strings.Join(plan(t, db, text), "; ")
		if strings.Count(steps, "recommendation_sets USING COVERING INDEX recommendation_sets_by_age") != 1 || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s: %s", name, steps)
		}
	}
}

func plan(t *testing.T, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
