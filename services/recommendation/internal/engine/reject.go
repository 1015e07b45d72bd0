package engine

import "slices"

// Reason is why a row cannot serve a workload. Each row has exactly one: the
// first that applies, in the order of their values.
type Reason uint8

// The reasons, in the order in which they are looked at. Feasible is none of
// them.
const (
	Feasible Reason = iota
	ReasonProvider
	ReasonRegion
	ReasonAccelerator
	ReasonClass
	ReasonArchitecture
	ReasonVCPU
	ReasonMemory
	ReasonGPUCount
	ReasonGPUAge
	ReasonGPUMemory
	ReasonPurchase
)

var reasonNames = [...]string{
	"feasible", "provider", "region", "accelerator", "class", "architecture", "vcpu",
	"memory", "gpu_count", "gpu_age", "gpu_memory", "purchase",
}

// String is the reason as answers name it.
func (r Reason) String() string { return reasonNames[r] }

// Reasons are all of them in order, for whoever prints counts.
func Reasons() []Reason {
	all := make([]Reason, 0, ReasonPurchase)
	for r := ReasonProvider; r <= ReasonPurchase; r++ {
		all = append(all, r)
	}
	return all
}

// Counts are rows by reason. Those of all reasons and Feasible together are all
// rows of the catalogue.
type Counts [ReasonPurchase + 1]int

// test is a need in the shape in which rows are held against it.
type test struct {
	classes                 classSet
	arch                    Arch
	vcpu, memory, gpuMemory Amount
	gpus                    uint8
	generation              Generation
	// prices is the column that the work is bought from.
	prices []MicroUSD
}

func (m *Market) test(w Workload, n Need, second bool) test {
	t := test{
		classes:    admitted(w, second),
		arch:       n.Arch,
		vcpu:       n.VCPU,
		memory:     n.MemoryGiB,
		gpuMemory:  divideUp(n.GPUMemoryGiB*gpuMemoryTolerance, Unit),
		gpus:       uint8(n.GPUs),
		generation: n.Generation,
		prices:     m.columns.firm,
	}
	if w.Interruptible {
		t.prices = m.columns.loose
	}
	return t
}

// reject holds a row against a test. Provider and region are the caller's to
// look at, as they go for whole runs of rows.
func (c *columns) reject(i int, t *test) Reason {
	switch {
	case t.gpus == 0 && c.accelerated[i], t.gpus > 0 && c.gpus[i] == 0:
		return ReasonAccelerator
	case !t.classes.has(c.class[i]):
		return ReasonClass
	case c.arch[i] != t.arch:
		return ReasonArchitecture
	case c.vcpu[i] < t.vcpu:
		return ReasonVCPU
	case c.memory[i] < t.memory:
		return ReasonMemory
	case c.gpus[i] < t.gpus:
		return ReasonGPUCount
	case c.generation[i] < t.generation:
		return ReasonGPUAge
	case c.gpuMemory[i] < t.gpuMemory:
		return ReasonGPUMemory
	case t.prices[i] == 0:
		return ReasonPurchase
	}
	return Feasible
}

// admission says for every place whether an assessment may use it, as the
// reason why not.
func (m *Market) admission(a Assessment) []Reason {
	verdicts := make([]Reason, len(m.places))
	for i, p := range m.places {
		name := m.providers[p.provider].name
		switch {
		case len(a.Providers) > 0 && !slices.Contains(a.Providers, name):
			verdicts[i] = ReasonProvider
		case a.Admits != nil && !a.Admits(name, p.region):
			verdicts[i] = ReasonRegion
		}
	}
	return verdicts
}
