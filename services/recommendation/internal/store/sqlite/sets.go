package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

const (
	// Needs the primary key. A second set of the same owner and ID is no error:
	// the reader of it gets the first.
	insertSet = `
INSERT INTO recommendation_sets
       (owner, id, assessment_id, revision, catalog_version, create_micros, sha256, content,
        total_cents, at_least, over_budget)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (owner, id) DO NOTHING`

	// Needs the primary key.
	selectSet = `
SELECT owner, id, assessment_id, revision, catalog_version, create_micros, sha256, content
FROM   recommendation_sets
WHERE  owner = ? AND id = ?`

	// Needs recommendation_sets_by_age, read backwards. The row value
	// makes the cursor one seek in it.
	selectSets = `
SELECT owner, id, assessment_id, revision, catalog_version, create_micros, sha256, NULL
FROM   recommendation_sets
WHERE  owner = ? AND assessment_id = ? AND (create_micros, id) < (?, ?)
ORDER  BY create_micros DESC, id DESC
LIMIT  ?`
)

// Insert keeps s, or returns the set that its owner has under this ID already.
func (s *Store) Insert(ctx context.Context, set answer.Set, f answer.Figures) (answer.Set, error) {
	var kept answer.Set
	err := s.db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, insertSet, set.Owner, set.ID, set.AssessmentID, set.Revision,
			set.CatalogVersion, set.CreateTime.UnixMicro(), set.SHA256, set.Content,
			f.TotalCents, f.AtLeast, f.OverBudget)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 1 {
			if err := move(ctx, tx, set.Owner); err != nil {
				return err
			}
		}
		kept, err = scan(tx.QueryRowContext(ctx, selectSet, set.Owner, set.ID))
		return err
	})
	if err != nil {
		return answer.Set{}, sqlite.Fault(err)
	}
	return kept, nil
}

// Set returns one set with its content.
func (s *Store) Set(ctx context.Context, owner, id string) (answer.Set, error) {
	set, err := scan(s.one.QueryRowContext(ctx, owner, id))
	if errors.Is(err, sql.ErrNoRows) {
		return answer.Set{}, errs.NotFound("recommendation", id)
	}
	return set, sqlite.Fault(err)
}

// List returns at most limit sets of one assessment after the cursor.
func (s *Store) List(ctx context.Context, owner, assessmentID string, after answer.Cursor, limit int) ([]answer.Set, error) {
	micros, id := after.CreateTime.UnixMicro(), after.ID
	if after == (answer.Cursor{}) {
		micros = math.MaxInt64
	}
	rows, err := s.list.QueryContext(ctx, owner, assessmentID, micros, id, limit)
	if err != nil {
		return nil, sqlite.Fault(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says what went wrong
	var sets []answer.Set
	for rows.Next() {
		set, err := scan(rows)
		if err != nil {
			return nil, sqlite.Fault(err)
		}
		sets = append(sets, set)
	}
	return sets, sqlite.Fault(rows.Err())
}

// scan reads a row of the columns that selectSet and selectSets have in common.
func scan(row interface{ Scan(dest ...any) error }) (answer.Set, error) {
	var (
		set    answer.Set
		micros int64
	)
	err := row.Scan(&set.Owner, &set.ID, &set.AssessmentID, &set.Revision,
		&set.CatalogVersion, &micros, &set.SHA256, &set.Content)
	if err != nil {
		return answer.Set{}, err
	}
	set.CreateTime = time.UnixMicro(micros).UTC()
	return set, nil
}
