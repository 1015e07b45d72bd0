package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/record"
)

// By the primary key.
const selectOne = `
SELECT id, version, revision, submitted_revision, created_at, updated_at, content
FROM assessment WHERE owner = ? AND id = ?`

// By the primary keys; at most one of the two halves has a row, as one
// statement sees one state of both tables.
const selectRevision = `
SELECT id, version, revision, submitted_revision, created_at, updated_at, content
FROM assessment WHERE owner = ?1 AND id = ?2 AND revision = ?3
UNION ALL
SELECT p.id, p.version, p.revision, p.submitted_revision, a.created_at, p.updated_at, p.content
FROM past_revision p JOIN assessment a ON a.owner = p.owner AND a.id = p.id
WHERE p.owner = ?1 AND p.id = ?2 AND p.revision = ?3`

// By assessment_by_age, which is in the order that is asked for.
const selectPage = `
SELECT id, version, revision, submitted_revision, created_at, updated_at, content
FROM assessment WHERE owner = ? AND (created_at, id) < (?, ?)
ORDER BY created_at DESC, id DESC LIMIT ?`

// By assessment_by_status_and_age.
const selectPageByStatus = `
SELECT id, version, revision, submitted_revision, created_at, updated_at, content
FROM assessment WHERE owner = ? AND submitted = ? AND (created_at, id) < (?, ?)
ORDER BY created_at DESC, id DESC LIMIT ?`

// Assessment returns the latest revision.
func (s *Store) Assessment(ctx context.Context, owner, id string) (assessment.Assessment, error) {
	r, err := scan(s.one.QueryRowContext(ctx, owner, id))
	if errors.Is(err, sql.ErrNoRows) {
		return assessment.Assessment{}, errs.NotFound("assessment", id)
	}
	if err != nil {
		return assessment.Assessment{}, sqlite.Fault(err)
	}
	return r.assessment()
}

// Revision returns one revision.
func (s *Store) Revision(ctx context.Context, owner, id string, revision int32) (assessment.Assessment, error) {
	r, err := scan(s.revision.QueryRowContext(ctx, owner, id, revision))
	if errors.Is(err, sql.ErrNoRows) {
		return assessment.Assessment{}, errs.NotFound("assessment revision", fmt.Sprintf("%s/revisions/%d", id, revision))
	}
	if err != nil {
		return assessment.Assessment{}, sqlite.Fault(err)
	}
	return r.assessment()
}

// List returns a page, newest first.
func (s *Store) List(ctx context.Context, owner string, q assessment.Query) (assessment.Page, error) {
	rows, more, err := s.page(ctx, owner, q)
	if err != nil {
		return assessment.Page{}, sqlite.Fault(err)
	}
	page := assessment.Page{More: more, Assessments: make([]assessment.Assessment, len(rows))}
	for i, r := range rows {
		if page.Assessments[i], err = r.assessment(); err != nil {
			return assessment.Page{}, err
		}
	}
	return page, nil
}

func (s *Store) page(ctx context.Context, owner string, q assessment.Query) (page []row, more bool, err error) {
	created, id := int64(math.MaxInt64), ""
	if q.After != (assessment.Cursor{}) {
		created, id = q.After.Created.UnixMicro(), q.After.ID
	}
	stmt, args := s.list, []any{owner}
	if q.Status != "" {
		stmt, args = s.listByStatus, append(args, q.Status == assessment.StatusSubmitted)
	}
	// One more than asked for tells whether more follow.
	rows, err := stmt.QueryContext(ctx, append(args, created, id, q.Limit+1)...)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = rows.Close() }() // what goes wrong while reading is in rows.Err
	for bytes := 0; rows.Next(); {
		if len(page) == q.Limit || len(page) > 0 && bytes >= q.Bytes {
			return page, true, nil
		}
		r, err := scan(rows)
		if err != nil {
			return nil, false, err
		}
		page = append(page, r)
		bytes += len(r.content)
	}
	return page, false, rows.Err()
}

// row is what every statement above selects.
type row struct {
	head    assessment.Assessment // without its content
	content []byte
}

// scan reads a row; what it returns is the driver's error.
func scan(from interface{ Scan(into ...any) error }) (row, error) {
	var r row
	var created, updated int64
	a := &r.head
	err := from.Scan(&a.ID, &a.Version, &a.Revision, &a.SubmittedRevision, &created, &updated, &r.content)
	a.Created, a.Updated = time.UnixMicro(created).UTC(), time.UnixMicro(updated).UTC()
	return r, err
}

// assessment decodes the content. That it cannot be read is damage, which does
// not go away when the caller tries again: this is no fault of the database.
func (r row) assessment() (assessment.Assessment, error) {
	a := r.head
	var err error
	if a.Content, err = record.Decode(r.content); err != nil {
		return assessment.Assessment{}, fmt.Errorf("assessment %s, revision %d: %w", a.ID, a.Revision, err)
	}
	return a, nil
}
