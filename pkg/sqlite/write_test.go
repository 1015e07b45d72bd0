package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
)

func TestAFailedWriteLeavesNothing(t *testing.T) {
	db := openNew(t)
	failure := errors.New("changed my mind")
	err := db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO items VALUES ('a', 1)"); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v, want the function's own error", err)
	}
	if n := count(t, db, "SELECT COUNT(*) FROM items"); n != 0 {
		t.Errorf("%d rows are there", n)
	}
}

func TestAPanicFreesTheWriter(t *testing.T) {
	db := openNew(t)
	func() {
		defer func() { _ = recover() }()
		_ = db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO items VALUES ('a', 1)"); err != nil {
				return err
			}
			panic("bug")
		})
	}()
	mustExec(t, db, "INSERT INTO items VALUES ('b', 1)")
	if n := count(t, db, "SELECT COUNT(*) FROM items"); n != 1 {
		t.Errorf("%d rows, want only the second", n)
	}
}

func TestWritesAtTheSameTimeLoseNothing(t *testing.T) {
	db := openNew(t)
	mustExec(t, db, "INSERT INTO items VALUES ('counter', 0)")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				if err := db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
					var n int
					if err := tx.QueryRowContext(ctx, "SELECT n FROM items WHERE id = 'counter'").Scan(&n); err != nil {
						return err
					}
					_, err := tx.ExecContext(ctx, "UPDATE items SET n = ? WHERE id = 'counter'", n+1)
					return err
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, db, "SELECT n FROM items"); n != 200 {
		t.Errorf("counted to %d, want 200", n)
	}
}

func TestReadersSeeTheLastCommitWhileAWriteRuns(t *testing.T) {
	db := openNew(t)
	mustExec(t, db, "INSERT INTO items VALUES ('a', 1)")
	if err := db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE items SET n = 2"); err != nil {
			return err
		}
		var n int
		if err := db.Reader().QueryRowContext(ctx, "SELECT n FROM items").Scan(&n); err != nil || n != 1 {
			t.Errorf("a reader sees %d, %v before the commit", n, err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT n FROM items"); n != 2 {
		t.Errorf("a reader sees %d after the commit", n)
	}
}

func TestWaitingForTheWriterEndsWithTheContext(t *testing.T) {
	db := openNew(t)
	if err := db.Write(t.Context(), func(ctx context.Context, _ *sql.Tx) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		if err := execute(ctx, db, "INSERT INTO items VALUES ('a', 1)"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAPreparedStatementWorksInEveryWrite(t *testing.T) {
	db := openNew(t)
	insert, err := db.Prepare(t.Context(), "INSERT INTO items VALUES (?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = insert.Close() }()
	for _, id := range []string{"a", "b"} {
		if err := db.Write(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
			stmt := tx.StmtContext(ctx, insert)
			defer func() { _ = stmt.Close() }()
			_, err := stmt.ExecContext(ctx, id, 1)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, "SELECT COUNT(*) FROM items"); n != 2 {
		t.Errorf("%d rows", n)
	}
	broken, err := db.Prepare(t.Context(), "INSERT INTO nowhere VALUES (1)")
	if err == nil {
		defer func() { _ = broken.Close() }()
	}
	if !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("a statement for no table: %v", err)
	}
}
