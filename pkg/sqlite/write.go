package sqlite

import (
	"context"
	"database/sql"
)

// Write runs fn in the one write transaction there is at a time. When it returns
// nil the change is on disk; when fn fails, nothing of it is. The error is fn's own,
// else one of Fault's.
//
// fn must not use Reader for what its decision depends on, nor call Write: it would
// wait for itself.
func (db *DB) Write(ctx context.Context, fn func(context.Context, *sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return Fault(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing; after a panic it frees the connection
	if err := fn(ctx, tx); err != nil {
		return err
	}
	return Fault(tx.Commit())
}

// Prepare prepares a statement for use in Write through Tx.StmtContext. Statements
// for reading are prepared on Reader. They all live as long as the database.
func (db *DB) Prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt, err := db.writer.PrepareContext(ctx, query)
	return stmt, Fault(err)
}
