package engine

// Row is something that can be bought: an instance type of a provider in one of
// its regions. Prices are for Linux, tax excluded.
type Row struct {
	// Provider, Region and Type name the row, and order it bytewise where
	// costs are equal.
	Provider, Region, Type string
	// Family groups types of one design, such as m7i or Das_v6.
	Family string
	// Class is what the type is meant for.
	Class Class
	// Arch is its instruction set.
	Arch Arch
	// VCPU and MemoryGiB are what one instance offers.
	VCPU, MemoryGiB Amount
	// Accelerated marks a family that is sold for its accelerators. Such a row
	// never serves a workload that asks for none.
	Accelerated bool
	// GPUs counts whole CUDA GPUs. It is 0 for slices of a GPU and for
	// accelerators that CUDA does not run on.
	GPUs int
	// GPUModel names the accelerator, CUDA or not. Empty: none stated.
	GPUModel string
	// GPUMemoryGiB is the stated memory of each GPU. 0: none stated, which
	// meets no minimum.
	GPUMemoryGiB Amount
	// Generation is the design of the GPUs; none for what CUDA does not run on.
	Generation Generation
	// OnDemand is the price of an hour.
	OnDemand MicroUSD
	// Spot is the price of an hour of interruptible capacity. 0: not listed.
	Spot MicroUSD
	// SpotOnly marks a type that cannot be had on demand although an on-demand
	// price is listed.
	SpotOnly bool
}

// Class is what an instance type is meant for.
type Class uint8

// The classes. Current and economy types are offered first; previous and
// special ones only when nothing else fits; accelerators only to workloads that
// ask for GPUs; the last four only when a workload asks for them.
const (
	ClassCurrent Class = iota + 1
	ClassEconomy
	ClassPrevious
	ClassSpecial
	ClassAccelerator
	ClassBurstable
	ClassWholeHost
	ClassConstrainedVCPU
	ClassConfidential
)

var classNames = [...]string{
	"", "current", "economy", "previous", "special", "accelerator",
	"burstable", "whole-host", "constrained-vcpu", "confidential",
}

// String is the class as the catalogue writes it.
func (c Class) String() string { return nameOf(classNames[:], int(c)) }

// ParseClass reads a class as the catalogue writes it.
func ParseClass(name string) (Class, bool) {
	return valueOf[Class](classNames[:], name)
}

// onRequest reports whether the class is offered only to a workload that asks
// for it.
func (c Class) onRequest() bool { return c >= ClassBurstable && c <= ClassConfidential }

// classSet is a set of classes, a bit each.
type classSet uint16

func setOf(classes ...Class) classSet {
	var s classSet
	for _, c := range classes {
		s |= 1 << c
	}
	return s
}

func (s classSet) has(c Class) bool { return s>>c&1 == 1 }

// Arch is an instruction set.
type Arch uint8

// The instruction sets.
const (
	ArchX86 Arch = iota + 1
	ArchARM
)

var archNames = [...]string{"", "x86_64", "arm64"}

// String is the instruction set as the catalogue writes it.
func (a Arch) String() string { return nameOf(archNames[:], int(a)) }

// ParseArch reads an instruction set as the catalogue writes it.
func ParseArch(name string) (Arch, bool) {
	return valueOf[Arch](archNames[:], name)
}

// Generation is the design of a GPU. Later ones are greater.
type Generation uint8

// The generations of CUDA GPUs, by age.
const (
	Kepler Generation = iota + 1
	Maxwell
	Pascal
	Volta
	Turing
	Ampere
	Ada
	Hopper
	Blackwell
)

var generationNames = [...]string{
	"", "kepler", "maxwell", "pascal", "volta", "turing", "ampere", "ada", "hopper", "blackwell",
}

// String is the generation as the catalogue writes it.
func (g Generation) String() string { return nameOf(generationNames[:], int(g)) }

// ParseGeneration reads a generation as the catalogue writes it.
func ParseGeneration(name string) (Generation, bool) {
	return valueOf[Generation](generationNames[:], name)
}

// nameOf and valueOf read a table of names, whose first entry stands for a
// value that is not set and has no name.
func nameOf(names []string, i int) string {
	if i <= 0 || i >= len(names) {
		return "none"
	}
	return names[i]
}

func valueOf[T ~uint8](names []string, name string) (T, bool) {
	for i, known := range names {
		if i > 0 && known == name {
			return T(i), true
		}
	}
	return 0, false
}
