package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/sqlite"
)

const killedWriterPath = "INFRA_MIND_TEST_KILLED_WRITER"

// writeUntilKilled says on standard output each row that it was told is written.
func writeUntilKilled(path string) error {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, Migrations: schema, Tracer: noop.NewTracerProvider()})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		id := fmt.Sprint("row ", i)
		if err := execute(ctx, db, "INSERT INTO items VALUES (?, 1)", id); err != nil {
			return err
		}
		if _, err := fmt.Println(id); err != nil {
			return err
		}
	}
}

func TestAnAcknowledgedWriteSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	var acknowledged []string
	for range 3 { // each time on what the killed one before left behind
		acknowledged = killWriter(t, path)
		db := open(t, path, schema)
		for _, id := range acknowledged {
			var n int
			if err := db.Reader().QueryRowContext(t.Context(), "SELECT n FROM items WHERE id = ?", id).Scan(&n); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
		var integrity string
		if err := db.Reader().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
			t.Errorf("integrity %q, %v", integrity, err)
		}
		mustExec(t, db, "DELETE FROM items")
		closeDB(t, db)
	}
}

// killWriter starts a writer, kills it amid its work and returns what it said.
func killWriter(t *testing.T, path string) []string {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0])
	writer.Env = append(os.Environ(), killedWriterPath+"="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "row ") {
			t.Fatalf("the writer failed: %s", lines.Text())
		}
		said = append(said, lines.Text())
		if len(said) == 200 {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writer.Wait(); err == nil || len(said) < 200 {
		t.Fatalf("the writer ended by itself after %d rows: %v", len(said), err)
	}
	return said
}
