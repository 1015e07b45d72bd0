package advice_test

import (
	"slices"
	"testing"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// notesOf are the texts of the notes of a code.
func notesOf(r *recommendationv1.Recommendation, code string) []string {
	var texts []string
	for _, n := range r.GetNotes() {
		if n.GetCode() == code {
			texts = append(texts, n.GetText())
		}
	}
	return texts
}

func serving(gib float64) *commonv1.Workload {
	return &commonv1.Workload{Name: "vision", Kind: commonv1.Workload_KIND_SERVING, Gpus: 1, GpuMemoryGib: gib}
}

func TestNotesSayWhatAReaderHasToKnow(t *testing.T) {
	for name, c := range map[string]struct {
		asked *assessmentv1.Assessment
		code  string
		want  []string
	}{
		"GPU memory that is stated as a little less": {
			&assessmentv1.Assessment{AllowedProviders: []string{"aws"}, AllowedRegions: []string{"eu-central-1"}, Workloads: []*commonv1.Workload{serving(48)}},
			"GPU_MEMORY_TOLERATED",
			[]string{"each L40S of g6e.2xlarge states 45 GiB, which counts as the 48 GiB asked for: providers state the memory of one model differently"},
		},
		"GPU memory that is stated in full": {
			&assessmentv1.Assessment{AllowedProviders: []string{"gcp"}, Workloads: []*commonv1.Workload{serving(24)}},
			"GPU_MEMORY_TOLERATED", nil,
		},
		"weights that do not take part": {
			&assessmentv1.Assessment{Objectives: &assessmentv1.Objectives{CostWeight: 1, ResilienceWeight: 1}, Workloads: []*commonv1.Workload{api()}},
			"WEIGHTS_NOT_USED",
			[]string{"every plan here is the cheapest of its kind; the weights of performance, carbon and resilience do not change it"},
		},
		"a weight on cost alone": {
			&assessmentv1.Assessment{Objectives: &assessmentv1.Objectives{CostWeight: 1}, Workloads: []*commonv1.Workload{api()}},
			"WEIGHTS_NOT_USED", nil,
		},
		"frameworks that are not checked": {
			&assessmentv1.Assessment{
				ComplianceFrameworks: []commonv1.Framework{commonv1.Framework_FRAMEWORK_GDPR, commonv1.Framework_FRAMEWORK_PCI_DSS},
				Workloads:            []*commonv1.Workload{api()},
			},
			"FRAMEWORKS_NOT_CHECKED",
			[]string{"no rule of GDPR, PCI DSS was checked; where data may be is decided by the stated residency and regions alone"},
		},
		"an agreement that the target rests on": {
			&assessmentv1.Assessment{AllowedProviders: []string{"aws"}, Workloads: []*commonv1.Workload{
				{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8, AvailabilityTarget: 99.9},
			}},
			"SLA_BASIS",
			[]string{"api rests on the multi-zone promise of 99.99 %: Amazon Compute Service Level Agreement: region-level, 2022-05-05"},
		},
		"the age of the prices": {
			one(api()), "LIST_PRICES",
			[]string{"prices are for Linux, before tax, as of aws 2026-02-17 to 2026-07-20, azure 2026-05-20 to 2026-06-18, gcp 2026-08-03; reservations, savings plans and committed-use discounts are not in the catalogue"},
		},
		"no defaults where nothing is priced at them": {one(api()), "DEFAULT_PRICES", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := notesOf(advise(t, c.asked), c.code); !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

// Nobody but aws has the memory, and nobody but gcp 16 GPUs in one instance.
func TestASavingOfPlansThatCoverDifferentWorkloadsIsNotStated(t *testing.T) {
	r := advise(t, &assessmentv1.Assessment{
		AllowedRegions: []string{"eu-central-1", "europe-west4"},
		Workloads: []*commonv1.Workload{
			{Name: "index", Kind: commonv1.Workload_KIND_BATCH, Vcpu: 64, MemoryGib: 12000, ExtraClasses: []commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_WHOLE_HOST}},
			{Name: "model", Kind: commonv1.Workload_KIND_TRAINING, Gpus: 16, GpuMemoryGib: 40},
		},
	})
	if n := len(r.GetPlan().GetUncovered()); n != 1 || len(r.GetApart().GetUncovered()) != 0 {
		t.Fatalf("one provider leaves out %v, apart %v", r.GetPlan().GetUncovered(), r.GetApart().GetUncovered())
	}
	want := []string{
		"no saving is stated for the plan of several providers: it covers 2 workloads, and the plan of one provider 1",
		"no saving is stated for the plan in which each workload stands on its own: it covers 2 workloads, and the plan of one provider 1",
	}
	if got := notesOf(r, "SAVING_NOT_COMPARABLE"); !slices.Equal(got, want) || r.GetApart().GetSavesUsd() != 0 {
		t.Errorf("got %q and a saving of %v", got, r.GetApart().GetSavesUsd())
	}
}

func TestTheNotesOfAWorkloadComeInItsPlaceAndThoseOfTheWholeLast(t *testing.T) {
	a := example()
	place := map[string]int{"": len(a.GetWorkloads())}
	for i, w := range a.GetWorkloads() {
		place[w.GetName()] = i
	}
	last := 0
	for _, n := range advise(t, a).GetNotes() {
		if place[n.GetWorkload()] < last {
			t.Errorf("%s comes after the note of a later workload", n.GetCode())
		}
		last = place[n.GetWorkload()]
	}
	if last != len(a.GetWorkloads()) {
		t.Error("no note about the whole answer")
	}
}
