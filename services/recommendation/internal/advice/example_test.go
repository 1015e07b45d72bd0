package advice_test

import (
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
)

// example is a European healthcare company: EU residency, GDPR, 2,000 USD a
// month, an API, a database, a nightly batch, and a model that it trains and
// serves.
func example() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Title:                "Patient portal",
		Profile:              &assessmentv1.Profile{Organisation: "Example Care", Industry: "healthcare"},
		MonthlyBudgetUsd:     2000,
		ComplianceFrameworks: []commonv1.Framework{commonv1.Framework_FRAMEWORK_GDPR},
		DataResidency:        []string{"EU"},
		Workloads: []*commonv1.Workload{
			{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8, Replicas: 3, AvailabilityTarget: 99.9},
			{Name: "database", Kind: commonv1.Workload_KIND_DATABASE, Vcpu: 8, MemoryGib: 64, Replicas: 2, AvailabilityTarget: 99.95},
			{Name: "batch", Kind: commonv1.Workload_KIND_BATCH, Vcpu: 32, MemoryGib: 32, Interruptible: true, HoursPerMonth: 200},
			{Name: "training", Kind: commonv1.Workload_KIND_TRAINING, Gpus: 1, GpuMemoryGib: 40, HoursPerMonth: 100},
			{Name: "serving", Kind: commonv1.Workload_KIND_SERVING, Gpus: 1, GpuMemoryGib: 16},
		},
	}
}

// infeasible asks for what nobody sells in Sweden, beside what somebody does.
func infeasible() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		DataResidency:    []string{"SE"},
		MonthlyBudgetUsd: 5000,
		Objectives:       &assessmentv1.Objectives{CostWeight: 1, CarbonWeight: 2},
		Workloads: []*commonv1.Workload{
			{Name: "web", Kind: commonv1.Workload_KIND_API, Vcpu: 3.5, MemoryGib: 6, SizingBasis: commonv1.Workload_SIZING_BASIS_USAGE, AvailabilityTarget: 99.999},
			{Name: "index", Kind: commonv1.Workload_KIND_DATABASE, Vcpu: 1024, MemoryGib: 1000},
			{Name: "vision", Kind: commonv1.Workload_KIND_SERVING, Gpus: 1, GpuMemoryGib: 24},
		},
	}
}

// withDefaults has storage and traffic, which are priced at flat defaults, on a
// budget that they exceed.
func withDefaults() *assessmentv1.Assessment {
	a := example()
	a.MonthlyBudgetUsd = 1900
	a.Workloads[0].StorageGib, a.Workloads[0].EgressGib = 100, 500
	a.Workloads[1].StorageGib = 1000
	return a
}
