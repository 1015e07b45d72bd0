package sqlite_test

import (
	"database/sql"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/store/sqlite"
)

// BenchmarkSummary sums up 100,000 sets of one owner, two an assessment.
func BenchmarkSummary(b *testing.B) {
	path := inFolder(b)
	s := open(b, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.Context(), sqlite.Seed, 100_000); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sum, err := s.Summary(b.Context(), "usr_a")
		if err != nil || sum.Sets != 100_000 || sum.Assessments != 50_000 || sum.LatestTotalCents != 50_000*101 {
			b.Fatal(sum, err)
		}
	}
}
