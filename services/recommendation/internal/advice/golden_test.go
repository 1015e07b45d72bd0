package advice_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
)

var update = flag.Bool("update", false, "write the golden files from what comes out")

// advisor is made once: it never changes.
var advisor = sync.OnceValue(func() *advice.Advisor {
	a, err := advice.New()
	if err != nil {
		panic(err)
	}
	return a
})

func advise(t testing.TB, a *assessmentv1.Assessment) *recommendationv1.Recommendation {
	t.Helper()
	r, err := advisor().Advise(a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheExampleIsAnsweredAsRecorded(t *testing.T) {
	golden(t, "example.json", advise(t, example()))
}

func TestAnAssessmentThatNothingFitsIsAnsweredAsRecorded(t *testing.T) {
	golden(t, "infeasible.json", advise(t, infeasible()))
}

func TestStorageAndTrafficAreAnsweredAsRecorded(t *testing.T) {
	golden(t, "defaults.json", advise(t, withDefaults()))
}

func golden(t *testing.T, name string, r *recommendationv1.Recommendation) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got := readable(t, r)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: line %d differs; run with -update and read the difference", path, firstDifference(got, want))
	}
}

// readable is the answer as JSON with blanks of our own: those of protojson change
// from build to build on purpose.
func readable(t *testing.T, m proto.Message) []byte {
	t.Helper()
	raw, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var compact, indented bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatal(err)
	}
	if err := json.Indent(&indented, compact.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	return indented.Bytes()
}

func firstDifference(a, b []byte) int {
	left, right := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(left), len(right)) {
		if !bytes.Equal(left[i], right[i]) {
			return i + 1
		}
	}
	return min(len(left), len(right)) + 1
}

// The figures were worked out apart from this code.
func TestTheExampleCostsWhatItShould(t *testing.T) {
	r := advise(t, example())
	type place struct {
		region, name string
		usd          float64
	}
	for i, want := range []place{
		{"europe-west1", "e2-standard-2", 161.44},
		{"europe-west4", "n4d-highmem-8", 682.18},
		{"europe-west1", "n4-highcpu-32", 39.73},
		{"eu-central-1", "g6e.2xlarge", 280.35},
		{"swedencentral", "Standard_NC4as_T4_v3", 407.34},
	} {
		own := r.GetWorkloads()[i].GetCheapest()
		got := place{own.GetInstance().GetRegion(), own.GetInstance().GetType(), own.GetComputeUsd()}
		if got != want {
			t.Errorf("workload %d on its own: %v, want %v", i, got, want)
		}
	}
	if got := r.GetPlan().GetTotalUsd(); got != 1800.60 {
		t.Errorf("the plan costs %v, want 1800.60", got)
	}
	if b := r.GetBudget(); !b.GetWithin() || b.GetRemainingUsd() != 199.40 {
		t.Errorf("budget %v, want 199.40 left", b)
	}
}

func TestTheSameAssessmentGivesTheSameBytes(t *testing.T) {
	another, err := advice.New()
	if err != nil {
		t.Fatal(err)
	}
	if another.CatalogVersion() != advisor().CatalogVersion() || another.CatalogVersion() == "" {
		t.Errorf("catalogue %q and %q", another.CatalogVersion(), advisor().CatalogVersion())
	}
	want := encode(t, advise(t, example()))
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			r, err := another.Advise(example())
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := advice.Encode(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d other bytes, %v", len(got), err)
			}
		})
	}
	together.Wait()
}

func TestWhatWasEncodedIsDecoded(t *testing.T) {
	want := advise(t, example())
	got, err := advice.Decode(encode(t, want))
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("decoded something else, %v", err)
	}
	if r, err := advice.Decode([]byte{0xff}); err == nil {
		t.Errorf("decoded %v from what is no recommendation", r)
	}
}

func encode(t *testing.T, r *recommendationv1.Recommendation) []byte {
	t.Helper()
	encoded, err := advice.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// The goal is under 25 ms.
func BenchmarkExample(b *testing.B) {
	a := example()
	advisor()
	b.ReportAllocs()
	for b.Loop() {
		advise(b, a)
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := advice.New(); err != nil {
			b.Fatal(err)
		}
	}
}
