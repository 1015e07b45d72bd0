package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

const (
	// Needs the primary key.
	moveGeneration = `
INSERT INTO owner_generation (owner, generation) VALUES (?, 1)
ON CONFLICT (owner) DO UPDATE SET generation = generation + 1`

	// Needs the primary key.
	selectGeneration = `SELECT generation FROM owner_generation WHERE owner = ?`

	// Reads recommendation_sets_by_age in its order, so nothing is sorted, and no
	// set. A column that stands beside the one MAX is that of the row with the
	// maximum: the latest, and of one moment the one with the highest ID. The
	// summand makes all times of one length, so that they compare as numbers.
	selectSummary = `
SELECT COALESCE(SUM(sets), 0), COUNT(*), COALESCE(SUM(total_cents), 0), COALESCE(MAX(at_least), 0), COALESCE(SUM(over_budget), 0)
FROM  (SELECT COUNT(*) AS sets, total_cents, at_least, over_budget, MAX((create_micros + 1000000000000000000) || id)
       FROM   recommendation_sets
       WHERE  owner = ?
       GROUP  BY assessment_id)`

	// As selectSummary, over the whole index.
	selectSummaryOfAll = `
SELECT COALESCE(SUM(sets), 0), COUNT(*), COALESCE(SUM(total_cents), 0), COALESCE(MAX(at_least), 0), COALESCE(SUM(over_budget), 0)
FROM  (SELECT COUNT(*) AS sets, total_cents, at_least, over_budget, MAX((create_micros + 1000000000000000000) || id)
       FROM   recommendation_sets
       GROUP  BY owner, assessment_id)`
)

// Generation moves with each write of the owner.
func (s *Store) Generation(ctx context.Context, owner string) (int64, error) {
	var generation int64
	err := s.generation.QueryRowContext(ctx, owner).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return generation, sqlite.Fault(err)
}

// Summary sums up the owner's sets.
func (s *Store) Summary(ctx context.Context, owner string) (answer.Summary, error) {
	return summary(s.summary.QueryRowContext(ctx, owner))
}

// SummaryOfAll sums up everybody's sets.
func (s *Store) SummaryOfAll(ctx context.Context) (answer.Summary, error) {
	return summary(s.db.Reader().QueryRowContext(ctx, selectSummaryOfAll))
}

func summary(from *sql.Row) (answer.Summary, error) {
	var sum answer.Summary
	err := from.Scan(&sum.Sets, &sum.Assessments, &sum.LatestTotalCents, &sum.AtLeast, &sum.OverBudget)
	return sum, sqlite.Fault(err)
}

// move says that the transaction writes something of the owner's.
func move(ctx context.Context, tx *sql.Tx, owner string) error {
	if _, err := tx.ExecContext(ctx, moveGeneration, owner); err != nil {
		return fmt.Errorf("move the generation: %w", err)
	}
	return nil
}
