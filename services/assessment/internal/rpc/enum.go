package rpc

import (
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// enum pairs the values of an enumeration of the contract with the domain's. What
// is in no pair stands for "not stated", which is the zero value of both.
type enum[Message ~int32, Domain ~string] struct {
	toDomain  map[Message]Domain
	toMessage map[Domain]Message
}

func pairs[Message ~int32, Domain ~string](p map[Message]Domain) enum[Message, Domain] {
	e := enum[Message, Domain]{toDomain: p, toMessage: make(map[Domain]Message, len(p))}
	for m, d := range p {
		e.toMessage[d] = m
	}
	return e
}

func (e enum[Message, Domain]) domain(m Message) Domain  { return e.toDomain[m] }
func (e enum[Message, Domain]) message(d Domain) Message { return e.toMessage[d] }

var statuses = pairs(map[assessmentv1.Assessment_Status]assessment.Status{
	assessmentv1.Assessment_STATUS_DRAFT:     assessment.StatusDraft,
	assessmentv1.Assessment_STATUS_SUBMITTED: assessment.StatusSubmitted,
})

var frameworks = pairs(map[commonv1.Framework]assessment.Framework{
	commonv1.Framework_FRAMEWORK_GDPR:     assessment.FrameworkGDPR,
	commonv1.Framework_FRAMEWORK_HIPAA:    assessment.FrameworkHIPAA,
	commonv1.Framework_FRAMEWORK_PCI_DSS:  assessment.FrameworkPCIDSS,
	commonv1.Framework_FRAMEWORK_SOC2:     assessment.FrameworkSOC2,
	commonv1.Framework_FRAMEWORK_ISO27001: assessment.FrameworkISO27001,
	commonv1.Framework_FRAMEWORK_FEDRAMP:  assessment.FrameworkFedRAMP,
})

var kinds = pairs(map[commonv1.Workload_Kind]assessment.Kind{
	commonv1.Workload_KIND_API:      assessment.KindAPI,
	commonv1.Workload_KIND_DATABASE: assessment.KindDatabase,
	commonv1.Workload_KIND_BATCH:    assessment.KindBatch,
	commonv1.Workload_KIND_TRAINING: assessment.KindTraining,
	commonv1.Workload_KIND_SERVING:  assessment.KindServing,
})

var sizingBases = pairs(map[commonv1.Workload_SizingBasis]assessment.SizingBasis{
	commonv1.Workload_SIZING_BASIS_SIZE:  assessment.SizingBasisSize,
	commonv1.Workload_SIZING_BASIS_USAGE: assessment.SizingBasisUsage,
})

var architectures = pairs(map[commonv1.Workload_Architecture]assessment.Architecture{
	commonv1.Workload_ARCHITECTURE_X86_64: assessment.ArchitectureX8664,
	commonv1.Workload_ARCHITECTURE_ARM64:  assessment.ArchitectureARM64,
})

var classes = pairs(map[commonv1.Workload_InstanceClass]assessment.InstanceClass{
	commonv1.Workload_INSTANCE_CLASS_BURSTABLE:        assessment.ClassBurstable,
	commonv1.Workload_INSTANCE_CLASS_WHOLE_HOST:       assessment.ClassWholeHost,
	commonv1.Workload_INSTANCE_CLASS_CONSTRAINED_VCPU: assessment.ClassConstrainedVCPU,
	commonv1.Workload_INSTANCE_CLASS_CONFIDENTIAL:     assessment.ClassConfidential,
})
