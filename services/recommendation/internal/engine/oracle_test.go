package engine_test

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// oracle answers the same questions as the engine in the slowest way there is:
// rational numbers, every rule tried on every row, and every combination of
// rows tried as a plan. It shares the engine's types and none of its code.
type oracle struct {
	rows     []engine.Row
	tiers    []engine.Tier
	defaults engine.Defaults
}

func rat(numerator, denominator int64) *big.Rat { return big.NewRat(numerator, denominator) }

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

func units(a engine.Amount) *big.Rat { return rat(int64(a), 1_000_000) }

// cents rounds dollars half up.
func cents(usd *big.Rat) engine.Cents {
	x := new(big.Rat).Add(times(usd, rat(100, 1)), rat(1, 2))
	return engine.Cents(new(big.Int).Div(x.Num(), x.Denom()).Int64())
}

var usualClasses = map[string][]string{
	"pass 1":     {"current"},
	"pass 1 api": {"current", "economy"},
	"pass 2":     {"current", "previous", "special", "economy"},
	"gpu":        {"accelerator"},
}

// reasons tries every rule on a row, in order, and returns the first broken.
func (o oracle) reason(a engine.Assessment, w engine.Workload, r engine.Row, second bool) string {
	vcpu, memory := units(w.VCPU), units(w.MemoryGiB)
	if w.Basis == engine.Usage {
		share := units(w.TargetUtilisation)
		if share.Sign() == 0 {
			share = rat(7, 10)
		}
		vcpu = new(big.Rat).Quo(vcpu, share)
		memory = new(big.Rat).Quo(memory, rat(85, 100))
	}
	if w.GPUs > 0 && vcpu.Sign() == 0 {
		vcpu = rat(int64(4*w.GPUs), 1)
	}
	if w.GPUs > 0 && memory.Sign() == 0 {
		memory = times(rat(int64(w.GPUs), 1), units(w.GPUMemoryGiB))
	}
	arch := "x86_64"
	if w.Arch == engine.ArchARM {
		arch = "arm64"
	}
	classes := usualClasses["pass 1"]
	switch {
	case w.GPUs > 0:
		classes = usualClasses["gpu"]
	case second:
		classes = usualClasses["pass 2"]
	case w.Kind == engine.API:
		classes = usualClasses["pass 1 api"]
	}
	for _, c := range w.ExtraClasses {
		classes = append(slices.Clone(classes), c.String())
	}
	oldest := "turing"
	if w.Kind == engine.Training {
		oldest = "ampere"
	}
	ages := []string{"kepler", "maxwell", "pascal", "volta", "turing", "ampere", "ada", "hopper", "blackwell"}

	for _, rule := range []struct {
		name   string
		broken bool
	}{
		{"provider", len(a.Providers) > 0 && !slices.Contains(a.Providers, r.Provider)},
		{"region", a.Admits != nil && !a.Admits(r.Provider, r.Region)},
		{"accelerator", w.GPUs == 0 && r.Accelerated || w.GPUs > 0 && r.GPUs < 1},
		{"class", !slices.Contains(classes, r.Class.String())},
		{"architecture", r.Arch.String() != arch},
		{"vcpu", units(r.VCPU).Cmp(vcpu) < 0},
		{"memory", units(r.MemoryGiB).Cmp(memory) < 0},
		{"gpu_count", r.GPUs < w.GPUs},
		{"gpu_age", w.GPUs > 0 && slices.Index(ages, r.Generation.String()) < slices.Index(ages, oldest)},
		{"gpu_memory", units(r.GPUMemoryGiB).Cmp(times(units(w.GPUMemoryGiB), rat(91, 100))) < 0},
		{"purchase", r.SpotOnly && (!w.Interruptible || r.Spot == 0)},
	} {
		if rule.broken {
			return rule.name
		}
	}
	return "feasible"
}

// judge is what the oracle has for one workload.
type judgement struct {
	counts   map[string]int
	feasible []engine.Row
	second   bool
}

