package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/inframind/inframind/pkg/sqlite"
)

const pointRead = "SELECT n FROM items WHERE id = ?"

// BenchmarkPointRead shows what the spans cost beside the driver alone: when the
// request is not recorded they should be next to nothing.
func BenchmarkPointRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "test.db")
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample())),
		sdktrace.WithSyncer(tracetest.NewNoopExporter()))
	db, err := sqlite.Open(b.Context(), sqlite.Config{Path: path, Migrations: schema, Tracer: provider})
	if err != nil {
		b.Fatal(err)
	}
	defer closeDB(b, db)
	for i := range 1000 {
		mustExec(b, db, "INSERT INTO items VALUES (?, ?)", fmt.Sprint("row ", i), i)
	}
	bare, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_query_only=1")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = bare.Close() }()

	unrecorded, span := provider.Tracer("test").Start(b.Context(), "request")
	defer span.End()
	recording := sdktrace.NewTracerProvider(sdktrace.WithSyncer(tracetest.NewNoopExporter()))
	recorded, span := recording.Tracer("test").Start(b.Context(), "request")
	defer span.End()

	b.Run("driver alone", func(b *testing.B) { readPoints(b.Context(), b, bare) })
	b.Run("not recorded", func(b *testing.B) { readPoints(unrecorded, b, db.Reader()) })
	b.Run("recorded", func(b *testing.B) { readPoints(recorded, b, db.Reader()) })
}

func readPoints(ctx context.Context, b *testing.B, db *sql.DB) {
	stmt, err := db.PrepareContext(ctx, pointRead)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = stmt.Close() }()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		var n int
		if err := stmt.QueryRowContext(ctx, fmt.Sprint("row ", i%1000)).Scan(&n); err != nil || n != i%1000 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	db := openNew(b)
	for i := 0; b.Loop(); i++ {
		mustExec(b, db, "INSERT INTO items VALUES (?, 1)", fmt.Sprint("row ", i))
	}
}
