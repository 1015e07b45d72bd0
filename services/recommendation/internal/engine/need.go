package engine

// Need is what one instance has to offer, after sizing, and how many of them
// it takes.
type Need struct {
	// VCPU and MemoryGiB at least. 0: any.
	VCPU, MemoryGiB Amount
	// GPUs at least. 0: none, and then no accelerator either.
	GPUs int
	// GPUMemoryGiB is what each GPU was asked to have. 0: any.
	GPUMemoryGiB Amount
	// Generation of the GPUs at least.
	Generation Generation
	Arch       Arch
	// Hours of a month that each instance runs.
	Hours Amount
	// Replication is the number of instances, for every provider of the
	// catalogue in alphabetical order.
	Replication []Replication
}

// Sizing figures.
const (
	// defaultUtilisation divides measured vCPU when no target is stated.
	defaultUtilisation = 70 * Unit / 100
	// memoryUtilisation divides measured memory.
	memoryUtilisation = 85 * Unit / 100
	// vcpuPerGPU feeds a GPU when a workload does not say with how much.
	vcpuPerGPU = 4 * Unit
	// gpuMemoryTolerance is the share of the asked GPU memory that a stated
	// one has to reach: providers state the same 24 GiB part as 22, and the
	// same 48 as 45.
	gpuMemoryTolerance = 91 * Unit / 100
)

// size turns a workload's figures into a need, without replication.
func size(w Workload) Need {
	n := Need{
		VCPU:         w.VCPU,
		MemoryGiB:    w.MemoryGiB,
		GPUs:         w.GPUs,
		GPUMemoryGiB: w.GPUMemoryGiB,
		Arch:         w.Arch,
		Hours:        w.Hours,
	}
	if w.Basis == Usage {
		target := w.TargetUtilisation
		if target == 0 {
			target = defaultUtilisation
		}
		n.VCPU = divideUp(w.VCPU*Unit, target)
		n.MemoryGiB = divideUp(w.MemoryGiB*Unit, memoryUtilisation)
	}
	if n.Arch == 0 {
		n.Arch = ArchX86
	}
	if n.Hours == 0 {
		n.Hours = Month
	}
	if n.GPUs > 0 {
		// What is not stated follows from the GPUs. It is a size already, and
		// measured use does not widen it.
		if w.VCPU == 0 {
			n.VCPU = Amount(n.GPUs) * vcpuPerGPU
		}
		if w.MemoryGiB == 0 {
			n.MemoryGiB = Amount(n.GPUs) * n.GPUMemoryGiB
		}
		n.Generation = Turing
		if w.Kind == Training {
			n.Generation = Ampere
		}
	}
	return n
}

// admitted are the classes that may serve a workload. The second pass is for a
// workload that the first leaves without any row. GPU work has accelerators in
// both, and nothing else unless it asks.
func admitted(w Workload, second bool) classSet {
	set := setOf(w.ExtraClasses...)
	switch {
	case w.GPUs > 0:
		set |= setOf(ClassAccelerator)
	case second:
		set |= setOf(ClassCurrent, ClassPrevious, ClassSpecial, ClassEconomy)
	case w.Kind == API:
		set |= setOf(ClassCurrent, ClassEconomy)
	default:
		set |= setOf(ClassCurrent)
	}
	return set
}
