package engine_test

import (
	"math"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// row is a plain type of the given price, to change as a test needs.
func row(provider, region, instanceType string, price engine.MicroUSD) engine.Row {
	return engine.Row{
		Provider: provider, Region: region, Type: instanceType, Family: "f",
		Class: engine.ClassCurrent, Arch: engine.ArchX86,
		VCPU: amount(4), MemoryGiB: amount(16), OnDemand: price,
	}
}

func compile(t *testing.T, tiers []engine.Tier, d engine.Defaults, rows ...engine.Row) *engine.Market {
	t.Helper()
	m, err := engine.Compile(rows, tiers, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestALineIsRoundedHalfUpToCents(t *testing.T) {
	for name, c := range map[string]struct {
		price    engine.MicroUSD
		replicas int
		hours    float64
		want     engine.Cents
	}{
		"half a cent is one":                        {5_000, 1, 1, 1},
		"a hair less is none":                       {4_999, 1, 1, 0},
		"one and a half are two":                    {15_000, 1, 1, 2},
		"two and a half are three, not an even two": {25_000, 1, 1, 3},
		"half a cent by half an hour":               {10_000, 1, 0.5, 1},
		"a thousandth of an hour counts":            {10_000_000, 1, 0.0005, 1},
		"a third of a cent thrice is one":           {3_333, 3, 1, 1},
		"always on is 730 hours":                    {96_000, 1, 0, 70_08},
		"the largest of everything":                 {engine.MaxPrice, engine.MaxReplicas, 744, 74_400_000_000},
		"the smallest of everything":                {1, 1, 0.000001, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := compile(t, nil, engine.Defaults{}, row("aws", "r", "t", c.price))
			w := engine.Workload{Kind: engine.Batch, VCPU: amount(1), Replicas: c.replicas, Hours: amount(c.hours)}
			if got := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}}).OneProvider.Total; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestATotalIsTheSumOfItsRoundedLines(t *testing.T) {
	m := compile(t, nil, engine.Defaults{}, row("aws", "r", "t", 5_000))
	w := engine.Workload{Kind: engine.API, VCPU: amount(1), Hours: amount(1)}
	r := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w, w, w}})
	if r.OneProvider.Total != 3 {
		t.Errorf("three lines of half a cent cost %s, want 0.03", r.OneProvider.Total)
	}
}

func TestRankingSeesWhatRoundingHides(t *testing.T) {
	m := compile(t, nil, engine.Defaults{}, row("aws", "r", "a", 10_001), row("aws", "r", "b", 10_000))
	w := engine.Workload{Kind: engine.Batch, VCPU: amount(1), Hours: amount(1)}
	r := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}})
	if l := r.OneProvider.Lines[0]; l.Row.Type != "b" || l.Compute != l.RunnerUp.Compute {
		t.Errorf("%s at %s before %s at %s", l.Row.Type, l.Compute, l.RunnerUp.Row.Type, l.RunnerUp.Compute)
	}
}

func TestHalvesOfACentAddUpToACentBeforePlansAreCompared(t *testing.T) {
	small := row("gcp", "r", "small", 5_000)
	small.VCPU = amount(2)
	m := compile(t, nil, engine.Defaults{}, row("aws", "r", "t", 10_000), small, row("gcp", "r", "t", 15_000))
	w := engine.Workload{Kind: engine.Batch, VCPU: amount(1), Hours: amount(1)}
	v := w
	v.VCPU = amount(3)
	p := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w, v}}).OneProvider
	if got := p.Lines[0].Row.Provider; got != "aws" {
		t.Errorf("%s wins; 1 + 1 and 0.5 + 1.5 cents are the same, and aws comes first", got)
	}
}

func TestEqualCostsAreTakenInTheOrderOfProviderRegionAndType(t *testing.T) {
	m := compile(t, nil, engine.Defaults{},
		row("gcp", "a", "a", 7), row("aws", "b", "a", 7), row("aws", "a", "c", 7), row("aws", "a", "b", 7), row("azure", "a", "a", 7))
	w := engine.Workload{Kind: engine.API, VCPU: amount(1)}
	r := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}})
	for _, p := range []engine.Plan{r.OneProvider, r.SeveralProviders, r.Apart} {
		if l := p.Lines[0]; l.Row.Provider+l.Row.Region+l.Row.Type != "awsab" || l.RunnerUp.Row.Type != "c" {
			t.Errorf("%s: %+v", p.Coupling, l)
		}
	}
}

