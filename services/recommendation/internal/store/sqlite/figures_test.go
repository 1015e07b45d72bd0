package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// A set without figures is one that was kept by a program before they were.
func TestSetsThatWereKeptWithoutFiguresHaveThemOnceTheFileIsOpened(t *testing.T) {
	path := inFolder(t)
	t.Run("kept", func(t *testing.T) {
		s := open(t, path)
		for _, c := range []struct{ id, assessment, content string }{
			{"rec_1", "asm_1", "12345"}, {"rec_2", "asm_2", "123"}, {"rec_3", "asm_3", "damaged"},
		} {
			kept := set()
			kept.ID, kept.AssessmentID, kept.Content = c.id, c.assessment, []byte(c.content)
			if _, err := s.Insert(t.Context(), kept, answer.Figures{TotalCents: 1000}); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `UPDATE recommendation_sets
SET total_cents = NULL, at_least = NULL, over_budget = NULL WHERE id <> 'rec_1'`); err != nil {
			t.Fatal(err)
		}
	})
	want := answer.Summary{Sets: 3, Assessments: 3, LatestTotalCents: 1003, AtLeast: true, OverBudget: 1}
	if got, err := open(t, path).Summary(t.Context(), "usr_a"); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
