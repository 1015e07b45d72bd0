package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// query is a statement's text, by which its prepared form is found.
type query string

// Each query names the index it is answered by. "pk" is the table's primary key.
//
// #nosec G101 -- the names of tables are no credentials
const (
	selectAccountByEmail query = `
SELECT id, email, email_verified, display_name, roles, create_time, password_hash
FROM accounts WHERE email = ?` // unique index on email

	selectAccount query = `
SELECT id, email, email_verified, display_name, roles, create_time
FROM accounts WHERE id = ?` // pk

	insertAccount query = `
INSERT INTO accounts (id, email, email_verified, display_name, roles, create_time, password_hash)
VALUES (?, ?, ?, ?, ?, ?, ?)` // pk and unique index on email

	updateHash query = `
UPDATE accounts SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2` // pk

	selectSessionByToken query = `
SELECT s.id, s.account_id, s.current, s.create_time, s.expire_time, s.end_time
FROM refresh_tokens AS t JOIN sessions AS s ON s.id = t.session_id
WHERE t.hash = ?` // pk of each

	insertSession query = `
INSERT INTO sessions (id, account_id, current, create_time, expire_time, end_time)
VALUES (?, ?, ?, ?, ?, ?)` // pk

	rotateSession query = `
UPDATE sessions SET current = ?3, expire_time = ?4
WHERE id = ?1 AND current = ?2 AND end_time IS NULL` // pk

	endSession query = `
UPDATE sessions SET end_time = ?2 WHERE id = ?1 AND end_time IS NULL` // pk

	insertToken query = `
INSERT INTO refresh_tokens (hash, session_id, expire_time) VALUES (?, ?, ?)` // pk

	upsertRevocation query = `
INSERT INTO revocations (kind, id, before_time, expire_time) VALUES (?, ?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET
	before_time = max(before_time, excluded.before_time),
	expire_time = max(expire_time, excluded.expire_time)` // pk

	selectRevocations query = `
SELECT kind, id, before_time, expire_time
FROM revocations WHERE expire_time > ?` // revocations_by_expire_time

	selectSigningKeys query = `
SELECT id, generation, sealed, create_time
FROM signing_keys ORDER BY generation` // pk, all of it: a row per quarter of a year

	insertSigningKey query = `
INSERT INTO signing_keys (id, generation, sealed, create_time) VALUES (?, ?, ?, ?)
ON CONFLICT (generation) DO NOTHING` // pk

	resealSigningKey query = `
UPDATE signing_keys SET sealed = ?3 WHERE id = ?1 AND sealed = ?2` // unique index on id

	dropSessions query = `
DELETE FROM sessions WHERE id IN
	(SELECT id FROM sessions WHERE expire_time <= ?1 ORDER BY expire_time LIMIT ?2)` // sessions_by_expire_time, pk

	dropTokens query = `
DELETE FROM refresh_tokens WHERE hash IN
	(SELECT hash FROM refresh_tokens WHERE expire_time <= ?1 ORDER BY expire_time LIMIT ?2)` // refresh_tokens_by_expire_time, pk

	dropRevocations query = `
DELETE FROM revocations WHERE (kind, id) IN
	(SELECT kind, id FROM revocations WHERE expire_time <= ?1 ORDER BY expire_time LIMIT ?2)` // revocations_by_expire_time, pk
)

// reads are prepared on the connections that read, writes on the one that writes.
var (
	reads = []query{
		selectAccountByEmail, selectAccount, selectSessionByToken, selectRevocations, selectSigningKeys,
	}
	writes = []query{
		insertAccount, updateHash, insertSession, rotateSession, endSession, insertToken, upsertRevocation,
		insertSigningKey, resealSigningKey, dropSessions, dropTokens, dropRevocations,
	}
)

// prepare compiles every statement once; they live as long as the database.
func (s *Store) prepare(ctx context.Context) error {
	s.statements = make(map[query]*sql.Stmt, len(reads)+len(writes))
	for _, q := range reads {
		stmt, err := s.db.Reader().PrepareContext(ctx, string(q)) //nolint:sqlclosecheck // closed with the database
		if err != nil {
			return fmt.Errorf("prepare %s: %w", q, err)
		}
		s.statements[q] = stmt
	}
	for _, q := range writes {
		stmt, err := s.db.Prepare(ctx, string(q)) //nolint:sqlclosecheck // closed with the database
		if err != nil {
			return fmt.Errorf("prepare %s: %w", q, err)
		}
		s.statements[q] = stmt
	}
	return nil
}

// exec runs one of writes inside a transaction and says how many rows it touched.
func (s *Store) exec(ctx context.Context, tx *sql.Tx, q query, args ...any) (int64, error) {
	inTx := tx.StmtContext(ctx, s.statements[q]) //nolint:sqlclosecheck // closed with the transaction
	result, err := inTx.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
