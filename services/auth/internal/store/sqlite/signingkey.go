package sqlite

import (
	"context"
	"database/sql"

	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

// SigningKeys implements signingkey.Store.
func (s *Store) SigningKeys(ctx context.Context) ([]signingkey.Record, error) {
	rows, err := s.statements[selectSigningKeys].QueryContext(ctx)
	if err != nil {
		return nil, sqlite.Fault(err)
	}
	defer func() { _ = rows.Close() }() // rows.Err says what went wrong
	var records []signingkey.Record
	for rows.Next() {
		var (
			r       signingkey.Record
			created int64
		)
		if err := rows.Scan(&r.ID, &r.Generation, &r.Sealed, &created); err != nil {
			return nil, sqlite.Fault(err)
		}
		r.CreateTime = instant(created)
		records = append(records, r)
	}
	return records, sqlite.Fault(rows.Err())
}

// ClaimSigningKey implements signingkey.Store.
func (s *Store) ClaimSigningKey(ctx context.Context, r signingkey.Record) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, insertSigningKey, r.ID, r.Generation, r.Sealed, r.CreateTime.UnixMicro())
		return err
	})
}

// ResealSigningKey implements signingkey.Store.
func (s *Store) ResealSigningKey(ctx context.Context, id string, from, to []byte) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, resealSigningKey, id, from, to)
		return err
	})
}
