package main

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/inframind/inframind/deploy/standalone/internal/example"
	"github.com/inframind/inframind/deploy/standalone/internal/report"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

const generated = 200

func TestTheCommandAgreesWithAScanOfThePriceListsOnGeneratedAssessments(t *testing.T) {
	o := newOracle(t)
	random := rand.New(rand.NewPCG(2026, 11))
	infeasible, second := 0, 0
	for n := range generated {
		a := o.assessment(random, n)
		got := recommendFile(t, a)
		found := make([]oracleWorkload, len(a.GetWorkloads()))
		for i, w := range a.GetWorkloads() {
			found[i] = o.scan(a, w)
			checkWorkload(t, got.GetWorkloads()[i], found[i], len(o.rows))
			if found[i].feasible == 0 {
				infeasible++
			}
			if found[i].second {
				second++
			}
		}
		checkPlan(t, "one provider", a, got.GetPlan(), plan(a, found, o.places(), false))
		checkPlan(t, "several providers", a, got.GetSeveralProviders(), plan(a, found, o.places(), true))
		if t.Failed() {
			t.Fatalf("assessment %d: %v", n, a)
		}
	}
	if infeasible < 5 || second < 5 {
		t.Fatalf("the generator reaches too little: %d infeasible, %d in the second pass", infeasible, second)
	}
}

func TestTheExampleCostsWhatAScanOfThePriceListsSays(t *testing.T) {
	o := newOracle(t)
	path := filepath.Join(t.TempDir(), "example.yaml")
	if err := os.WriteFile(path, example.YAML, 0o600); err != nil {
		t.Fatal(err)
	}
	got := runRecommend(t, path)
	if cost := got.GetPlan().GetComputeUsd(); cost != 1800.60 {
		t.Errorf("one provider costs %.2f", cost)
	}
	for i, want := range []string{
		"gcp europe-west1 e2-standard-2 161.44",
		"gcp europe-west4 n4d-highmem-8 682.18",
		"gcp europe-west1 n4-highcpu-32 39.73",
		"aws eu-central-1 g6e.2xlarge 280.35",
		"azure swedencentral Standard_NC4as_T4_v3 407.34",
	} {
		l := got.GetWorkloads()[i].GetCheapest()
		said := fmt.Sprintf("%s %s %s %.2f", l.GetInstance().GetProvider(), l.GetInstance().GetRegion(), l.GetInstance().GetType(), l.GetComputeUsd())
		if said != want {
			t.Errorf("%s is cheapest on %s, not %s", l.GetWorkload(), said, want)
		}
	}
	for _, l := range got.GetPlan().GetLines() {
		if where := l.GetInstance().GetProvider() + "/" + l.GetInstance().GetRegion(); o.geo[where][0] != "EU" {
			t.Errorf("%s stands in %s", l.GetWorkload(), where)
		}
	}
}

// recommendFile runs the command on the assessment as a file.
func recommendFile(t *testing.T, a *assessmentv1.Assessment) *recommendationv1.Recommendation {
	t.Helper()
	text, err := protojson.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "assessment.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return runRecommend(t, path)
}

func runRecommend(t *testing.T, path string) *recommendationv1.Recommendation {
	t.Helper()
	var out bytes.Buffer
	if err := (&recommend{File: path, Output: report.JSON}).write(&out, strings.NewReader("")); err != nil {
		t.Fatal(err)
	}
	got := new(recommendationv1.Recommendation)
	if err := protojson.Unmarshal(out.Bytes(), got); err != nil {
		t.Fatal(err)
	}
	return got
}

func checkWorkload(t *testing.T, got *recommendationv1.WorkloadFinding, want oracleWorkload, rows int) {
	t.Helper()
	sum := int(got.GetFeasible())
	for _, r := range got.GetRejections() {
		sum += int(r.GetRows())
		if want.counts[r.GetReason()] != int(r.GetRows()) {
			t.Errorf("%s: %d rows rejected by %s, not %d", got.GetWorkload(), r.GetRows(), r.GetReason(), want.counts[r.GetReason()])
		}
	}
	if sum != rows || int(got.GetFeasible()) != want.feasible {
		t.Errorf("%s: %d feasible, not %d; with the rejected %d of %d rows", got.GetWorkload(), got.GetFeasible(), want.feasible, sum, rows)
	}
	if got.GetSecondPass() != want.second {
		t.Errorf("%s: second pass %v", got.GetWorkload(), got.GetSecondPass())
	}
	best, ok := want.cheapest[place{}]
	if !ok {
		if got.GetCheapest() != nil || got.GetNearestMiss() == nil {
			t.Errorf("%s: infeasible, but %v", got.GetWorkload(), got)
		}
		return
	}
	checkLine(t, got.GetCheapest(), best)
}

func checkLine(t *testing.T, got *recommendationv1.PlanLine, want oracleOption) {
	t.Helper()
	i := got.GetInstance()
	if i.GetProvider() != want.row.provider || i.GetRegion() != want.row.region || i.GetType() != want.row.name {
		t.Errorf("%s on %s %s %s, not %s %s %s", got.GetWorkload(), i.GetProvider(), i.GetRegion(), i.GetType(),
			want.row.provider, want.row.region, want.row.name)
	}
	if int64(got.GetInstances()) != want.instances {
		t.Errorf("%s on %d instances, not %d", got.GetWorkload(), got.GetInstances(), want.instances)
	}
	if spot := got.GetPurchase() == recommendationv1.PurchaseModel_PURCHASE_MODEL_SPOT; spot != want.spot {
		t.Errorf("%s: spot %v", got.GetWorkload(), spot)
	}
	if c := toCents(got.GetComputeUsd()); c != cents(want.usd) {
		t.Errorf("%s costs %d cents, not %d", got.GetWorkload(), c, cents(want.usd))
	}
	if got.GetPriceDate() != want.row.date || got.GetPriceBasis() != want.row.basis {
		t.Errorf("%s has a price of %s, %s", got.GetWorkload(), got.GetPriceDate(), got.GetPriceBasis())
	}
}

