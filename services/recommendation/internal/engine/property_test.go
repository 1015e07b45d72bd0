package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// drawMarket draws a few rows over a few regions, with figures close enough
// together that ties, near misses and roundings are common.
func drawMarket(t *rapid.T) oracle {
	hourly := []engine.MicroUSD{5_000, 10_000, 10_001, 20_000, 123_457}
	rows := map[string]engine.Row{}
	for range rapid.IntRange(1, 12).Draw(t, "rows") {
		r := engine.Row{
			Provider: rapid.SampledFrom([]string{"aws", "azure", "gcp"}).Draw(t, "provider"),
			Region:   rapid.SampledFrom([]string{"east", "west"}).Draw(t, "region"),
			Type:     rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "type"),
			Class: rapid.SampledFrom([]engine.Class{
				engine.ClassCurrent, engine.ClassCurrent, engine.ClassCurrent, engine.ClassCurrent, engine.ClassCurrent, engine.ClassCurrent,
				engine.ClassEconomy, engine.ClassPrevious, engine.ClassSpecial, engine.ClassBurstable, engine.ClassWholeHost,
			}).Draw(t, "class"),
			Arch:         rapid.SampledFrom([]engine.Arch{engine.ArchX86, engine.ArchX86, engine.ArchX86, engine.ArchX86, engine.ArchX86, engine.ArchARM}).Draw(t, "arch"),
			VCPU:         amount(rapid.SampledFrom([]float64{2, 3, 4, 8}).Draw(t, "vcpu")),
			MemoryGiB:    amount(rapid.SampledFrom([]float64{3.75, 8, 16, 64}).Draw(t, "memory")),
			OnDemand:     rapid.SampledFrom(hourly).Draw(t, "on demand"),
			Spot:         rapid.SampledFrom([]engine.MicroUSD{0, 4_999, 5_000, 10_000}).Draw(t, "spot"),
			SpotOnly:     rapid.IntRange(0, 9).Draw(t, "spot only") == 0,
			GPUMemoryGiB: amount(rapid.SampledFrom([]float64{0, 15, 22, 24, 80}).Draw(t, "gpu memory")),
		}
		if rapid.IntRange(0, 3).Draw(t, "accelerated") == 0 {
			r.Accelerated, r.Class = true, engine.ClassAccelerator
			if r.GPUs = rapid.IntRange(0, 2).Draw(t, "gpus"); r.GPUs > 0 {
				r.Generation = rapid.SampledFrom([]engine.Generation{engine.Volta, engine.Turing, engine.Ampere, engine.Hopper}).Draw(t, "generation")
			}
		}
		rows[r.Provider+"/"+r.Region+"/"+r.Type] = r
	}
	o := oracle{
		tiers: []engine.Tier{
			{Provider: "aws", Name: "single-instance", Percent: amount(99.5), Instances: 1},
			{Provider: "aws", Name: "multi-zone", Percent: amount(99.99), Instances: 2},
			{Provider: "gcp", Name: "single-instance", Percent: amount(99.9), Instances: 1, Assumed: true},
			{Provider: "gcp", Name: "multi-zone", Percent: amount(99.99), Instances: 3},
		},
		defaults: engine.Defaults{
			Storage: engine.StorageDefault{PerGiBHour: 5_479, Source: "test"},
			Egress: []engine.EgressDefault{
				{Provider: "aws", PerGiB: 14_300_000, Source: "test"},
				{Provider: "azure", PerGiB: 7_250_000, Source: "test"},
				{Provider: "gcp", PerGiB: 12_000_000, Source: "test"},
			},
		},
	}
	for _, r := range rows {
		o.rows = append(o.rows, r)
	}
	slices.SortFunc(o.rows, rowOrder)
	return o
}

