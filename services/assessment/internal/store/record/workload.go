package record

import "github.com/inframind/inframind/services/assessment/internal/assessment"

// The names of kinds, classes and so on are stored as the domain spells them.
type workload struct {
	Name               string   `json:"name,omitempty"`
	Kind               string   `json:"kind,omitempty"`
	VCPU               float64  `json:"vcpu,omitempty"`
	MemoryGiB          float64  `json:"memory_gib,omitempty"`
	SizingBasis        string   `json:"sizing_basis,omitempty"`
	TargetUtilisation  float64  `json:"target_utilisation,omitempty"`
	GPUs               int32    `json:"gpus,omitempty"`
	GPUMemoryGiB       float64  `json:"gpu_memory_gib,omitempty"`
	Replicas           int32    `json:"replicas,omitempty"`
	HoursPerMonth      float64  `json:"hours_per_month,omitempty"`
	AvailabilityTarget float64  `json:"availability_target,omitempty"`
	Interruptible      bool     `json:"interruptible,omitempty"`
	Architecture       string   `json:"architecture,omitempty"`
	StorageGiB         float64  `json:"storage_gib,omitempty"`
	EgressGiB          float64  `json:"egress_gib,omitempty"`
	ExtraClasses       []string `json:"extra_classes,omitempty"`
	Present            *present `json:"present,omitempty"`
}

type present struct {
	Provider     string `json:"provider,omitempty"`
	Region       string `json:"region,omitempty"`
	InstanceType string `json:"instance_type,omitempty"`
}

func workloadRecord(w assessment.Workload) workload {
	r := workload{
		Name:               w.Name,
		Kind:               string(w.Kind),
		VCPU:               w.VCPU,
		MemoryGiB:          w.MemoryGiB,
		SizingBasis:        string(w.SizingBasis),
		TargetUtilisation:  w.TargetUtilisation,
		GPUs:               w.GPUs,
		GPUMemoryGiB:       w.GPUMemoryGiB,
		Replicas:           w.Replicas,
		HoursPerMonth:      w.HoursPerMonth,
		AvailabilityTarget: w.AvailabilityTarget,
		Interruptible:      w.Interruptible,
		Architecture:       string(w.Architecture),
		StorageGiB:         w.StorageGiB,
		EgressGiB:          w.EgressGiB,
		ExtraClasses:       retyped[string](w.ExtraClasses),
	}
	if p := w.Present; p != nil {
		r.Present = &present{Provider: p.Provider, Region: p.Region, InstanceType: p.InstanceType}
	}
	return r
}

func (r workload) domain() assessment.Workload {
	w := assessment.Workload{
		Name:               r.Name,
		Kind:               assessment.Kind(r.Kind),
		VCPU:               r.VCPU,
		MemoryGiB:          r.MemoryGiB,
		SizingBasis:        assessment.SizingBasis(r.SizingBasis),
		TargetUtilisation:  r.TargetUtilisation,
		GPUs:               r.GPUs,
		GPUMemoryGiB:       r.GPUMemoryGiB,
		Replicas:           r.Replicas,
		HoursPerMonth:      r.HoursPerMonth,
		AvailabilityTarget: r.AvailabilityTarget,
		Interruptible:      r.Interruptible,
		Architecture:       assessment.Architecture(r.Architecture),
		StorageGiB:         r.StorageGiB,
		EgressGiB:          r.EgressGiB,
		ExtraClasses:       retyped[assessment.InstanceClass](r.ExtraClasses),
	}
	if p := r.Present; p != nil {
		w.Present = &assessment.Present{Provider: p.Provider, Region: p.Region, InstanceType: p.InstanceType}
	}
	return w
}
