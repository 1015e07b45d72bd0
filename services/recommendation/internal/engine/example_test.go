package engine_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/inframind/inframind/pkg/region"
	"github.com/inframind/inframind/services/recommendation/internal/catalog"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// prices is the committed catalogue, parsed once for all tests.
var prices = sync.OnceValue(func() *catalog.Catalog {
	c, err := catalog.Load()
	if err != nil {
		panic(err)
	}
	return c
})

var market = sync.OnceValue(func() *engine.Market {
	m, err := prices().Market()
	if err != nil {
		panic(err)
	}
	return m
})

var update = flag.Bool("update", false, "record golden files")

func amount(f float64) engine.Amount { return engine.AmountOf(f) }

// within admits the regions that meet a residency entry.
func within(residency ...string) func(string, string) bool {
	return func(provider, name string) bool {
		r, known := region.Lookup(provider, name)
		return known && region.InResidency(r, residency)
	}
}

// example is a European healthcare company: an API, a database, a nightly
// batch, and a model that it trains and serves.
func example() engine.Assessment {
	return engine.Assessment{
		Admits: within("EU"),
		Budget: 2_000_00,
		Workloads: []engine.Workload{
			{Name: "api", Kind: engine.API, VCPU: amount(2), MemoryGiB: amount(8), Replicas: 3, Availability: amount(99.9)},
			{Name: "database", Kind: engine.Database, VCPU: amount(8), MemoryGiB: amount(64), Replicas: 2, Availability: amount(99.95)},
			{Name: "batch", Kind: engine.Batch, VCPU: amount(32), Interruptible: true, Hours: amount(200)},
			{Name: "training", Kind: engine.Training, GPUs: 1, GPUMemoryGiB: amount(40), Hours: amount(100)},
			{Name: "serving", Kind: engine.Serving, GPUs: 1, GPUMemoryGiB: amount(16)},
		},
	}
}

// render writes a result in full, for golden files and comparisons.
func render(r engine.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "finding %s: needs %s vCPU, %s GiB, %d GPUs of %s GiB (%s), %s, %s h\n",
			f.Workload, f.Need.VCPU, f.Need.MemoryGiB, f.Need.GPUs, f.Need.GPUMemoryGiB, f.Need.Generation, f.Need.Arch, f.Need.Hours)
		for _, r := range f.Need.Replication {
			fmt.Fprintf(&b, "  at %s %s\n", r.Provider, replication(r))
		}
		fmt.Fprintf(&b, "  feasible %d", f.Counts[engine.Feasible])
		for _, reason := range engine.Reasons() {
			fmt.Fprintf(&b, ", %s %d", reason, f.Counts[reason])
		}
		fmt.Fprintf(&b, ", second pass %v\n", f.SecondPass)
		if f.Cheapest != nil {
			fmt.Fprintf(&b, "  cheapest %s %s %s at %s\n", f.Cheapest.Row.Provider, f.Cheapest.Row.Region, f.Cheapest.Row.Type, f.Cheapest.Compute)
		}
		if f.Miss != nil {
			fmt.Fprintf(&b, "  nearest %s %s %s fails %s: %s\n", f.Miss.Row.Provider, f.Miss.Row.Region, f.Miss.Row.Type, f.Miss.Reason, f.Miss.Detail)
		}
	}
	for _, p := range []engine.Plan{r.OneProvider, r.SeveralProviders, r.Apart} {
		fmt.Fprintf(&b, "plan %s, group in %q %q\n", p.Coupling, p.Group.Provider, p.Group.Region)
		for _, l := range p.Lines {
			fmt.Fprintf(&b, "  %d %s: %s %s %s, %s, %s h, %s at %s: %s", l.Index, l.Workload, l.Row.Provider, l.Row.Region, l.Row.Type,
				replication(l.Replication), l.Hours, l.Purchase, l.Price, l.Compute)
			if l.OnDemand > 0 {
				fmt.Fprintf(&b, ", on demand %s", l.OnDemand)
			}
			for _, d := range []*engine.DefaultCost{l.Storage, l.Egress} {
				if d != nil {
					fmt.Fprintf(&b, ", %s GiB at %s (%s): %s", d.GiB, d.PerGiB, d.Source, d.Cost)
				}
			}
			b.WriteString("\n")
			if n := l.RunnerUp; n != nil {
				fmt.Fprintf(&b, "    next %s %s %s, %s, %s at %s: %s\n", n.Row.Provider, n.Row.Region, n.Row.Type, replication(n.Replication), n.Purchase, n.Price, n.Compute)
			}
		}
		fmt.Fprintf(&b, "  uncovered %q\n", p.Uncovered)
		fmt.Fprintf(&b, "  compute %s + storage %s + egress %s = %s, at least %v, saving %+v\n", p.Compute, p.Storage, p.Egress, p.Total, p.AtLeast, p.Saving)
		if p.Budget != nil {
			fmt.Fprintf(&b, "  budget %s, remaining %s, within %v, undecided %v\n", p.Budget.Budget, p.Budget.Remaining, p.Budget.Within, p.Budget.Undecided)
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note %s: %s\n", n.Code, n)
	}
	return b.String()
}

