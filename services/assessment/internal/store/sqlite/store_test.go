package sqlite_test

import (
	"path/filepath"
	"testing"

	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/goleak"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/sqlite"
	"github.com/inframind/inframind/services/assessment/internal/store/storetest"
)

var noTraces = noop.NewTracerProvider()

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, noTraces)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) assessment.Store {
		return open(t, filepath.Join(t.TempDir(), "assessment.db"))
	})
}
