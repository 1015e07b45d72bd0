package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
)

// migration is one step of the schema.
type migration struct {
	version  int
	name     string
	script   string
	checksum string
}

var migrationName = regexp.MustCompile(`^([0-9]{4})_[a-z0-9_]+\.sql$`)

// readMigrations reads NNNN_name.sql in order. fs.Glob sorts, and four digits sort
// as numbers do.
func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("migrations: there are none")
	}
	steps := make([]migration, 0, len(names))
	for i, name := range names {
		match := migrationName.FindStringSubmatch(name)
		if match == nil {
			return nil, fmt.Errorf("migrations: %s is not named NNNN_name.sql", name)
		}
		if version, err := strconv.Atoi(match[1]); err != nil || version != i+1 {
			return nil, fmt.Errorf("migrations: %s stands where number %04d belongs", name, i+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		sum := sha256.Sum256(script)
		steps = append(steps, migration{
			version: i + 1, name: path.Base(name), script: string(script), checksum: hex.EncodeToString(sum[:]),
		})
	}
	return steps, nil
}

const (
	createMigrations = `
CREATE TABLE IF NOT EXISTS schema_migrations (
	version    INTEGER PRIMARY KEY,
	name       TEXT NOT NULL,
	checksum   TEXT NOT NULL,
	applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT`
	selectVersion   = `SELECT COALESCE(MAX(version), 0) FROM schema_migrations`
	selectChecksum  = `SELECT checksum FROM schema_migrations WHERE version = ?`
	insertMigration = `INSERT INTO schema_migrations (version, name, checksum) VALUES (?, ?, ?)`
)

// migrate applies what is missing, each step in a transaction of its own, together
// with its record: a crash leaves a step done and recorded, or neither. Every
// transaction looks again what is there, so two processes that start together do
// not apply a step twice.
func migrate(ctx context.Context, db *DB, steps []migration) error {
	if err := db.Write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, createMigrations); err != nil {
			return err
		}
		var newest int
		if err := tx.QueryRowContext(ctx, selectVersion).Scan(&newest); err != nil {
			return err
		}
		if newest > len(steps) {
			return fmt.Errorf("its schema has version %d, this program knows %d: it was written by a newer one", newest, len(steps))
		}
		return nil
	}); err != nil {
		return err
	}
	for _, step := range steps {
		if err := db.Write(ctx, step.apply); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, tx *sql.Tx) error {
	var applied string
	err := tx.QueryRowContext(ctx, selectChecksum, m.version).Scan(&applied)
	switch {
	case err == nil && applied != m.checksum:
		return errors.New("its text is not the one that was applied to this file")
	case err == nil:
		return nil
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	if _, err := tx.ExecContext(ctx, m.script); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, insertMigration, m.version, m.name, m.checksum)
	return err
}
