package engine

import "fmt"

// Assessment is what must run, and within which limits.
type Assessment struct {
	// Workloads are 1 to 50.
	Workloads []Workload
	// Providers that may be used. Empty: all.
	Providers []string
	// Admits reports whether a provider's region may be used: residency and
	// the list of allowed regions, resolved by the caller. It is asked once a
	// region. Nil: all may.
	Admits func(provider, region string) bool
	// Budget is for a month: compute, storage and egress together. 0: none.
	Budget Cents
}

// Workload is one thing that must run. Its figures are per replica, a replica
// is an instance, and nothing is split. A figure of 0 is not stated.
type Workload struct {
	Name string
	Kind Kind
	// VCPU and MemoryGiB are per replica.
	VCPU, MemoryGiB Amount
	Basis           Basis
	// TargetUtilisation is a share of 1; it divides measured vCPU. 0 stands
	// for 0.70.
	TargetUtilisation Amount
	// GPUs are whole CUDA GPUs per replica, each of at least GPUMemoryGiB.
	GPUs         int
	GPUMemoryGiB Amount
	// Replicas run at the same time, the spare included. 0 stands for 1.
	Replicas int
	// Hours is how long each replica runs in a month. 0 stands for always.
	Hours Amount
	// Availability is the target in percent of a month. 0: none.
	Availability Amount
	// Interruptible work bears being stopped at short notice.
	Interruptible bool
	// Arch unset means x86_64.
	Arch Arch
	// StorageGiB is block storage per replica.
	StorageGiB Amount
	// EgressGiB is traffic to the internet in a month, of all replicas
	// together.
	EgressGiB Amount
	// ExtraClasses are admitted besides the usual ones: burstable, whole-host,
	// constrained-vcpu, confidential.
	ExtraClasses []Class
}

// Kind is what a workload does.
type Kind uint8

// The kinds. API, Database and Serving talk to each other and share a region;
// Batch and Training may stand elsewhere.
const (
	API Kind = iota + 1
	Database
	Batch
	Training
	Serving
)

var kindNames = [...]string{"", "api", "database", "batch", "training", "serving"}

// String is the kind in lower case.
func (k Kind) String() string { return nameOf(kindNames[:], int(k)) }

// grouped reports whether the kind must share a region with its like.
func (k Kind) grouped() bool { return k == API || k == Database || k == Serving }

// Basis is what the stated vCPU and memory mean.
type Basis uint8

const (
	// Size takes them as sizes, as stated.
	Size Basis = iota
	// Usage takes them as measured use, which gets room to breathe.
	Usage
)

// Month is the hours of a month, of a replica that is always on.
const Month = 730 * Unit

// The bounds of an assessment. They are wider than any machine for sale, and
// narrow enough that no product or sum in here can overflow.
const (
	MaxWorkloads    = 50
	MaxReplicas     = 1_000
	MaxGPUs         = 100
	MaxVCPU         = 100_000 * Unit
	MaxMemoryGiB    = 1_000_000 * Unit
	MaxGPUMemoryGiB = 10_000 * Unit
	MaxHours        = 744 * Unit
	MaxAvailability = 100*Unit - 1
	MaxStorageGiB   = 10_000_000 * Unit
	MaxEgressGiB    = 100_000_000 * Unit
	MaxBudget       = Cents(1_000_000_000_000_000)
)

// BoundError names the figure of an assessment that the engine does not take.
type BoundError struct {
	// Field is the place of the figure, such as workloads[3].vcpu.
	Field string
	// Bound is what it must be.
	Bound string
}

// Error names the field and its bound.
func (e *BoundError) Error() string { return e.Field + " " + e.Bound }

func (a Assessment) check() error {
	if n := len(a.Workloads); n < 1 || n > MaxWorkloads {
		return &BoundError{"workloads", fmt.Sprintf("must be 1 to %d", MaxWorkloads)}
	}
	if a.Budget < 0 || a.Budget > MaxBudget {
		return &BoundError{"budget", fmt.Sprintf("must be from 0 to %s USD", MaxBudget)}
	}
	for i, w := range a.Workloads {
		if bound := w.check(); bound != nil {
			bound.Field = fmt.Sprintf("workloads[%d].%s", i, bound.Field)
			return bound
		}
	}
	return nil
}

func (w Workload) check() *BoundError {
	for _, f := range []struct {
		name     string
		is, most int
	}{
		{"gpus", w.GPUs, MaxGPUs},
		{"replicas", w.Replicas, MaxReplicas},
	} {
		if f.is < 0 || f.is > f.most {
			return &BoundError{f.name, fmt.Sprintf("must be from 0 to %d", f.most)}
		}
	}
	for _, f := range []struct {
		name     string
		is, most Amount
	}{
		{"vcpu", w.VCPU, MaxVCPU},
		{"memory_gib", w.MemoryGiB, MaxMemoryGiB},
		{"target_utilisation", w.TargetUtilisation, Unit},
		{"gpu_memory_gib", w.GPUMemoryGiB, MaxGPUMemoryGiB},
		{"hours", w.Hours, MaxHours},
		{"availability", w.Availability, MaxAvailability},
		{"storage_gib", w.StorageGiB, MaxStorageGiB},
		{"egress_gib", w.EgressGiB, MaxEgressGiB},
	} {
		if f.is < 0 || f.is > f.most {
			return &BoundError{f.name, fmt.Sprintf("must be from 0 to %s", f.most)}
		}
	}
	switch {
	case w.Kind < API || w.Kind > Serving:
		return &BoundError{"kind", "must be api, database, batch, training or serving"}
	case w.Basis > Usage:
		return &BoundError{"basis", "must be size or usage"}
	case w.Arch > ArchARM:
		return &BoundError{"arch", "must be x86_64 or arm64"}
	case w.VCPU == 0 && w.MemoryGiB == 0 && w.GPUs == 0:
		return &BoundError{"vcpu", "must be stated, or memory or GPUs"}
	case w.GPUMemoryGiB > 0 && w.GPUs == 0:
		return &BoundError{"gpu_memory_gib", "needs GPUs"}
	case w.TargetUtilisation > 0 && w.TargetUtilisation < Unit/100:
		return &BoundError{"target_utilisation", "must be at least 0.01"}
	}
	for _, c := range w.ExtraClasses {
		if !c.onRequest() {
			return &BoundError{"extra_classes", "may be burstable, whole-host, constrained-vcpu, confidential"}
		}
	}
	return nil
}