func TestAmountsAreReadToTheSixthDecimal(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", 1: "1", 0.1: "0.1", 99.95: "99.95", 17.099609: "17.099609", 0.0000005: "0.000001", 0.0000004: "0", 32768: "32768", -1.5: "-1.5",
	} {
		if got := amount(f); got.String() != want || math.Abs(got.Float()-f) > 1e-6 {
			t.Errorf("%v is read as %s (%v), want %s", f, got, got.Float(), want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		if got := amount(f); got >= 0 {
			t.Errorf("%v is read as %s, which a bound may let through", f, got)
		}
	}
}

func TestMoneyIsWrittenWithItsDecimals(t *testing.T) {
	for got, want := range map[string]string{
		engine.Cents(180060).String():       "1800.60",
		engine.Cents(5).String():            "0.05",
		engine.Cents(-205).String():         "-2.05",
		engine.MicroUSD(73_715).String():    "0.073715",
		engine.MicroUSD(92_000).String():    "0.092",
		engine.MicroUSD(1_000_000).String(): "1",
		engine.Rate(5_479).String():         "0.00005479",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if engine.Cents(180060).USD() != 1800.60 || engine.MicroUSD(73_715).USD() != 0.073715 || engine.Rate(5_479).USD() != 0.00005479 {
		t.Error("dollars on the wire differ")
	}
}

func TestStorageIsPaidForTheWholeMonthAndEgressOnce(t *testing.T) {
	d := engine.Defaults{
		Storage: engine.StorageDefault{PerGiBHour: 5_479, Source: "disks"},
		Egress:  []engine.EgressDefault{{Provider: "aws", PerGiB: 14_300_000, Source: "lines"}},
	}
	m := compile(t, nil, d, row("aws", "r", "t", 10_000))
	w := engine.Workload{
		Kind: engine.Batch, VCPU: amount(1), Replicas: 2, Hours: amount(10),
		StorageGiB: amount(100), EgressGiB: amount(10),
	}
	p := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}, Budget: 10_00}).OneProvider
	l := p.Lines[0]
	if l.Storage.GiB != amount(200) || l.Storage.PerGiB != 3_999_670 || l.Storage.Cost != 8_00 || l.Storage.Source != "disks" {
		t.Errorf("storage %+v", l.Storage)
	}
	if l.Egress.GiB != amount(10) || l.Egress.PerGiB != 14_300_000 || l.Egress.Cost != 1_43 || l.Egress.Source != "lines" {
		t.Errorf("egress %+v", l.Egress)
	}
	if p.Compute != 20 || p.Storage != 8_00 || p.Egress != 1_43 || p.Total != 9_63 || p.AtLeast {
		t.Errorf("%s + %s + %s = %s", p.Compute, p.Storage, p.Egress, p.Total)
	}
	if *p.Budget != (engine.BudgetCheck{Budget: 10_00, Remaining: 37, Within: true}) {
		t.Errorf("budget %+v", p.Budget)
	}
}

func TestTheLargestDisksAndTrafficStillFit(t *testing.T) {
	d := engine.Defaults{
		Storage: engine.StorageDefault{PerGiBHour: engine.MaxRate, Source: "disks"},
		Egress:  []engine.EgressDefault{{Provider: "aws", PerGiB: engine.MaxRate, Source: "lines"}},
	}
	m := compile(t, nil, d, row("aws", "r", "t", engine.MaxPrice))
	a := engine.Assessment{Budget: engine.MaxBudget}
	for range engine.MaxWorkloads {
		a.Workloads = append(a.Workloads, engine.Workload{
			Kind: engine.API, VCPU: amount(1), Replicas: engine.MaxReplicas, Hours: engine.MaxHours,
			StorageGiB: engine.MaxStorageGiB, EgressGiB: engine.MaxEgressGiB,
		})
	}
	p := recommend(t, m, a).OneProvider
	const each = 74_400_000_000 + 10_000_000*1_000*730*100 + 100_000_000*100
	if p.Total != engine.MaxWorkloads*each {
		t.Errorf("%s, want %s", p.Total, engine.Cents(engine.MaxWorkloads*each))
	}
}

func TestWhatHasNoPriceMakesTheTotalAtLeast(t *testing.T) {
	m := compile(t, nil, engine.Defaults{}, row("aws", "r", "t", 1_000_000))
	for name, w := range map[string]engine.Workload{
		"storage": {Name: "w", Kind: engine.Batch, VCPU: amount(1), Hours: amount(1), StorageGiB: amount(1)},
		"traffic": {Name: "w", Kind: engine.Batch, VCPU: amount(1), Hours: amount(1), EgressGiB: amount(1)},
	} {
		r := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}, Budget: 2_00})
		p := r.OneProvider
		if !p.AtLeast || p.Total != 1_00 || p.Budget.Within || !p.Budget.Undecided {
			t.Errorf("%s: total %s, at least %v, budget %+v", name, p.Total, p.AtLeast, p.Budget)
		}
		if n := note(r, engine.NoteUnpriced); n == nil || n.Workload != "w" || n.Provider != "aws" {
			t.Errorf("%s: note %v", name, n)
		}
	}
}

// note finds a note by its code.
func note(r engine.Result, code engine.NoteCode) *engine.Note {
	for _, n := range r.Notes {
		if n.Code == code {
			return &n
		}
	}
	return nil
}
