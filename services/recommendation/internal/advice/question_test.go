package advice_test

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
)

// one is an assessment of one workload.
func one(w *commonv1.Workload) *assessmentv1.Assessment {
	return &assessmentv1.Assessment{Workloads: []*commonv1.Workload{w}}
}

func api() *commonv1.Workload {
	return &commonv1.Workload{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8}
}

func TestWhatCannotBeCalculatedWithIsRefusedByField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a *assessmentv1.Assessment, w *commonv1.Workload)
		field  string
	}{
		"a region that nobody has": {func(a *assessmentv1.Assessment, _ *commonv1.Workload) {
			a.AllowedRegions = []string{"europe-west1", "mars-north1"}
		}, "allowedRegions[1]"},
		"a residency that is no place": {func(a *assessmentv1.Assessment, _ *commonv1.Workload) { a.DataResidency = []string{"Atlantis"} }, "dataResidency[0]"},
		"no workload":                  {func(a *assessmentv1.Assessment, _ *commonv1.Workload) { a.Workloads = nil }, "workloads"},
		"51 workloads": {func(a *assessmentv1.Assessment, w *commonv1.Workload) {
			for range 50 {
				a.Workloads = append(a.Workloads, w)
			}
		}, "workloads"},
		"a negative budget":           {func(a *assessmentv1.Assessment, _ *commonv1.Workload) { a.MonthlyBudgetUsd = -0.001 }, "monthlyBudgetUsd"},
		"a budget that is no number":  {func(a *assessmentv1.Assessment, _ *commonv1.Workload) { a.MonthlyBudgetUsd = math.NaN() }, "monthlyBudgetUsd"},
		"an endless budget":           {func(a *assessmentv1.Assessment, _ *commonv1.Workload) { a.MonthlyBudgetUsd = math.Inf(1) }, "monthlyBudgetUsd"},
		"no kind":                     {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Kind = 0 }, "workloads[0].kind"},
		"a kind of the future":        {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Kind = 99 }, "workloads[0].kind"},
		"negative vCPU":               {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Vcpu = -1 }, "workloads[0].vcpu"},
		"vCPU that are no number":     {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Vcpu = math.NaN() }, "workloads[0].vcpu"},
		"endless memory":              {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.MemoryGib = math.Inf(1) }, "workloads[0].memoryGib"},
		"a target beyond all":         {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.TargetUtilisation = 1.5 }, "workloads[0].targetUtilisation"},
		"negative GPUs":               {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Gpus = -1 }, "workloads[0].gpus"},
		"GPU memory without GPUs":     {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.GpuMemoryGib = 16 }, "workloads[0].gpuMemoryGib"},
		"too many replicas":           {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.Replicas = math.MaxInt32 }, "workloads[0].replicas"},
		"more hours than a month has": {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.HoursPerMonth = 745 }, "workloads[0].hoursPerMonth"},
		"an availability of all":      {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.AvailabilityTarget = 100 }, "workloads[0].availabilityTarget"},
		"negative storage":            {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.StorageGib = -1 }, "workloads[0].storageGib"},
		"negative traffic":            {func(_ *assessmentv1.Assessment, w *commonv1.Workload) { w.EgressGib = -1 }, "workloads[0].egressGib"},
		"an extra class of the future": {func(_ *assessmentv1.Assessment, w *commonv1.Workload) {
			w.ExtraClasses = []commonv1.Workload_InstanceClass{99}
		}, "workloads[0].extraClasses"},
	} {
		t.Run(name, func(t *testing.T) {
			a := one(api())
			c.change(a, a.GetWorkloads()[0])
			r, err := advisor().Advise(a)
			e, ok := errs.From(err)
			if r != nil || !ok || e.Kind != errs.KindInvalid || len(e.Violations) != 1 {
				t.Fatalf("got %v, %v; want one violation", r, err)
			}
			v := e.Violations[0]
			if v.Field != c.field || v.Rule == "" || v.Message == "" {
				t.Errorf("got %+v, want the field %s", v, c.field)
			}
			known(t, v.Field)
		})
	}
}

// known checks that a field is one of the contract, in its JSON name.
func known(t *testing.T, field string) {
	t.Helper()
	message := (&assessmentv1.Assessment{}).ProtoReflect().Descriptor()
	for name := range strings.SplitSeq(field, ".") {
		name, _, _ = strings.Cut(name, "[")
		d := message.Fields().ByJSONName(name)
		if d == nil {
			t.Fatalf("%s: %s has no field %s", field, message.FullName(), name)
		}
		message = d.Message()
	}
}

