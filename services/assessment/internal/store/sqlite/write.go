package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/record"
)

const (
	selectDeleted = `SELECT 1 FROM deleted_id WHERE owner = ? AND id = ?`

	insert = `
INSERT INTO assessment (owner, id, version, revision, submitted_revision, created_at, updated_at, digest, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, id) DO NOTHING`

	selectDigest = `SELECT digest FROM assessment WHERE owner = ? AND id = ?`

	// Keeps the revision that is about to be replaced by another one.
	keepRevision = `
INSERT INTO past_revision (owner, id, revision, version, submitted_revision, updated_at, content)
SELECT owner, id, revision, version, submitted_revision, updated_at, content
FROM assessment WHERE owner = ? AND id = ? AND revision <> ?`

	replace = `
UPDATE assessment SET version = ?, revision = ?, submitted_revision = ?, updated_at = ?, content = ?
WHERE owner = ? AND id = ?`

	keepID = `
INSERT INTO deleted_id (owner, id)
SELECT owner, id FROM assessment WHERE owner = ? AND id = ? AND digest <> ''`

	selectVersion = `SELECT version FROM assessment WHERE owner = ? AND id = ?`

	// Takes the past revisions with it, by their foreign key.
	remove = `DELETE FROM assessment WHERE owner = ? AND id = ?`
)

// Insert keeps a new assessment.
func (s *Store) Insert(ctx context.Context, owner string, a assessment.Assessment, digest string) (*assessment.Taken, error) {
	content, err := record.Encode(a.Content)
	if err != nil {
		return nil, err
	}
	var (
		taken    *assessment.Taken
		standing row
	)
	err = s.db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, selectDeleted, owner, a.ID).Scan(new(int))
		if err == nil {
			taken = &assessment.Taken{Deleted: true}
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		done, err := tx.ExecContext(ctx, insert, owner, a.ID, a.Version, a.Revision, a.SubmittedRevision,
			a.Created.UnixMicro(), a.Updated.UnixMicro(), digest, content)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return err
		}
		if n == 1 {
			return move(ctx, tx, owner)
		}
		taken = &assessment.Taken{}
		if standing, err = scan(tx.QueryRowContext(ctx, selectOne, owner, a.ID)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, selectDigest, owner, a.ID).Scan(&taken.Digest)
	})
	switch {
	case err != nil:
		return nil, sqlite.Fault(err)
	case taken != nil && !taken.Deleted:
		taken.Assessment, err = standing.assessment()
	}
	return taken, err
}

// Replace puts a in the place of the version before it.
func (s *Store) Replace(ctx context.Context, owner string, a assessment.Assessment) error {
	content, err := record.Encode(a.Content)
	if err != nil {
		return err
	}
	return sqlite.Fault(s.db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		latest, err := latestVersion(ctx, tx, owner, a.ID)
		if err != nil {
			return err
		}
		if latest != a.Version-1 {
			return errs.Stale("assessment")
		}
		if _, err := tx.ExecContext(ctx, keepRevision, owner, a.ID, a.Revision); err != nil {
			return fmt.Errorf("keep revision: %w", err)
		}
		if _, err := tx.ExecContext(ctx, replace, a.Version, a.Revision, a.SubmittedRevision, a.Updated.UnixMicro(), content, owner, a.ID); err != nil {
			return err
		}
		return move(ctx, tx, owner)
	}))
}

// Delete removes an assessment and all its revisions.
func (s *Store) Delete(ctx context.Context, owner, id string, version int64) error {
	return sqlite.Fault(s.db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		latest, err := latestVersion(ctx, tx, owner, id)
		if err != nil {
			return err
		}
		if version != assessment.AnyVersion && version != latest {
			return errs.Stale("assessment")
		}
		if _, err := tx.ExecContext(ctx, keepID, owner, id); err != nil {
			return fmt.Errorf("keep id: %w", err)
		}
		if _, err := tx.ExecContext(ctx, remove, owner, id); err != nil {
			return err
		}
		return move(ctx, tx, owner)
	}))
}

// latestVersion reads the version that a write has to be held against; within
// the transaction nobody else can write after it.
func latestVersion(ctx context.Context, tx *sql.Tx, owner, id string) (int64, error) {
	var version int64
	err := tx.QueryRowContext(ctx, selectVersion, owner, id).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errs.NotFound("assessment", id)
	}
	return version, err
}
