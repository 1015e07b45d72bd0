package engine

import "fmt"

// Miss is the row that came nearest to serving a workload that nothing serves.
type Miss struct {
	Row Row
	// Reason is what it fails.
	Reason Reason
	// Detail is what it offers and what is needed, in words.
	Detail string
}

// miss looks for the row that got furthest in the order of reasons; among those
// the smallest shortfall relative to the need, then the lowest price, then
// provider, region and type.
func (q *question) miss(w int) *Miss {
	m, workload := q.market, q.workloads[w]
	t := m.test(workload, q.needs[w], true)
	best, furthest := none, Feasible
	for p, place := range m.places {
		for i := place.from; i < place.to; i++ {
			reason := q.admission[p]
			if reason == Feasible {
				reason = m.columns.reject(i, &t)
			}
			if best == none || reason > furthest || reason == furthest && m.nearer(i, best, reason, workload.Interruptible) {
				best, furthest = i, reason
			}
		}
	}
	row := m.rows[best]
	return &Miss{Row: row, Reason: furthest, Detail: q.needs[w].explain(row, furthest)}
}

// nearer reports whether row i misses by less than row j, which comes before
// it. Both fail for the same reason, and so against the same need: the larger
// offer is the smaller shortfall.
func (m *Market) nearer(i, j int, reason Reason, interruptible bool) bool {
	if a, b := m.offered(i, reason), m.offered(j, reason); a != b {
		return a > b
	}
	return m.rows[i].asking(interruptible) < m.rows[j].asking(interruptible)
}

// asking is what a row costs for such work, or is listed at where it cannot be
// bought for it.
func (r *Row) asking(interruptible bool) MicroUSD {
	if _, price := r.buy(interruptible); price > 0 {
		return price
	}
	if r.Spot > 0 {
		return r.Spot
	}
	return r.OnDemand
}

// offered is what a row has of the fact that a reason looks at. Most facts are
// met or not, without a distance.
func (m *Market) offered(i int, reason Reason) Amount {
	c := &m.columns
	switch reason {
	case ReasonVCPU:
		return c.vcpu[i]
	case ReasonMemory:
		return c.memory[i]
	case ReasonGPUCount:
		return Amount(c.gpus[i])
	case ReasonGPUAge:
		return Amount(c.generation[i])
	case ReasonGPUMemory:
		return c.gpuMemory[i]
	default:
		return 0
	}
}

func (n Need) explain(r Row, reason Reason) string {
	switch reason {
	case ReasonProvider:
		return fmt.Sprintf("stands at %s, which may not be used", r.Provider)
	case ReasonRegion:
		return fmt.Sprintf("stands in %s, which may not be used", r.Region)
	case ReasonAccelerator:
		if n.GPUs == 0 {
			return "is sold for its accelerators, needs to be without"
		}
		return "offers no whole CUDA GPU"
	case ReasonClass:
		return fmt.Sprintf("is of the class %s, which was not asked for", r.Class)
	case ReasonArchitecture:
		return fmt.Sprintf("offers %s, needs %s", r.Arch, n.Arch)
	case ReasonVCPU:
		return fmt.Sprintf("offers %s vCPUs, needs %s", r.VCPU, n.VCPU)
	case ReasonMemory:
		return fmt.Sprintf("offers %s GiB, needs %s", r.MemoryGiB, n.MemoryGiB)
	case ReasonGPUCount:
		return fmt.Sprintf("offers %d GPUs, needs %d", r.GPUs, n.GPUs)
	case ReasonGPUAge:
		return fmt.Sprintf("has GPUs of the generation %s, needs %s or later", r.Generation, n.Generation)
	case ReasonGPUMemory:
		if r.GPUMemoryGiB == 0 {
			return fmt.Sprintf("states none, needs %s GiB", n.GPUMemoryGiB)
		}
		return fmt.Sprintf("offers %s GiB, needs %s", r.GPUMemoryGiB, n.GPUMemoryGiB)
	case ReasonPurchase:
		return "is sold as spot only, needs to run without interruption"
	default:
		return ""
	}
}
