package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/sqlite"
)

// Revocations implements session.Store.
func (s *Store) Revocations(ctx context.Context, now time.Time) ([]revocation.Entry, error) {
	rows, err := s.statements[selectRevocations].QueryContext(ctx, now.UnixMicro())
	if err != nil {
		return nil, sqlite.Fault(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says what went wrong
	var entries []revocation.Entry
	for rows.Next() {
		e, err := scanRevocation(rows)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, sqlite.Fault(rows.Err())
}

func scanRevocation(rows *sql.Rows) (revocation.Entry, error) {
	var (
		e               revocation.Entry
		kind            string
		before, expires int64
	)
	if err := rows.Scan(&kind, &e.ID, &before, &expires); err != nil {
		return e, sqlite.Fault(err)
	}
	if before != 0 {
		e.Before = instant(before)
	}
	if expires != never {
		e.ExpiresAt = instant(expires)
	}
	var err error
	e.Kind, err = kindNamed(kind)
	return e, err
}

// insertRevocation keeps a revocation; of one that is there already, the longer of
// the two.
func (s *Store) insertRevocation(ctx context.Context, tx *sql.Tx, r revocation.Entry) error {
	var before, expires int64 = 0, never
	if !r.Before.IsZero() {
		before = r.Before.UnixMicro()
	}
	if !r.ExpiresAt.IsZero() {
		expires = r.ExpiresAt.UnixMicro()
	}
	_, err := s.exec(ctx, tx, upsertRevocation, kinds[r.Kind], r.ID, before, expires)
	return err
}