func drawWorkload(t *rapid.T, name string) engine.Workload {
	w := engine.Workload{
		Name:          name,
		Kind:          rapid.SampledFrom([]engine.Kind{engine.API, engine.Database, engine.Batch, engine.Training, engine.Serving}).Draw(t, "kind"),
		VCPU:          amount(rapid.SampledFrom([]float64{0.1, 0.7, 1.4, 2, 2.1, 2.8, 4}).Draw(t, "vcpu")),
		MemoryGiB:     amount(rapid.SampledFrom([]float64{0, 0, 3.1875, 3.75, 6.8, 8, 13.6}).Draw(t, "memory")),
		Basis:         rapid.SampledFrom([]engine.Basis{engine.Size, engine.Usage}).Draw(t, "basis"),
		Replicas:      rapid.IntRange(0, 3).Draw(t, "replicas"),
		Hours:         amount(rapid.SampledFrom([]float64{0, 0.5, 1, 100, 137.125, 744}).Draw(t, "hours")),
		Availability:  amount(rapid.SampledFrom([]float64{0, 99.5, 99.9, 99.95, 99.99, 99.999}).Draw(t, "availability")),
		Interruptible: rapid.Bool().Draw(t, "interruptible"),
		Arch:          rapid.SampledFrom([]engine.Arch{0, 0, 0, 0, engine.ArchX86, engine.ArchX86, engine.ArchARM}).Draw(t, "arch"),
		StorageGiB:    amount(rapid.SampledFrom([]float64{0, 0, 100, 33.3}).Draw(t, "storage")),
		EgressGiB:     amount(rapid.SampledFrom([]float64{0, 0, 10, 500.5}).Draw(t, "egress")),
	}
	if w.Basis == engine.Usage {
		w.TargetUtilisation = amount(rapid.SampledFrom([]float64{0, 0.35, 0.7, 1}).Draw(t, "target"))
	}
	if rapid.IntRange(0, 4).Draw(t, "gpu") == 0 {
		w.GPUs = rapid.IntRange(1, 2).Draw(t, "gpus")
		w.GPUMemoryGiB = amount(rapid.SampledFrom([]float64{0, 16, 24, 24.5}).Draw(t, "gpu memory"))
		if rapid.Bool().Draw(t, "only gpus") {
			w.VCPU, w.MemoryGiB = 0, 0
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "extra") == 0 {
		w.ExtraClasses = []engine.Class{rapid.SampledFrom([]engine.Class{engine.ClassBurstable, engine.ClassWholeHost}).Draw(t, "extra class")}
	}
	return w
}

func drawAssessment(t *rapid.T, most int) engine.Assessment {
	a := engine.Assessment{Budget: engine.Cents(rapid.IntRange(0, 5_000).Draw(t, "budget"))}
	for i := range rapid.IntRange(1, most).Draw(t, "workloads") {
		a.Workloads = append(a.Workloads, drawWorkload(t, fmt.Sprintf("w%d", i)))
	}
	if rapid.IntRange(0, 3).Draw(t, "narrow providers") == 0 {
		a.Providers = []string{"azure", "gcp"}
	}
	if rapid.IntRange(0, 3).Draw(t, "narrow regions") == 0 {
		a.Admits = func(provider, region string) bool { return provider == "gcp" || region == "west" }
	}
	return a
}

func TestTheEngineAgreesWithTryingEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := drawMarket(t)
		m, err := engine.Compile(slices.Clone(o.rows), o.tiers, o.defaults)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			a := drawAssessment(t, 3)
			r, err := m.Recommend(a)
			if err != nil {
				t.Fatal(err)
			}
			for w := range a.Workloads {
				agreeOnFinding(t, o, a, w, r.Findings[w])
			}
			agreeOnPlan(t, o, a, r.OneProvider, r.OneProvider)
			agreeOnPlan(t, o, a, r.SeveralProviders, r.OneProvider)
			agreeOnPlan(t, o, a, r.Apart, r.OneProvider)
			agreeOnDefaults(t, o, a, r)
		}
	})
}

func TestTheEngineAgreesWithScanningTheRealCatalogue(t *testing.T) {
	o := oracle{tiers: prices().Tiers, defaults: prices().Defaults}
	for i := range prices().Rows {
		// One row in 23 keeps the scan short, and still meets every region.
		if i%23 == 0 {
			o.rows = append(o.rows, prices().Rows[i].Row)
		}
	}
	m, err := engine.Compile(slices.Clone(o.rows), o.tiers, o.defaults)
	if err != nil {
		t.Fatal(err)
	}
	residencies := [][]string{{"EU"}, {"UK", "US"}, {"DE"}, nil}
	rapid.Check(t, func(t *rapid.T) {
		a := engine.Assessment{
			Workloads: []engine.Workload{drawWorkload(t, "w")},
			Admits:    within(rapid.SampledFrom(residencies).Draw(t, "residency")...),
		}
		r, err := m.Recommend(a)
		if err != nil {
			t.Fatal(err)
		}
		agreeOnFinding(t, o, a, 0, r.Findings[0])
	})
}

