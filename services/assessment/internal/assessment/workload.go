package assessment

// Workload is one thing that must run. Figures are per replica, but for egress.
type Workload struct {
	Name               string
	Kind               Kind
	VCPU               float64
	MemoryGiB          float64
	SizingBasis        SizingBasis
	TargetUtilisation  float64 // a share of 1
	GPUs               int32
	GPUMemoryGiB       float64 // of each GPU
	Replicas           int32
	HoursPerMonth      float64
	AvailabilityTarget float64 // percent a month
	Interruptible      bool
	Architecture       Architecture
	StorageGiB         float64
	EgressGiB          float64 // a month, of all replicas together
	ExtraClasses       []InstanceClass
	Present            *Present
}

// Present is where a workload runs now.
type Present struct {
	Provider     string
	Region       string
	InstanceType string
}

// Kind is what a workload does.
type Kind string

// The kinds of work.
const (
	KindAPI      Kind = "api"
	KindDatabase Kind = "database"
	KindBatch    Kind = "batch"
	KindTraining Kind = "training"
	KindServing  Kind = "serving"
)

// SizingBasis is what the stated vCPU and memory mean.
type SizingBasis string

// The bases: sizes to provide, or measured use.
const (
	SizingBasisSize  SizingBasis = "size"
	SizingBasisUsage SizingBasis = "usage"
)

// Architecture is the instruction set that a workload is built for.
type Architecture string

// The architectures.
const (
	ArchitectureX8664 Architecture = "x86_64"
	ArchitectureARM64 Architecture = "arm64"
)

// InstanceClass is a class of instance that a workload has to ask for.
type InstanceClass string

// The classes.
const (
	ClassBurstable       InstanceClass = "burstable"
	ClassWholeHost       InstanceClass = "whole_host"
	ClassConstrainedVCPU InstanceClass = "constrained_vcpu"
	ClassConfidential    InstanceClass = "confidential"
)
