package advice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/region"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// question is what the engine is asked for an assessment. It refuses places that
// nobody has: as a filter, a misspelt region would silently allow nothing.
func question(a *assessmentv1.Assessment) (engine.Assessment, error) {
	if unknown := unknownPlaces(a); len(unknown) > 0 {
		return engine.Assessment{}, errs.Invalid(unknown...)
	}
	asked := engine.Assessment{
		Providers: a.GetAllowedProviders(),
		Admits:    admits(a.GetDataResidency(), a.GetAllowedRegions()),
		Budget:    cents(a.GetMonthlyBudgetUsd()),
	}
	for _, w := range a.GetWorkloads() {
		asked.Workloads = append(asked.Workloads, workload(w))
	}
	return asked, nil
}

func unknownPlaces(a *assessmentv1.Assessment) []errs.Violation {
	var unknown []errs.Violation
	for i, entry := range a.GetDataResidency() {
		if !region.KnownResidency(entry) {
			unknown = append(unknown, errs.Violation{
				Field:   fmt.Sprintf("dataResidency[%d]", i),
				Rule:    "residency.known",
				Message: fmt.Sprintf("%q is not EU, UK, US, CA, BR, APAC or the code of a country with a region in the catalogue", entry),
			})
		}
	}
	for i, name := range a.GetAllowedRegions() {
		if !region.Known(name) {
			unknown = append(unknown, errs.Violation{
				Field:   fmt.Sprintf("allowedRegions[%d]", i),
				Rule:    "region.known",
				Message: fmt.Sprintf("%q is not a region in the catalogue", name),
			})
		}
	}
	return unknown
}

// admits says of a provider's region whether residency and the list of allowed
// regions let it in.
func admits(residency, allowed []string) func(provider, name string) bool {
	return func(provider, name string) bool {
		r, known := region.Lookup(provider, name)
		return known && region.InResidency(r, residency) &&
			(len(allowed) == 0 || slices.Contains(allowed, name))
	}
}

// cents rounds dollars half up. What is not a number becomes an amount that the
// engine refuses.
func cents(usd float64) engine.Cents {
	const perCent = engine.Unit / 100
	micros := engine.AmountOf(usd)
	if micros < 0 {
		return -1
	}
	return engine.Cents((micros + perCent/2) / perCent)
}

func workload(w *commonv1.Workload) engine.Workload {
	return engine.Workload{
		Name:              w.GetName(),
		Kind:              kinds[w.GetKind()],
		VCPU:              engine.AmountOf(w.GetVcpu()),
		MemoryGiB:         engine.AmountOf(w.GetMemoryGib()),
		Basis:             bases[w.GetSizingBasis()],
		TargetUtilisation: engine.AmountOf(w.GetTargetUtilisation()),
		GPUs:              int(w.GetGpus()),
		GPUMemoryGiB:      engine.AmountOf(w.GetGpuMemoryGib()),
		Replicas:          int(w.GetReplicas()),
		Hours:             engine.AmountOf(w.GetHoursPerMonth()),
		Availability:      engine.AmountOf(w.GetAvailabilityTarget()),
		Interruptible:     w.GetInterruptible(),
		Arch:              architectures[w.GetArchitecture()],
		StorageGiB:        engine.AmountOf(w.GetStorageGib()),
		EgressGiB:         engine.AmountOf(w.GetEgressGib()),
		ExtraClasses:      extraClasses(w.GetExtraClasses()),
	}
}

// What the contract's terms are to the engine. A term that is not here, or that
// the contract does not state, is the engine's zero value: its default, or a
// figure that it refuses.
var (
	kinds = map[commonv1.Workload_Kind]engine.Kind{
		commonv1.Workload_KIND_API:      engine.API,
		commonv1.Workload_KIND_DATABASE: engine.Database,
		commonv1.Workload_KIND_BATCH:    engine.Batch,
		commonv1.Workload_KIND_TRAINING: engine.Training,
		commonv1.Workload_KIND_SERVING:  engine.Serving,
	}
	bases = map[commonv1.Workload_SizingBasis]engine.Basis{
		commonv1.Workload_SIZING_BASIS_SIZE:  engine.Size,
		commonv1.Workload_SIZING_BASIS_USAGE: engine.Usage,
	}
	architectures = map[commonv1.Workload_Architecture]engine.Arch{
		commonv1.Workload_ARCHITECTURE_X86_64: engine.ArchX86,
		commonv1.Workload_ARCHITECTURE_ARM64:  engine.ArchARM,
	}
	classes = map[commonv1.Workload_InstanceClass]engine.Class{
		commonv1.Workload_INSTANCE_CLASS_BURSTABLE:        engine.ClassBurstable,
		commonv1.Workload_INSTANCE_CLASS_WHOLE_HOST:       engine.ClassWholeHost,
		commonv1.Workload_INSTANCE_CLASS_CONSTRAINED_VCPU: engine.ClassConstrainedVCPU,
		commonv1.Workload_INSTANCE_CLASS_CONFIDENTIAL:     engine.ClassConfidential,
	}
)

func extraClasses(stated []commonv1.Workload_InstanceClass) []engine.Class {
	var extra []engine.Class
	for _, c := range stated {
		extra = append(extra, classes[c])
	}
	return extra
}

// fieldNames are the contract's names of figures that the engine names
// differently.
var fieldNames = map[string]string{
	"budget":             "monthlyBudgetUsd",
	"memory_gib":         "memoryGib",
	"target_utilisation": "targetUtilisation",
	"gpu_memory_gib":     "gpuMemoryGib",
	"hours":              "hoursPerMonth",
	"availability":       "availabilityTarget",
	"basis":              "sizingBasis",
	"arch":               "architecture",
	"storage_gib":        "storageGib",
	"egress_gib":         "egressGib",
	"extra_classes":      "extraClasses",
}

// invalid says which field of the assessment the engine does not take.
func invalid(bound *engine.BoundError) error {
	at := strings.LastIndexByte(bound.Field, '.') + 1
	path, name := bound.Field[:at], bound.Field[at:]
	if known, ok := fieldNames[name]; ok {
		name = known
	}
	return errs.Invalid(errs.Violation{Field: path + name, Rule: "engine.bounds", Message: bound.Bound}).Wrap(bound)
}