func TestEveryTermOfTheContractIsTakenByTheEngine(t *testing.T) {
	for _, enum := range []struct {
		values protoreflect.EnumValueDescriptors
		set    func(w *commonv1.Workload, n protoreflect.EnumNumber)
	}{
		{commonv1.Workload_Kind(0).Descriptor().Values(), func(w *commonv1.Workload, n protoreflect.EnumNumber) { w.Kind = commonv1.Workload_Kind(n) }},
		{commonv1.Workload_SizingBasis(0).Descriptor().Values(), func(w *commonv1.Workload, n protoreflect.EnumNumber) {
			w.SizingBasis = commonv1.Workload_SizingBasis(n)
		}},
		{commonv1.Workload_Architecture(0).Descriptor().Values(), func(w *commonv1.Workload, n protoreflect.EnumNumber) {
			w.Architecture = commonv1.Workload_Architecture(n)
		}},
		{commonv1.Workload_InstanceClass(0).Descriptor().Values(), func(w *commonv1.Workload, n protoreflect.EnumNumber) {
			w.ExtraClasses = []commonv1.Workload_InstanceClass{commonv1.Workload_InstanceClass(n)}
		}},
	} {
		answers := map[string]protoreflect.Name{}
		for i := range enum.values.Len() {
			value := enum.values.Get(i)
			if value.Number() == 0 {
				continue
			}
			w := api()
			w.MemoryGib = 7
			enum.set(w, value.Number())
			got := string(encode(t, advise(t, one(w))))
			// Batch and training differ from others of their kind in nothing
			// that this workload shows.
			if other, same := answers[got]; same && !strings.HasPrefix(string(value.Name()), "KIND_") {
				t.Errorf("%s is answered as %s is", value.Name(), other)
			}
			answers[got] = value.Name()
		}
	}
}

func TestEveryFigureOfAWorkloadCounts(t *testing.T) {
	base := func() *commonv1.Workload {
		w := api()
		w.SizingBasis = commonv1.Workload_SIZING_BASIS_USAGE
		return w
	}
	before := advise(t, one(base()))
	for name, change := range map[string]func(*commonv1.Workload){
		"vcpu":                func(w *commonv1.Workload) { w.Vcpu = 4 },
		"memory_gib":          func(w *commonv1.Workload) { w.MemoryGib = 16 },
		"target_utilisation":  func(w *commonv1.Workload) { w.TargetUtilisation = 0.5 },
		"gpus":                func(w *commonv1.Workload) { w.Gpus = 1 },
		"gpu_memory_gib":      func(w *commonv1.Workload) { w.Gpus, w.GpuMemoryGib = 1, 24 },
		"replicas":            func(w *commonv1.Workload) { w.Replicas = 2 },
		"hours_per_month":     func(w *commonv1.Workload) { w.HoursPerMonth = 100 },
		"availability_target": func(w *commonv1.Workload) { w.AvailabilityTarget = 99.99 },
		"interruptible":       func(w *commonv1.Workload) { w.Interruptible = true },
		"architecture":        func(w *commonv1.Workload) { w.Architecture = commonv1.Workload_ARCHITECTURE_ARM64 },
		"storage_gib":         func(w *commonv1.Workload) { w.StorageGib = 10 },
		"egress_gib":          func(w *commonv1.Workload) { w.EgressGib = 10 },
		"extra_classes": func(w *commonv1.Workload) {
			w.ExtraClasses = []commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_BURSTABLE}
		},
	} {
		w := base()
		change(w)
		if proto.Equal(advise(t, one(w)), before) {
			t.Errorf("%s changes nothing", name)
		}
	}
}

func TestAnAmountIsRoundedToCentsHalfUp(t *testing.T) {
	for usd, want := range map[float64]float64{2000: 2000, 1999.994: 1999.99, 1999.995: 2000, 0.005: 0.01} {
		a := one(api())
		a.MonthlyBudgetUsd = usd
		if got := advise(t, a).GetBudget().GetBudgetUsd(); got != want {
			t.Errorf("a budget of %v is read as %v, want %v", usd, got, want)
		}
	}
}

func TestAllowedRegionsNarrowWhatResidencyAllows(t *testing.T) {
	a := one(api())
	a.DataResidency = []string{"EU"}
	a.AllowedRegions = []string{"eu-central-1", "us-east-1", "swedencentral"}
	r := advise(t, a)
	if got := r.GetPlan().GetLines()[0].GetInstance().GetRegion(); got != "swedencentral" && got != "eu-central-1" {
		t.Errorf("stands in %s", got)
	}
	a.AllowedRegions = []string{"us-east-1"}
	r = advise(t, a)
	if f := r.GetWorkloads()[0]; f.GetFeasible() != 0 || f.GetRejections()[0].GetReason() != "region" || f.GetRejections()[0].GetRows() != r.GetCatalog().GetRows() {
		t.Errorf("of regions that residency rules out, %v", f)
	}
	a.AllowedProviders = []string{"gcp"}
	if got := advise(t, a).GetWorkloads()[0].GetRejections()[0].GetReason(); got != "provider" {
		t.Errorf("first rejected by %s, want provider", got)
	}
}
