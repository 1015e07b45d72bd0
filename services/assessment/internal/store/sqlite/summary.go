package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

const (
	// By the primary key.
	moveGeneration = `
INSERT INTO owner_generation (owner, generation) VALUES (?, 1)
ON CONFLICT (owner) DO UPDATE SET generation = generation + 1`

	// By the primary key.
	selectGeneration = `SELECT generation FROM owner_generation WHERE owner = ?`

	// By assessment_by_revision, which covers it: no assessment is read.
	selectSummary = `
SELECT COUNT(*), COALESCE(SUM(submitted_revision = revision), 0) FROM assessment WHERE owner = ?`

	// Reads the whole of assessment_by_revision, and no assessment.
	selectSummaryOfAll = `
SELECT COUNT(*), COALESCE(SUM(submitted_revision = revision), 0) FROM assessment`
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

// Summary counts the owner's assessments.
func (s *Store) Summary(ctx context.Context, owner string) (assessment.Summary, error) {
	return summary(s.summary.QueryRowContext(ctx, owner))
}

// SummaryOfAll counts everybody's assessments.
func (s *Store) SummaryOfAll(ctx context.Context) (assessment.Summary, error) {
	return summary(s.db.Reader().QueryRowContext(ctx, selectSummaryOfAll))
}

func summary(from *sql.Row) (assessment.Summary, error) {
	var sum assessment.Summary
	err := from.Scan(&sum.Total, &sum.Submitted)
	sum.Drafts = sum.Total - sum.Submitted
	return sum, sqlite.Fault(err)
}

// move says that the transaction writes something of the owner's.
func move(ctx context.Context, tx *sql.Tx, owner string) error {
	if _, err := tx.ExecContext(ctx, moveGeneration, owner); err != nil {
		return fmt.Errorf("move the generation: %w", err)
	}
	return nil
}