func replication(r engine.Replication) string {
	text := fmt.Sprintf("× %d", r.Instances)
	if r.Tier != nil {
		text += fmt.Sprintf(" (%s %s)", r.Tier.Name, r.Tier.Percent)
	}
	if r.Unreached {
		text += " (unreached)"
	}
	return text
}

func recommend(t testing.TB, m *engine.Market, a engine.Assessment) engine.Result {
	t.Helper()
	r, err := m.Recommend(a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheExampleIsAnsweredAsRecorded(t *testing.T) {
	golden(t, "testdata/example.golden", render(recommend(t, market(), example())))
}

func TestWhatDoesNotFitIsAnsweredAsRecorded(t *testing.T) {
	golden(t, "testdata/unfitting.golden", render(recommend(t, market(), engine.Assessment{
		Admits: within("UK"),
		Budget: 1_000_00,
		Workloads: []engine.Workload{
			{Name: "web", Kind: engine.API, VCPU: amount(2.1), MemoryGiB: amount(5), Basis: engine.Usage, Availability: amount(99.9), EgressGiB: amount(2_000)},
			{Name: "ledger", Kind: engine.Database, VCPU: amount(400), MemoryGiB: amount(9_000), Availability: amount(99.999), StorageGiB: amount(500)},
			{Name: "nightly", Kind: engine.Batch, VCPU: amount(16), MemoryGiB: amount(64), Interruptible: true, Hours: amount(62.5), StorageGiB: amount(200), Availability: amount(99)},
			{Name: "research", Kind: engine.Training, GPUs: 8, GPUMemoryGiB: amount(192)},
		},
	})))
}

func TestTheExampleCostsWhatWasComputedApartFromTheEngine(t *testing.T) {
	r := recommend(t, market(), example())
	for i, want := range []struct {
		provider, region, instanceType string
		cost                           engine.Cents
	}{
		{"gcp", "europe-west1", "e2-standard-2", 161_44},
		{"gcp", "europe-west4", "n4d-highmem-8", 682_18},
		{"gcp", "europe-west1", "n4-highcpu-32", 39_73},
		{"aws", "eu-central-1", "g6e.2xlarge", 280_35},
		{"azure", "swedencentral", "Standard_NC4as_T4_v3", 407_34},
	} {
		got := r.Findings[i].Cheapest
		if got.Row.Provider != want.provider || got.Row.Region != want.region || got.Row.Type != want.instanceType || got.Compute != want.cost {
			t.Errorf("%s: %s %s %s at %s, want %+v", got.Workload, got.Row.Provider, got.Row.Region, got.Row.Type, got.Compute, want)
		}
	}
	if p := r.OneProvider; p.Total != 1_800_60 || p.Group != (engine.Place{Provider: "gcp", Region: "europe-west4"}) || p.Lines[2].Row.Region != "europe-west1" {
		t.Errorf("one provider: %s with the group in %v and the batch in %s", p.Total, p.Group, p.Lines[2].Row.Region)
	}
}

// golden compares with a recorded answer; -update records it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update if it should. Now it is:\n%s", path, got)
	}
}

func BenchmarkExample(b *testing.B) {
	m, a := market(), example()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Recommend(a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFiftyWorkloads(b *testing.B) {
	m := market()
	a := engine.Assessment{Budget: 100_000_00}
	for i := range engine.MaxWorkloads {
		w := example().Workloads[i%5]
		w.Name = fmt.Sprintf("%s-%d", w.Name, i)
		w.VCPU += engine.Amount(i) * engine.Unit
		w.StorageGiB = 100 * engine.Unit
		a.Workloads = append(a.Workloads, w)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Recommend(a); err != nil {
			b.Fatal(err)
		}
	}
}
