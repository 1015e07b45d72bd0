package report_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/deploy/standalone/internal/report"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

var update = flag.Bool("update", false, "write the golden files")

// answer has one workload of each fate: bought on demand, bought as spot,
// infeasible.
func answer() *recommendationv1.Recommendation {
	api := &recommendationv1.PlanLine{
		Workload:  "api",
		Instance:  &recommendationv1.Instance{Provider: "gcp", Region: "europe-west4", Type: "e2-standard-2"},
		Instances: 3, Hours: 730, UsdPerHour: 0.07377, PriceDate: "2026-08-03", PriceBasis: "listed",
		Purchase: recommendationv1.PurchaseModel_PURCHASE_MODEL_ON_DEMAND, ComputeUsd: 161.56,
		Storage: &recommendationv1.DefaultCost{QuantityGib: 100, UsdPerGib: 0.04, Usd: 12, Source: "a default"},
		Reason:  "cheapest of 210 feasible rows, of which the next would cost so much more that nobody would ask for it",
	}
	batch := &recommendationv1.PlanLine{
		Workload:  "batch",
		Instance:  &recommendationv1.Instance{Provider: "gcp", Region: "europe-west1", Type: "n4-highcpu-32"},
		Instances: 1, Hours: 200, UsdPerHour: 0.198, PriceDate: "2026-08-03", PriceBasis: "listed-unchecked",
		Purchase: recommendationv1.PurchaseModel_PURCHASE_MODEL_SPOT, ComputeUsd: 39.6, Reason: "spot",
	}
	lines := []*recommendationv1.PlanLine{api, batch}
	return &recommendationv1.Recommendation{
		Catalog: &recommendationv1.CatalogReference{
			Version: "2026-08-03.0123456789ab", Rows: 33091,
			Providers: []*recommendationv1.PriceDates{{Provider: "gcp", Oldest: "2026-08-01", Newest: "2026-08-03"}},
		},
		Workloads: []*recommendationv1.WorkloadFinding{
			{Workload: "api", Feasible: 33000, Rejections: []*recommendationv1.Rejection{{Reason: "vcpu", Rows: 90}, {Reason: "memory", Rows: 1}}},
			{Workload: "batch", Feasible: 33091},
			{Workload: "huge", Rejections: []*recommendationv1.Rejection{{Reason: "vcpu", Rows: 33091}}, NearestMiss: &recommendationv1.NearestMiss{
				Instance: &recommendationv1.Instance{Provider: "aws", Region: "us-east-1", Type: "u7i-12tb.224xlarge"},
				Reason:   "vcpu", Detail: "offers 896 vCPUs, needs 1000",
			}},
		},
		Plan: &recommendationv1.Plan{
			Lines: lines, ComputeUsd: 201.16, StorageUsd: 12, TotalUsd: 213.16, AtLeast: true, Uncovered: []string{"huge"},
		},
		SeveralProviders: &recommendationv1.Plan{Lines: lines, ComputeUsd: 201.16},
		Apart:            &recommendationv1.Plan{Lines: lines, ComputeUsd: 200.16, SavesUsd: 1},
		Budget:           &recommendationv1.BudgetCheck{BudgetUsd: 200, TotalUsd: 213.16, RemainingUsd: -13.16},
		Notes: []*recommendationv1.Note{
			{Code: "PARTLY_COVERED", Text: "the plan covers 2 of 3 workloads"},
			{Code: "SPOT_PRICES_UNLISTED", Workload: "batch", Text: "batch was compared one-sidedly: the catalogue has no spot prices of aws, so that its on-demand prices stood against those of others"},
		},
	}
}

func TestTheTableIsAsRecorded(t *testing.T) {
	var out bytes.Buffer
	if err := report.Write(&out, report.Table, answer()); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "table.txt")
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s", out.Bytes(), want)
	}
}

func TestAnAnswerWithoutAnyFeasibleWorkloadIsStillATable(t *testing.T) {
	a := answer()
	a.Plan, a.SeveralProviders, a.Apart, a.Budget = nil, nil, nil, nil
	var out bytes.Buffer
	if err := report.Write(&out, report.Table, a); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("No workload has a feasible option.")) {
		t.Errorf("got\n%s", out.Bytes())
	}
}

func TestTheJSONIsTheWholeAnswer(t *testing.T) {
	var out bytes.Buffer
	if err := report.Write(&out, report.JSON, answer()); err != nil {
		t.Fatal(err)
	}
	back := new(recommendationv1.Recommendation)
	if err := protojson.Unmarshal(out.Bytes(), back); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(back, answer()) {
		t.Errorf("got %v", back)
	}
}

func TestTheCSVHasARowForEachLineOfThePlan(t *testing.T) {
	var out bytes.Buffer
	if err := report.Write(&out, report.CSV, answer()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[2][0] != "batch" || rows[2][6] != "spot" || rows[2][10] != "39.60" {
		t.Errorf("got %q", rows)
	}
}

func TestAFormatThatDoesNotExistIsRefused(t *testing.T) {
	if err := report.Write(&bytes.Buffer{}, "xml", answer()); err == nil {
		t.Error("it was written")
	}
}