func (o oracle) judge(a engine.Assessment, w engine.Workload) judgement {
	for _, second := range []bool{false, true} {
		j := judgement{counts: map[string]int{}, second: second}
		for _, r := range o.rows {
			reason := o.reason(a, w, r, second)
			j.counts[reason]++
			if reason == "feasible" {
				j.feasible = append(j.feasible, r)
			}
		}
		if len(j.feasible) > 0 || second {
			return j
		}
	}
	panic("unreachable")
}

func (o oracle) instances(w engine.Workload, provider string) int {
	n := max(1, w.Replicas)
	if w.Availability == 0 {
		return n
	}
	if units(w.Availability).Cmp(rat(9995, 100)) >= 0 {
		n = max(n, 2)
	}
	enough, most := 0, 0
	var lowest engine.Amount
	for _, t := range o.tiers {
		if t.Provider != provider {
			continue
		}
		most = max(most, t.Instances)
		if t.Percent >= w.Availability && (enough == 0 || t.Percent < lowest || t.Percent == lowest && t.Instances < enough) {
			enough, lowest = t.Instances, t.Percent
		}
	}
	if enough == 0 {
		enough = most
	}
	return max(n, enough)
}

// price is an hour's, and whether it is a spot price.
func price(w engine.Workload, r engine.Row) (engine.MicroUSD, bool) {
	spot := w.Interruptible && r.Spot > 0 && (r.SpotOnly || r.Spot < r.OnDemand)
	if spot {
		return r.Spot, true
	}
	return r.OnDemand, false
}

func (o oracle) compute(w engine.Workload, r engine.Row) *big.Rat {
	hours := w.Hours
	if hours == 0 {
		hours = 730 * engine.Unit
	}
	p, _ := price(w, r)
	return times(times(units(hours), rat(int64(o.instances(w, r.Provider)), 1)), units(engine.Amount(p)))
}

// extras are the storage and the traffic of a workload at a provider.
func (o oracle) extras(w engine.Workload, provider string) (storage, egress *big.Rat) {
	gib := times(units(w.StorageGiB), rat(int64(o.instances(w, provider)), 1))
	storage = times(times(gib, rat(730, 1)), rat(int64(o.defaults.Storage.PerGiBHour), 100_000_000))
	egress = new(big.Rat)
	for _, e := range o.defaults.Egress {
		if e.Provider == provider {
			egress = times(units(w.EgressGiB), rat(int64(e.PerGiB), 100_000_000))
		}
	}
	return storage, egress
}

func rowOrder(a, b engine.Row) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type))
}

// cheapest orders rows by what they cost a workload.
func (o oracle) cheapest(w engine.Workload, rows []engine.Row) []engine.Row {
	costs := map[engine.Row]*big.Rat{}
	for _, r := range rows {
		costs[r] = o.compute(w, r)
	}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b engine.Row) int {
		return cmp.Or(costs[a].Cmp(costs[b]), rowOrder(a, b))
	})
	return rows
}

// nearest is the row that comes nearest, and the reason it fails for.
func (o oracle) nearest(a engine.Assessment, w engine.Workload) (engine.Row, string) {
	order := []string{"provider", "region", "accelerator", "class", "architecture", "vcpu", "memory", "gpu_count", "gpu_age", "gpu_memory", "purchase"}
	rows := slices.Clone(o.rows)
	offered := func(r engine.Row, reason string) engine.Amount {
		switch reason {
		case "vcpu":
			return r.VCPU
		case "memory":
			return r.MemoryGiB
		case "gpu_count":
			return engine.Amount(r.GPUs)
		case "gpu_age":
			return engine.Amount(r.Generation)
		case "gpu_memory":
			return r.GPUMemoryGiB
		}
		return 0
	}
	listed := func(r engine.Row) engine.MicroUSD {
		if r.SpotOnly && r.Spot > 0 {
			return r.Spot
		}
		p, _ := price(w, r)
		return p
	}
	reasons := map[engine.Row]string{}
	for _, r := range rows {
		reasons[r] = o.reason(a, w, r, true)
	}
	slices.SortFunc(rows, func(x, y engine.Row) int {
		p, q := reasons[x], reasons[y]
		return cmp.Or(
			cmp.Compare(slices.Index(order, q), slices.Index(order, p)),
			cmp.Compare(offered(y, q), offered(x, p)),
			cmp.Compare(listed(x), listed(y)),
			rowOrder(x, y),
		)
	})
	return rows[0], reasons[rows[0]]
}

