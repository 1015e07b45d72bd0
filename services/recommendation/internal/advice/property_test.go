package advice_test

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/region"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/catalog"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func anyWorkload(t *rapid.T, i int) *commonv1.Workload {
	w := &commonv1.Workload{
		Name:               fmt.Sprintf("w%d", i),
		Kind:               commonv1.Workload_Kind(rapid.IntRange(1, 5).Draw(t, "kind")),
		Vcpu:               float64(rapid.IntRange(1, 256).Draw(t, "vcpu")) / 2,
		MemoryGib:          float64(rapid.IntRange(1, 1024).Draw(t, "memory")) / 2,
		SizingBasis:        commonv1.Workload_SizingBasis(rapid.IntRange(0, 2).Draw(t, "basis")),
		Replicas:           rapid.Int32Range(0, 5).Draw(t, "replicas"),
		HoursPerMonth:      float64(rapid.IntRange(0, 744).Draw(t, "hours")),
		AvailabilityTarget: rapid.SampledFrom([]float64{0, 99, 99.9, 99.95, 99.99, 99.999}).Draw(t, "availability"),
		Interruptible:      rapid.Bool().Draw(t, "interruptible"),
		StorageGib:         float64(rapid.IntRange(0, 500).Draw(t, "storage")),
		EgressGib:          float64(rapid.IntRange(0, 500).Draw(t, "egress")),
	}
	if rapid.IntRange(0, 3).Draw(t, "gpu") == 0 {
		w.Gpus = rapid.Int32Range(1, 8).Draw(t, "gpus")
		w.GpuMemoryGib = rapid.SampledFrom([]float64{0, 16, 24, 40, 48, 80}).Draw(t, "gpu memory")
	}
	return w
}

func anyAssessment(t *rapid.T) *assessmentv1.Assessment {
	a := &assessmentv1.Assessment{
		MonthlyBudgetUsd: float64(rapid.IntRange(0, 10_000).Draw(t, "budget")),
		DataResidency:    rapid.SampledFrom([][]string{nil, {"EU"}, {"US", "CA"}, {"SE"}, {"BR"}, {"UK"}}).Draw(t, "residency"),
		AllowedProviders: rapid.SampledFrom([][]string{nil, {"gcp"}, {"aws", "azure"}}).Draw(t, "providers"),
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "workloads") {
		a.Workloads = append(a.Workloads, anyWorkload(t, i))
	}
	return a
}

func cents(usd float64) int64 { return int64(math.Round(usd * 100)) }

func TestWhateverIsAskedTheFiguresAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAssessment(t)
		r, err := advisor().Advise(a)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range r.GetWorkloads() {
			rows := f.GetFeasible()
			for _, rejection := range f.GetRejections() {
				rows += rejection.GetRows()
			}
			if rows != r.GetCatalog().GetRows() {
				t.Fatalf("workload %d: %d rows counted of %d", i, rows, r.GetCatalog().GetRows())
			}
			if (f.GetFeasible() > 0) != (f.GetCheapest() != nil) || (f.GetFeasible() > 0) == (f.GetNearestMiss() != nil) {
				t.Fatalf("workload %d: %d feasible, cheapest %v, nearest miss %v", i, f.GetFeasible(), f.GetCheapest(), f.GetNearestMiss())
			}
		}
		for name, p := range plans(r) {
			checkPlan(t, a, r, name, p)
		}
		if b := r.GetBudget(); (b != nil) != (a.GetMonthlyBudgetUsd() > 0) ||
			b != nil && cents(b.GetBudgetUsd()) != cents(b.GetTotalUsd())+cents(b.GetRemainingUsd()) ||
			b != nil && b.GetWithin() != (b.GetRemainingUsd() >= 0 && !r.GetPlan().GetAtLeast()) {
			t.Fatalf("budget %v of %v", b, a.GetMonthlyBudgetUsd())
		}
	})
}

func plans(r *recommendationv1.Recommendation) map[string]*recommendationv1.Plan {
	return map[string]*recommendationv1.Plan{"one": r.GetPlan(), "several": r.GetSeveralProviders(), "apart": r.GetApart()}
}

func checkPlan(t *rapid.T, a *assessmentv1.Assessment, r *recommendationv1.Recommendation, name string, p *recommendationv1.Plan) {
	var compute, storage, egress int64
	for _, l := range p.GetLines() {
		compute += cents(l.GetComputeUsd())
		storage += cents(l.GetStorage().GetUsd())
		egress += cents(l.GetEgress().GetUsd())
		at, known := region.Lookup(l.GetInstance().GetProvider(), l.GetInstance().GetRegion())
		if !known || !region.InResidency(at, a.GetDataResidency()) ||
			len(a.GetAllowedProviders()) > 0 && !slices.Contains(a.GetAllowedProviders(), at.Provider) {
			t.Fatalf("%s: %s stands in %v", name, l.GetWorkload(), at)
		}
		if l.GetPriceDate() == "" || l.GetPriceBasis() == "" || l.GetReason() == "" || l.GetInstance().GetVcpu() == 0 {
			t.Fatalf("%s: something is missing of %v", name, l)
		}
		if next := l.GetRunnerUp(); next != nil && next.GetComputeUsd() < l.GetComputeUsd() {
			t.Fatalf("%s: the runner-up of %v is cheaper", name, l)
		}
	}
	if cents(p.GetComputeUsd()) != compute || cents(p.GetStorageUsd()) != storage || cents(p.GetEgressUsd()) != egress ||
		cents(p.GetTotalUsd()) != compute+storage+egress {
		t.Fatalf("%s: %d + %d + %d is not %v", name, compute, storage, egress, p)
	}
	if len(p.GetLines())+len(p.GetUncovered()) != len(a.GetWorkloads()) {
		t.Fatalf("%s: %d lines and %v", name, len(p.GetLines()), p.GetUncovered())
	}
	if slices.Equal(p.GetUncovered(), r.GetPlan().GetUncovered()) &&
		cents(p.GetSavesUsd()) != cents(r.GetPlan().GetComputeUsd())-compute {
		t.Fatalf("%s saves %v", name, p.GetSavesUsd())
	}
}