func checkPlan(t *testing.T, name string, a *assessmentv1.Assessment, got *recommendationv1.Plan, want oraclePlan) {
	t.Helper()
	if c := toCents(got.GetComputeUsd()); c != want.compute() || len(got.GetLines()) != want.covered {
		t.Errorf("%s: %d lines for %d cents, not %d for %d", name, len(got.GetLines()), c, want.covered, want.compute())
		return
	}
	line := 0
	for i, w := range a.GetWorkloads() {
		choice := want.choices[i]
		if choice == nil {
			if !slices.Contains(got.GetUncovered(), w.GetName()) {
				t.Errorf("%s: %s is covered", name, w.GetName())
			}
			continue
		}
		checkLine(t, got.GetLines()[line], *choice)
		line++
	}
}

func toCents(usd float64) int64 { return int64(math.Round(usd * 100)) }

// places returns every (provider, region) in bytewise order, so that the first
// of equals is the one that ties choose.
func (o *oracle) places() []place {
	var places []place
	for key := range o.geo {
		provider, region, _ := strings.Cut(key, "/")
		places = append(places, place{provider, region})
	}
	slices.SortFunc(places, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.provider, y.provider), cmp.Compare(x.region, y.region))
	})
	return places
}

func pick[T any](random *rand.Rand, of ...T) T { return of[random.IntN(len(of))] }

func (o *oracle) assessment(random *rand.Rand, n int) *assessmentv1.Assessment {
	a := &assessmentv1.Assessment{
		Title:            fmt.Sprintf("generated %d", n),
		MonthlyBudgetUsd: pick(random, 0.0, 500, 5000, 123456.78),
		DataResidency:    pick(random, nil, nil, []string{"EU"}, []string{"UK"}, []string{"DE", "US"}, []string{"APAC", "BR"}),
	}
	if random.IntN(3) == 0 {
		a.AllowedProviders = pick(random, []string{"aws"}, []string{"azure", "gcp"}, []string{"gcp"})
	}
	if random.IntN(6) == 0 {
		a.DataResidency, a.AllowedProviders = nil, nil
		a.AllowedRegions = pick(random, []string{"eu-north-1", "swedencentral"}, []string{"us-central1"}, []string{"eu-west-2", "uksouth", "europe-west2"})
	}
	for i := range 1 + random.IntN(6) {
		a.Workloads = append(a.Workloads, generatedWorkload(random, i))
	}
	return a
}

func generatedWorkload(random *rand.Rand, i int) *commonv1.Workload {
	w := &commonv1.Workload{
		Name: fmt.Sprintf("w%d", i),
		Kind: pick(random, commonv1.Workload_KIND_API, commonv1.Workload_KIND_DATABASE, commonv1.Workload_KIND_BATCH,
			commonv1.Workload_KIND_TRAINING, commonv1.Workload_KIND_SERVING),
		Vcpu:               pick(random, 0.5, 1, 2, 3, 4, 7.5, 8, 16, 32, 61, 96, 128, 448),
		MemoryGib:          pick(random, 0.5, 2, 4, 7.7, 8, 16, 31, 64, 250, 768, 6000, 24000),
		SizingBasis:        pick(random, commonv1.Workload_SIZING_BASIS_UNSPECIFIED, commonv1.Workload_SIZING_BASIS_SIZE, commonv1.Workload_SIZING_BASIS_USAGE),
		TargetUtilisation:  pick(random, 0, 0, 0.5, 0.83),
		Replicas:           pick[int32](random, 0, 1, 2, 3, 7, 40),
		HoursPerMonth:      pick(random, 0, 0, 1, 33.333, 200, 730, 744),
		AvailabilityTarget: pick(random, 0, 0, 99, 99.5, 99.9, 99.95, 99.99),
		Interruptible:      random.IntN(3) == 0,
		Architecture:       pick(random, commonv1.Workload_ARCHITECTURE_UNSPECIFIED, commonv1.Workload_ARCHITECTURE_X86_64, commonv1.Workload_ARCHITECTURE_ARM64),
	}
	if random.IntN(4) == 0 {
		w.ExtraClasses = pick(random,
			[]commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_BURSTABLE},
			[]commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_WHOLE_HOST, commonv1.Workload_INSTANCE_CLASS_CONFIDENTIAL},
			[]commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_CONSTRAINED_VCPU},
		)
	}
	if random.IntN(3) == 0 {
		w.Gpus = pick[int32](random, 1, 1, 2, 3, 4, 8, 16)
		w.GpuMemoryGib = pick[float64](random, 0, 15, 16, 24, 40, 48, 80, 100, 141, 200)
		w.Architecture = commonv1.Workload_ARCHITECTURE_UNSPECIFIED
		if random.IntN(2) == 0 {
			w.Vcpu, w.MemoryGib = 0, 0
		}
	}
	return w
}
