package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

const (
	// Needs recommendation_sets_without_figures.
	selectWithoutFigures = `
SELECT owner, id, content FROM recommendation_sets WHERE total_cents IS NULL LIMIT 1`

	// Needs the primary key.
	fillFigures = `
UPDATE recommendation_sets SET total_cents = ?, at_least = ?, over_budget = ? WHERE owner = ? AND id = ?`
)

// fillBatch is how many sets are filled in a transaction.
const fillBatch = 200

// fill gives the sets that were kept before figures were their figures. The
// schema's migrations cannot: what they are is in the content, which is no SQL's
// to read. A set that cannot be read has a lower bound of nothing, and is an error
// to whoever asks for it.
func (s *Store) fill(ctx context.Context, figures func(content []byte) (answer.Figures, error)) error {
	for left := true; left; {
		if err := s.db.Write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
			for n := 0; left && n < fillBatch && err == nil; n++ {
				left, err = fillOne(ctx, tx, figures)
			}
			return err
		}); err != nil {
			return fmt.Errorf("fill in figures: %w", err)
		}
	}
	return nil
}

// fillOne says whether there was one to fill.
func fillOne(ctx context.Context, tx *sql.Tx, figures func(content []byte) (answer.Figures, error)) (bool, error) {
	var owner, id string
	var content []byte
	err := tx.QueryRowContext(ctx, selectWithoutFigures).Scan(&owner, &id, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	f, err := figures(content)
	if err != nil {
		f = answer.Figures{AtLeast: true}
	}
	_, err = tx.ExecContext(ctx, fillFigures, f.TotalCents, f.AtLeast, f.OverBudget, owner, id)
	return true, err
}