var counted = regexp.MustCompile(`^(?:cheapest of (\d+) feasible rows|the only feasible row)(?: at (\S+?))?(?: in (\S+?))?[,;]`)

// The count in a reason is held against a plain look at every row of the
// catalogue, for work without accelerators.
func TestAReasonCountsTheRowsThatTheChoiceWasFrom(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	rows := slices.DeleteFunc(c.Rows, func(r catalog.Row) bool {
		return r.Accelerated || r.Arch != engine.ArchX86 || r.Class > engine.ClassSpecial
	})
	rapid.Check(t, func(t *rapid.T) {
		a := anyAssessment(t)
		for _, w := range a.GetWorkloads() {
			w.Gpus, w.GpuMemoryGib, w.SizingBasis = 0, 0, 0
		}
		r, err := advisor().Advise(a)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range a.GetWorkloads() {
			fit := fitting(rows, a, w, r.GetWorkloads()[i].GetSecondPass())
			for name, p := range plans(r) {
				at := slices.IndexFunc(p.GetLines(), func(l *recommendationv1.PlanLine) bool { return l.GetWorkload() == w.GetName() })
				if at >= 0 {
					checkCount(t, name, w, p.GetLines()[at], fit)
				}
			}
		}
	})
}

// fitting counts the rows that fit a workload, by provider and region.
func fitting(rows []catalog.Row, a *assessmentv1.Assessment, w *commonv1.Workload, second bool) map[[2]string]int {
	counts := map[[2]string]int{}
	for i := range rows {
		r := &rows[i]
		usual := r.Class == engine.ClassCurrent || r.Class == engine.ClassEconomy && w.GetKind() == commonv1.Workload_KIND_API
		if (usual || second) && (!r.SpotOnly || w.GetInterruptible()) &&
			r.VCPU.Float() >= w.GetVcpu() && r.MemoryGiB.Float() >= w.GetMemoryGib() {
			counts[[2]string{r.Provider, r.Region}]++
		}
	}
	maps.DeleteFunc(counts, func(at [2]string, _ int) bool {
		place, known := region.Lookup(at[0], at[1])
		return !known || !region.InResidency(place, a.GetDataResidency()) ||
			len(a.GetAllowedProviders()) > 0 && !slices.Contains(a.GetAllowedProviders(), at[0])
	})
	return counts
}

func checkCount(t *rapid.T, plan string, w *commonv1.Workload, l *recommendationv1.PlanLine, fit map[[2]string]int) {
	said := counted.FindStringSubmatch(l.GetReason() + ";")
	if said == nil {
		t.Fatalf("%s: no count in %q", plan, l.GetReason())
	}
	want := 0
	for at, rows := range fit {
		if (said[2] == "" || said[2] == at[0]) && (said[3] == "" || said[3] == at[1]) {
			want += rows
		}
	}
	if got, _ := strconv.Atoi(said[1]); got != want && (said[1] != "" || want != 1) {
		t.Fatalf("%s: %q, there are %d", plan, l.GetReason(), want)
	}
	grouped := w.GetKind() != commonv1.Workload_KIND_BATCH && w.GetKind() != commonv1.Workload_KIND_TRAINING
	if (said[3] != "") != (grouped && plan != "apart") || (said[2] != "") != (said[3] != "" || plan == "one") {
		t.Fatalf("%s: %q is not where the plan lets %s choose", plan, l.GetReason(), w.GetName())
	}
}

// Every amount in a reason is one that the line, its runner-up and the
// workload's own cheapest row add up to.
func TestAReasonStatesTheAmountsOfItsRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyAssessment(t)
		r, err := advisor().Advise(a)
		if err != nil {
			t.Fatal(err)
		}
		own := map[string]*recommendationv1.PlanLine{}
		for _, f := range r.GetWorkloads() {
			own[f.GetWorkload()] = f.GetCheapest()
		}
		for name, p := range plans(r) {
			for _, l := range p.GetLines() {
				cost := cents(l.GetComputeUsd())
				if next := l.GetRunnerUp(); next != nil {
					wants(t, l, name, fmt.Sprintf(" costs %s USD more", dollars(cents(next.GetComputeUsd())-cost)), cents(next.GetComputeUsd()) > cost)
					wants(t, l, name, " costs the same", cents(next.GetComputeUsd()) == cost)
				}
				saving := cost - cents(own[l.GetWorkload()].GetComputeUsd())
				wants(t, l, name, fmt.Sprintf(" would save %s USD", dollars(saving)), saving > 0)
				spot := l.GetPurchase() == recommendationv1.PurchaseModel_PURCHASE_MODEL_SPOT
				onDemand := cents(l.GetOnDemandUsd())
				wants(t, l, name, fmt.Sprintf("spot; on demand it would cost %s USD", dollars(onDemand)), spot && onDemand > 0)
				wants(t, l, name, "sold as spot only", spot && onDemand == 0)
			}
		}
	})
}

func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

func wants(t *rapid.T, l *recommendationv1.PlanLine, plan, words string, want bool) {
	if strings.Contains(l.GetReason(), words) != want {
		t.Fatalf("%s: %q, want %q in it: %v", plan, l.GetReason(), words, want)
	}
}
