package advice_test

import (
	"fmt"
	"strings"
	"testing"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/recommendation/internal/advice"
	"github.com/inframind/inframind/services/recommendation/internal/catalog"
)

// apis are so many workloads that share a region, and a batch that does not.
func apis(n int) *assessmentv1.Assessment {
	a := &assessmentv1.Assessment{Workloads: []*commonv1.Workload{
		{Name: "nightly", Kind: commonv1.Workload_KIND_BATCH, Vcpu: 2, MemoryGib: 8},
	}}
	for i := range n {
		w := api()
		w.Name = fmt.Sprintf("api %d", i)
		a.Workloads = append(a.Workloads, w)
	}
	return a
}

func TestAReasonNamesTheWorkloadsThatStandTogether(t *testing.T) {
	for n, want := range map[int]string{
		2: ", where api 0 and api 1 stand together",
		4: ", where api 0, api 1, api 2 and api 3 stand together",
		5: ", where 5 workloads stand together",
	} {
		lines := advise(t, apis(n)).GetPlan().GetLines()
		if got := lines[1].GetReason(); !strings.Contains(got, want) {
			t.Errorf("%d workloads: %q, want %q in it", n, got, want)
		}
		if got := lines[0].GetReason(); strings.Contains(got, "together") {
			t.Errorf("the batch stands with nobody: %q", got)
		}
	}
	if got := advise(t, apis(1)).GetPlan().GetLines()[1].GetReason(); strings.Contains(got, "together") {
		t.Errorf("one stands with nobody: %q", got)
	}
}

func TestTheOnlyRowIsCalledThat(t *testing.T) {
	r := advise(t, &assessmentv1.Assessment{
		AllowedRegions: []string{"europe-west4"},
		Workloads:      []*commonv1.Workload{{Name: "model", Kind: commonv1.Workload_KIND_TRAINING, Gpus: 16, GpuMemoryGib: 40}},
	})
	l := r.GetPlan().GetLines()[0]
	if l.GetReason() != "the only feasible row at gcp" || l.GetRunnerUp() != nil || r.GetWorkloads()[0].GetFeasible() != 1 {
		t.Errorf("of %d rows, next %v: %q", r.GetWorkloads()[0].GetFeasible(), l.GetRunnerUp(), l.GetReason())
	}
}

// altered is an advisor on the catalogue with a change.
func altered(t *testing.T, change func(*catalog.Catalog)) *advice.Advisor {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	change(c)
	a, err := advice.From(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAPriceOfOneSourceOnlyIsNoted(t *testing.T) {
	want := "the price of e2-standard-2 in europe-west4 comes from one source only, as of 2026-08-03"
	a := one(api())
	a.AllowedRegions = []string{"europe-west4"}
	if got := notesOf(advise(t, a), "PRICE_UNCHECKED"); got != nil {
		t.Errorf("of a checked price: %q", got)
	}
	r, err := altered(t, func(c *catalog.Catalog) {
		for i := range c.Rows {
			c.Rows[i].PriceBasis = "listed-unchecked"
		}
	}).Advise(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := notesOf(r, "PRICE_UNCHECKED"); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := r.GetPlan().GetLines()[0].GetPriceBasis(); got != "listed-unchecked" {
		t.Errorf("the line says %s", got)
	}
}

func TestACostWithoutAPriceIsNoDataAndTheTotalALowerBound(t *testing.T) {
	a := one(api())
	a.MonthlyBudgetUsd = 1_000_000
	a.Workloads[0].StorageGib, a.Workloads[0].EgressGib = 100, 20
	r, err := altered(t, func(c *catalog.Catalog) { c.Defaults.Egress = nil }).Advise(a)
	if err != nil {
		t.Fatal(err)
	}
	l := r.GetPlan().GetLines()[0]
	if e := l.GetEgress(); e.GetSource() != "no data" || e.GetUsd() != 0 || e.GetUsdPerGib() != 0 || e.GetQuantityGib() != 20 {
		t.Errorf("egress is %v", e)
	}
	if s := l.GetStorage(); s.GetUsd() != 4 || s.GetQuantityGib() != 100 || s.GetSource() == "no data" {
		t.Errorf("storage is %v, want 4 USD", s)
	}
	if !r.GetPlan().GetAtLeast() || r.GetBudget().GetWithin() || len(notesOf(r, "BUDGET_UNDECIDED")) != 1 {
		t.Errorf("at least %v, budget %v", r.GetPlan().GetAtLeast(), r.GetBudget())
	}
	if got := notesOf(r, "DEFAULT_PRICES"); len(got) != 1 || strings.Contains(got[0], "traffic") {
		t.Errorf("defaults are %q", got)
	}
}