func agreeOnFinding(t *rapid.T, o oracle, a engine.Assessment, w int, f engine.Finding) {
	workload := a.Workloads[w]
	j := o.judge(a, workload)
	if f.SecondPass != j.second {
		t.Fatalf("%s: second pass %v, want %v", workload.Name, f.SecondPass, j.second)
	}
	total := 0
	for reason, rows := range f.Counts {
		total += rows
		if name := engine.Reason(reason).String(); rows != j.counts[name] {
			t.Fatalf("%s: %d rows %s, want %d", workload.Name, rows, name, j.counts[name])
		}
	}
	if total != len(o.rows) {
		t.Fatalf("%s: the counts add up to %d of %d rows", workload.Name, total, len(o.rows))
	}
	for _, r := range f.Need.Replication {
		if want := o.instances(workload, r.Provider); r.Instances != want {
			t.Fatalf("%s: %d instances at %s, want %d", workload.Name, r.Instances, r.Provider, want)
		}
	}
	if len(j.feasible) == 0 {
		row, reason := o.nearest(a, workload)
		if f.Cheapest != nil || f.Miss == nil || f.Miss.Row != row || f.Miss.Reason.String() != reason {
			t.Fatalf("%s: nearest %+v, want %+v failing %s", workload.Name, f.Miss, row, reason)
		}
		return
	}
	best := o.cheapest(workload, j.feasible)
	if f.Miss != nil || f.Cheapest == nil || f.Cheapest.Row != best[0] {
		t.Fatalf("%s: cheapest %+v, want %+v", workload.Name, f.Cheapest, best[0])
	}
	if want := cents(o.compute(workload, best[0])); f.Cheapest.Compute != want {
		t.Fatalf("%s: costs %s, want %s", workload.Name, f.Cheapest.Compute, want)
	}
}

func agreeOnPlan(t *rapid.T, o oracle, a engine.Assessment, p, one engine.Plan) {
	want := o.best(a, p.Coupling, false)
	var compute, storage, egress engine.Cents
	var uncovered []string
	lines := p.Lines
	shared, _ := group(a, want)
	for w, row := range want {
		workload := a.Workloads[w]
		if row == nil {
			uncovered = append(uncovered, workload.Name)
			continue
		}
		if len(lines) == 0 || lines[0].Row != *row || lines[0].Index != w {
			t.Fatalf("%s plan: %s does not get %+v: %+v", p.Coupling, workload.Name, *row, p.Lines)
		}
		agreeOnLine(t, o, workload, lines[0])
		agreeOnRunnerUp(t, o, a, p, shared, lines[0])
		compute += cents(o.compute(workload, *row))
		disk, traffic := o.extras(workload, row.Provider)
		storage += cents(disk)
		egress += cents(traffic)
		lines = lines[1:]
	}
	if len(lines) > 0 || !slices.Equal(p.Uncovered, uncovered) {
		t.Fatalf("%s plan: uncovered %q, want %q", p.Coupling, p.Uncovered, uncovered)
	}
	if p.Compute != compute || p.Storage != storage || p.Egress != egress || p.Total != compute+storage+egress {
		t.Fatalf("%s plan: %s + %s + %s = %s, want %s + %s + %s", p.Coupling, p.Compute, p.Storage, p.Egress, p.Total, compute, storage, egress)
	}
	if p.AtLeast != (len(uncovered) > 0) {
		t.Fatalf("%s plan: at least %v with %d uncovered", p.Coupling, p.AtLeast, len(uncovered))
	}
	if p.Coupling != engine.CouplingNone && shared != nil && p.Group != (engine.Place{Provider: shared.Provider, Region: shared.Region}) {
		t.Fatalf("%s plan: group in %v, want %s %s", p.Coupling, p.Group, shared.Provider, shared.Region)
	}
	if same := slices.Equal(uncovered, one.Uncovered); p.Saving.Comparable != same ||
		same && (p.Saving.Compute != one.Compute-compute || p.Saving.Total != one.Total-p.Total) {
		t.Fatalf("%s plan: saving %+v", p.Coupling, p.Saving)
	}
	if b := p.Budget; (b != nil) != (a.Budget > 0) || b != nil && (b.Remaining != a.Budget-p.Total ||
		b.Within != (b.Remaining >= 0 && !p.AtLeast) || b.Undecided != (b.Remaining >= 0 && p.AtLeast)) {
		t.Fatalf("%s plan: budget %+v", p.Coupling, b)
	}
}