// assignment is a row for every workload; nil for one that is not covered.
type assignment []*engine.Row

// best tries every combination of feasible rows that a coupling allows.
func (o oracle) best(a engine.Assessment, coupling engine.Coupling, counted bool) assignment {
	options := make([][]*engine.Row, len(a.Workloads))
	for w, workload := range a.Workloads {
		options[w] = []*engine.Row{nil}
		for _, r := range o.judge(a, workload).feasible {
			options[w] = append(options[w], &r)
		}
	}
	var winner assignment
	var walk func(chosen assignment)
	walk = func(chosen assignment) {
		if len(chosen) == len(options) {
			if allowed(a, coupling, chosen) && (winner == nil || o.prefer(a, coupling, chosen, winner, counted)) {
				winner = slices.Clone(chosen)
			}
			return
		}
		for _, r := range options[len(chosen)] {
			walk(append(chosen, r))
		}
	}
	walk(assignment{})
	return winner
}

func group(a engine.Assessment, chosen assignment) (*engine.Row, bool) {
	var first *engine.Row
	for w, r := range chosen {
		if k := a.Workloads[w].Kind; r == nil || k == engine.Batch || k == engine.Training {
			continue
		}
		if first != nil && (first.Provider != r.Provider || first.Region != r.Region) {
			return nil, false
		}
		first = r
	}
	return first, true
}

func allowed(a engine.Assessment, coupling engine.Coupling, chosen assignment) bool {
	if coupling == engine.CouplingNone {
		return true
	}
	if _, together := group(a, chosen); !together {
		return false
	}
	if coupling == engine.CouplingSharedRegion {
		return true
	}
	providers := map[string]bool{}
	for _, r := range chosen {
		if r != nil {
			providers[r.Provider] = true
		}
	}
	return len(providers) <= 1
}

// prefer reports whether an assignment is better than another: more covered,
// cheaper, then the earlier provider where there is but one, the earlier region
// of the group, and the earlier rows.
func (o oracle) prefer(a engine.Assessment, coupling engine.Coupling, x, y assignment, counted bool) bool {
	count := func(s assignment) (n int, usd *big.Rat) {
		usd = new(big.Rat)
		for w, r := range s {
			if r == nil {
				continue
			}
			n++
			usd.Add(usd, o.compute(a.Workloads[w], *r))
			if counted {
				storage, egress := o.extras(a.Workloads[w], r.Provider)
				usd.Add(usd, storage).Add(usd, egress)
			}
		}
		return n, usd
	}
	n, usd := count(x)
	m, dearer := count(y)
	if n != m {
		return n > m
	}
	if c := usd.Cmp(dearer); c != 0 {
		return c < 0
	}
	chosen := func(r *engine.Row) bool { return r != nil }
	if i, j := slices.IndexFunc(x, chosen), slices.IndexFunc(y, chosen); coupling == engine.CouplingOneProvider && i >= 0 && j >= 0 {
		if c := cmp.Compare(x[i].Provider, y[j].Provider); c != 0 {
			return c < 0
		}
	}
	if coupling != engine.CouplingNone {
		p, _ := group(a, x)
		q, _ := group(a, y)
		if p != nil && q != nil {
			if c := cmp.Or(cmp.Compare(p.Provider, q.Provider), cmp.Compare(p.Region, q.Region)); c != 0 {
				return c < 0
			}
		}
	}
	for w := range x {
		if x[w] != nil && y[w] != nil {
			if c := rowOrder(*x[w], *y[w]); c != 0 {
				return c < 0
			}
		}
	}
	return false
}
