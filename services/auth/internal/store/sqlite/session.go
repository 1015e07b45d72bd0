package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/sqlite"
	"github.com/inframind/inframind/services/auth/internal/session"
)

// dropAtOnce bounds how many expired rows of a table one call drops. It is more
// than a call adds, so what has expired does not pile up, and few enough that
// nobody waits for it.
const dropAtOnce = 16

// OpenSession implements session.Store.
func (s *Store) OpenSession(ctx context.Context, o session.Session) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, insertSession, o.ID, o.AccountID, o.Current[:],
			o.CreateTime.UnixMicro(), o.ExpireTime.UnixMicro(), optional(o.EndTime)); err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, insertToken, o.Current[:], o.ID, o.ExpireTime.UnixMicro()); err != nil {
			return err
		}
		return s.drop(ctx, tx, o.CreateTime, dropTokens, dropSessions)
	})
}

// SessionByRefreshToken implements session.Store.
func (s *Store) SessionByRefreshToken(ctx context.Context, h session.TokenHash) (session.Session, error) {
	var (
		found            session.Session
		current          []byte
		created, expires int64
		ended            sql.NullInt64
	)
	err := s.statements[selectSessionByToken].QueryRowContext(ctx, h[:]).
		Scan(&found.ID, &found.AccountID, &current, &created, &expires, &ended)
	if errors.Is(err, sql.ErrNoRows) {
		return session.Session{}, errs.NotFound("session", "")
	}
	if err != nil {
		return session.Session{}, sqlite.Fault(err)
	}
	copy(found.Current[:], current)
	found.CreateTime, found.ExpireTime, found.EndTime = instant(created), instant(expires), fromOptional(ended)
	return found, nil
}

// RotateRefreshToken implements session.Store.
func (s *Store) RotateRefreshToken(ctx context.Context, used session.TokenHash, next session.Session, at time.Time) (bool, error) {
	var won bool
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		expires := next.ExpireTime.UnixMicro()
		changed, err := s.exec(ctx, tx, rotateSession, next.ID, used[:], next.Current[:], expires)
		if err != nil || changed == 0 {
			return err
		}
		won = true
		if _, err := s.exec(ctx, tx, insertToken, next.Current[:], next.ID, expires); err != nil {
			return err
		}
		return s.drop(ctx, tx, at, dropTokens)
	})
	return won && err == nil, err
}

// EndSession implements session.Store.
func (s *Store) EndSession(ctx context.Context, id string, at time.Time, rs []revocation.Entry) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, endSession, id, at.UnixMicro()); err != nil {
			return err
		}
		for _, r := range rs {
			if err := s.insertRevocation(ctx, tx, r); err != nil {
				return err
			}
		}
		return s.drop(ctx, tx, at, dropRevocations)
	})
}

// drop deletes what has expired at a moment.
func (s *Store) drop(ctx context.Context, tx *sql.Tx, at time.Time, queries ...query) error {
	for _, q := range queries {
		if _, err := s.exec(ctx, tx, q, at.UnixMicro(), dropAtOnce); err != nil {
			return err
		}
	}
	return nil
}
