package sqlite_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// clinic is an assessment of a usual size: five workloads with the fields that
// people state.
func clinic(id string) assessment.Assessment {
	a := example(id)
	a.Content = assessment.Content{
		Title:            "Patient portal",
		Profile:          &assessment.Profile{Organisation: "Example Clinics", Industry: "healthcare", Employees: 900},
		MonthlyBudgetUSD: 2000,
		Frameworks:       []assessment.Framework{assessment.FrameworkGDPR},
		DataResidency:    []string{"EU"},
		Workloads: []assessment.Workload{
			{Name: "api", Kind: assessment.KindAPI, VCPU: 2, MemoryGiB: 8, Replicas: 3, AvailabilityTarget: 99.9, EgressGiB: 200},
			{Name: "database", Kind: assessment.KindDatabase, VCPU: 8, MemoryGiB: 64, Replicas: 2, AvailabilityTarget: 99.95, StorageGiB: 500},
			{Name: "nightly", Kind: assessment.KindBatch, VCPU: 32, MemoryGiB: 32, HoursPerMonth: 200, Interruptible: true},
			{Name: "training", Kind: assessment.KindTraining, GPUs: 1, GPUMemoryGiB: 40, HoursPerMonth: 100},
			{Name: "serving", Kind: assessment.KindServing, GPUs: 1, GPUMemoryGiB: 16},
		},
	}
	return a
}

// BenchmarkAssessment reads one of 10,000.
func BenchmarkAssessment(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "assessment.db"))
	for i := range 10_000 {
		id := fmt.Sprintf("%026d", i)
		if _, err := s.Insert(b.Context(), "usr_"+id, clinic("asm_"+id), ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("%026d", i*7919%10_000)
		a, err := s.Assessment(b.Context(), "usr_"+id, "asm_"+id)
		if err != nil || len(a.Content.Workloads) != 5 {
			b.Fatal(a, err)
		}
	}
}
