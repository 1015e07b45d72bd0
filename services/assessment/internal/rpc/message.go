package rpc

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// assigned are the fields of an assessment that are not its content. All others
// are the owner's to state.
var assigned = []protoreflect.Name{"id", "etag", "revision", "submitted_revision", "status", "create_time", "update_time"}

// message is an assessment in the terms of the contract.
func message(a assessment.Assessment) *assessmentv1.Assessment {
	m := &assessmentv1.Assessment{
		Id:                a.ID,
		Etag:              a.Etag(),
		Revision:          a.Revision,
		SubmittedRevision: a.SubmittedRevision,
		Status:            statuses.message(a.Status()),
		CreateTime:        timestamppb.New(a.Created),
		UpdateTime:        timestamppb.New(a.Updated),
	}
	state(m, a.Content)
	return m
}

// state sets what the owner states.
func state(m *assessmentv1.Assessment, c assessment.Content) {
	m.Title = c.Title
	if p := c.Profile; p != nil {
		m.Profile = &assessmentv1.Profile{Organisation: p.Organisation, Industry: p.Industry, Employees: p.Employees}
	}
	if o := c.Objectives; o != nil {
		m.Objectives = &assessmentv1.Objectives{
			CostWeight:        o.CostWeight,
			PerformanceWeight: o.PerformanceWeight,
			CarbonWeight:      o.CarbonWeight,
			ResilienceWeight:  o.ResilienceWeight,
		}
	}
	m.MonthlyBudgetUsd = c.MonthlyBudgetUSD
	m.ComplianceFrameworks = each(c.Frameworks, frameworks.message)
	m.DataResidency = c.DataResidency
	m.AllowedProviders = c.AllowedProviders
	m.AllowedRegions = c.AllowedRegions
	m.Workloads = each(c.Workloads, workloadMessage)
}

// content is what the owner states.
func content(m *assessmentv1.Assessment) assessment.Content {
	c := assessment.Content{
		Title:            m.GetTitle(),
		MonthlyBudgetUSD: m.GetMonthlyBudgetUsd(),
		Frameworks:       each(m.GetComplianceFrameworks(), frameworks.domain),
		DataResidency:    each(m.GetDataResidency(), same),
		AllowedProviders: each(m.GetAllowedProviders(), same),
		AllowedRegions:   each(m.GetAllowedRegions(), same),
		Workloads:        each(m.GetWorkloads(), workload),
	}
	if p := m.GetProfile(); p != nil {
		c.Profile = &assessment.Profile{Organisation: p.GetOrganisation(), Industry: p.GetIndustry(), Employees: p.GetEmployees()}
	}
	if o := m.GetObjectives(); o != nil {
		c.Objectives = &assessment.Objectives{
			CostWeight:        o.GetCostWeight(),
			PerformanceWeight: o.GetPerformanceWeight(),
			CarbonWeight:      o.GetCarbonWeight(),
			ResilienceWeight:  o.GetResilienceWeight(),
		}
	}
	return c
}

func workloadMessage(w assessment.Workload) *commonv1.Workload {
	m := &commonv1.Workload{
		Name:               w.Name,
		Kind:               kinds.message(w.Kind),
		Vcpu:               w.VCPU,
		MemoryGib:          w.MemoryGiB,
		SizingBasis:        sizingBases.message(w.SizingBasis),
		TargetUtilisation:  w.TargetUtilisation,
		Gpus:               w.GPUs,
		GpuMemoryGib:       w.GPUMemoryGiB,
		Replicas:           w.Replicas,
		HoursPerMonth:      w.HoursPerMonth,
		AvailabilityTarget: w.AvailabilityTarget,
		Interruptible:      w.Interruptible,
		Architecture:       architectures.message(w.Architecture),
		StorageGib:         w.StorageGiB,
		EgressGib:          w.EgressGiB,
		ExtraClasses:       each(w.ExtraClasses, classes.message),
	}
	if p := w.Present; p != nil {
		m.Present = &commonv1.Workload_Present{Provider: p.Provider, Region: p.Region, InstanceType: p.InstanceType}
	}
	return m
}

func workload(m *commonv1.Workload) assessment.Workload {
	w := assessment.Workload{
		Name:               m.GetName(),
		Kind:               kinds.domain(m.GetKind()),
		VCPU:               m.GetVcpu(),
		MemoryGiB:          m.GetMemoryGib(),
		SizingBasis:        sizingBases.domain(m.GetSizingBasis()),
		TargetUtilisation:  m.GetTargetUtilisation(),
		GPUs:               m.GetGpus(),
		GPUMemoryGiB:       m.GetGpuMemoryGib(),
		Replicas:           m.GetReplicas(),
		HoursPerMonth:      m.GetHoursPerMonth(),
		AvailabilityTarget: m.GetAvailabilityTarget(),
		Interruptible:      m.GetInterruptible(),
		Architecture:       architectures.domain(m.GetArchitecture()),
		StorageGiB:         m.GetStorageGib(),
		EgressGiB:          m.GetEgressGib(),
		ExtraClasses:       each(m.GetExtraClasses(), classes.domain),
	}
	if p := m.GetPresent(); p != nil {
		w.Present = &assessment.Present{Provider: p.GetProvider(), Region: p.GetRegion(), InstanceType: p.GetInstanceType()}
	}
	return w
}

// each translates a list; an empty one is nil, however it came.
func each[From, To any](from []From, translate func(From) To) []To {
	if len(from) == 0 {
		return nil
	}
	to := make([]To, len(from))
	for i, f := range from {
		to[i] = translate(f)
	}
	return to
}

func same(s string) string { return s }