func agreeOnLine(t *rapid.T, o oracle, w engine.Workload, l engine.Line) {
	rate, spot := price(w, l.Row)
	if l.Price != rate || (l.Purchase == engine.Spot) != spot {
		t.Fatalf("%s: bought %s at %s, want %s", w.Name, l.Purchase, l.Price, rate)
	}
	var fallback engine.Cents
	if spot && !l.Row.SpotOnly {
		firm := w
		firm.Interruptible = false
		fallback = cents(o.compute(firm, l.Row))
	}
	if l.OnDemand != fallback {
		t.Fatalf("%s: falls back to %s, want %s", w.Name, l.OnDemand, fallback)
	}
	if l.Compute != cents(o.compute(w, l.Row)) {
		t.Fatalf("%s: costs %s, want %s", w.Name, l.Compute, cents(o.compute(w, l.Row)))
	}
}

// agreeOnRunnerUp looks for the next best row among those that the coupling
// leaves to a workload while the others stay.
func agreeOnRunnerUp(t *rapid.T, o oracle, a engine.Assessment, p engine.Plan, shared *engine.Row, l engine.Line) {
	w := a.Workloads[l.Index]
	grouped := w.Kind != engine.Batch && w.Kind != engine.Training
	var rest []engine.Row
	for _, r := range o.judge(a, w).feasible {
		switch {
		case r == l.Row,
			p.Coupling == engine.CouplingOneProvider && r.Provider != l.Row.Provider,
			p.Coupling != engine.CouplingNone && grouped && (r.Provider != shared.Provider || r.Region != shared.Region):
		default:
			rest = append(rest, r)
		}
	}
	rest = o.cheapest(w, rest)
	if len(rest) == 0 {
		if l.RunnerUp != nil {
			t.Fatalf("%s plan: runner-up %+v of %s, want none", p.Coupling, l.RunnerUp.Row, w.Name)
		}
		return
	}
	if l.RunnerUp == nil || l.RunnerUp.Row != rest[0] || l.RunnerUp.Compute != cents(o.compute(w, rest[0])) {
		t.Fatalf("%s plan: runner-up %+v of %s, want %+v", p.Coupling, l.RunnerUp, w.Name, rest[0])
	}
}

// agreeOnDefaults checks that the answer says so, and only then, when the
// default prices would have chosen otherwise.
func agreeOnDefaults(t *rapid.T, o oracle, a engine.Assessment, r engine.Result) {
	for _, p := range []engine.Plan{r.OneProvider, r.SeveralProviders, r.Apart} {
		other := o.best(a, p.Coupling, true)
		same := slices.EqualFunc(o.best(a, p.Coupling, false), other, func(x, y *engine.Row) bool {
			return x == nil && y == nil || x != nil && y != nil && *x == *y
		})
		noted := slices.ContainsFunc(r.Notes, func(n engine.Note) bool {
			return n.Code == engine.NoteDefaultDecides && n.Coupling == p.Coupling
		})
		if noted == same {
			t.Fatalf("%s plan: noted %v that defaults decide, and they leave it the same: %v", p.Coupling, noted, same)
		}
	}
}

func TestTheOrderOfTheRowsDoesNotMatter(t *testing.T) {
	want := render(recommend(t, market(), example()))
	rows := make([]engine.Row, len(prices().Rows))
	for seed := range uint64(3) {
		for i := range prices().Rows {
			rows[i] = prices().Rows[i].Row
		}
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		shuffled, err := engine.Compile(slices.Clone(rows), prices().Tiers, prices().Defaults)
		if err != nil {
			t.Fatal(err)
		}
		if got := render(recommend(t, shuffled, example())); got != want {
			t.Fatalf("seed %d: the answer differs:\n%s", seed, got)
		}
	}
}
