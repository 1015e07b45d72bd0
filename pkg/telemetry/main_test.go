package telemetry_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTelemetry(t *testing.T, c telemetry.Config, opts ...telemetry.Option) *telemetry.Telemetry {
	t.Helper()
	c.Service, c.Version = "gateway", "v1"
	tel, err := telemetry.New(t.Context(), c, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

// lines decodes what was logged and empties the log.
func lines(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for decoder := json.NewDecoder(log); decoder.More(); {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}
