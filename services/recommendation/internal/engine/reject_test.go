package engine_test

import (
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// only makes a market of a single real row.
func only(t *testing.T, provider, region, instanceType string) *engine.Market {
	t.Helper()
	row, found := prices().Find(provider, region, instanceType)
	if !found {
		t.Fatalf("the catalogue has no %s %s %s", provider, region, instanceType)
	}
	m, err := engine.Compile([]engine.Row{row.Row}, prices().Tiers, prices().Defaults)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEveryReasonOnRealRows(t *testing.T) {
	var (
		api      = engine.Workload{Kind: engine.API, VCPU: amount(2), MemoryGiB: amount(8)}
		database = engine.Workload{Kind: engine.Database, VCPU: amount(8), MemoryGiB: amount(64)}
		serving  = engine.Workload{Kind: engine.Serving, GPUs: 1}
		training = engine.Workload{Kind: engine.Training, GPUs: 1}
		with     = func(w engine.Workload, change func(*engine.Workload)) engine.Workload { change(&w); return w }
	)
	for name, c := range map[string]struct {
		provider, region, instanceType string
		workload                       engine.Workload
		want                           engine.Reason
		secondPass                     bool
	}{
		"a current type serves an API":                              {"aws", "eu-central-1", "m7i.large", api, engine.Feasible, false},
		"an economy type serves an API at once":                     {"gcp", "europe-west1", "e2-standard-2", api, engine.Feasible, false},
		"an economy type serves a database only in the second pass": {"gcp", "europe-west1", "e2-highmem-8", database, engine.Feasible, true},
		"a previous generation serves only in the second pass":      {"aws", "eu-central-1", "m5.large", api, engine.Feasible, true},
		"a special type serves only in the second pass":             {"azure", "westeurope", "Standard_M8ms", database, engine.Feasible, true},
		"a type sold for its GPU serves nothing without":            {"aws", "eu-central-1", "g4dn.xlarge", api, engine.ReasonAccelerator, true},
		"nor does the whole host of such a family":                  {"aws", "eu-central-1", "g4dn.metal", api, engine.ReasonAccelerator, true},
		"an eighth of a GPU listed as one is none":                  {"azure", "westeurope", "Standard_NV4as_v4", serving, engine.ReasonAccelerator, true},
		"a whole one that CUDA does not run on is none either":      {"azure", "westeurope", "Standard_NV32as_v4", serving, engine.ReasonAccelerator, true},
		"a slice listed as a part of a GPU is none":                 {"azure", "westeurope", "Standard_NV6ads_A10_v5", serving, engine.ReasonAccelerator, true},
		"a slice listed as no GPU with a little memory is none":     {"aws", "eu-central-1", "g6f.xlarge", serving, engine.ReasonAccelerator, true},
		"an inference chip is not a GPU":                            {"aws", "eu-central-1", "inf2.xlarge", serving, engine.ReasonAccelerator, true},
		"a plain type has no GPU":                                   {"aws", "eu-central-1", "m7i.large", serving, engine.ReasonAccelerator, true},
		"a whole host is not offered unasked":                       {"aws", "eu-central-1", "g4dn.metal", serving, engine.ReasonClass, true},
		"and is when it is asked for":                               {"aws", "eu-central-1", "g4dn.metal", with(serving, func(w *engine.Workload) { w.ExtraClasses = []engine.Class{engine.ClassWholeHost} }), engine.Feasible, false},
		"a burstable type is not offered unasked":                   {"aws", "eu-central-1", "t3.large", api, engine.ReasonClass, true},
		"constrained vCPUs are not offered unasked":                 {"azure", "westeurope", "Standard_E16-8s_v5", database, engine.ReasonClass, true},
		"a confidential type is not offered unasked":                {"azure", "westeurope", "Standard_DC2as_v5", api, engine.ReasonClass, true},
		"ARM is never chosen unasked":                               {"aws", "eu-central-1", "m7g.large", api, engine.ReasonArchitecture, true},
		"ARM serves what is built for it":                           {"aws", "eu-central-1", "m7g.large", with(api, func(w *engine.Workload) { w.Arch = engine.ArchARM }), engine.Feasible, false},
		"x86 does not serve what is built for ARM":                  {"aws", "eu-central-1", "m7i.large", with(api, func(w *engine.Workload) { w.Arch = engine.ArchARM }), engine.ReasonArchitecture, true},
		"a GPU on an ARM host does not serve x86":                   {"aws", "eu-central-1", "g5g.xlarge", serving, engine.ReasonArchitecture, true},
		"it serves what is built for ARM":                           {"aws", "eu-central-1", "g5g.xlarge", with(serving, func(w *engine.Workload) { w.Arch = engine.ArchARM }), engine.Feasible, false},
		"but a T4G does not train":                                  {"aws", "eu-central-1", "g5g.xlarge", with(training, func(w *engine.Workload) { w.Arch = engine.ArchARM }), engine.ReasonGPUAge, true},
		"a GPU wants four vCPUs beside it":                          {"aws", "eu-central-1", "g5g.xlarge", with(serving, func(w *engine.Workload) { w.Arch, w.GPUs = engine.ArchARM, 2 }), engine.ReasonVCPU, true},
		"too few vCPUs":                                             {"aws", "eu-central-1", "m7i.large", database, engine.ReasonVCPU, true},
		"too little memory":                                         {"aws", "eu-central-1", "m7i.2xlarge", database, engine.ReasonMemory, true},
		"host memory must hold what the GPUs were asked to have":    {"aws", "eu-central-1", "g6e.xlarge", with(training, func(w *engine.Workload) { w.GPUMemoryGiB = amount(40) }), engine.ReasonMemory, true},
		"too few GPUs":                            {"aws", "eu-central-1", "g6e.4xlarge", with(training, func(w *engine.Workload) { w.GPUs = 2 }), engine.ReasonGPUCount, true},
		"a V100 does not train":                   {"aws", "eu-central-1", "p3.2xlarge", training, engine.ReasonGPUAge, true},
		"a V100 does not serve either":            {"azure", "westeurope", "Standard_NC6s_v3", serving, engine.ReasonGPUAge, true},
		"a T4 serves":                             {"azure", "westeurope", "Standard_NC4as_T4_v3", serving, engine.Feasible, false},
		"a T4 does not train":                     {"azure", "westeurope", "Standard_NC4as_T4_v3", training, engine.ReasonGPUAge, true},
		"16 GiB of GPU memory are not 24":         {"azure", "westeurope", "Standard_NC8as_T4_v3", with(serving, func(w *engine.Workload) { w.GPUMemoryGiB = amount(24) }), engine.ReasonGPUMemory, true},
		"22 GiB as one provider states it are 24": {"aws", "eu-central-1", "g6.2xlarge", with(serving, func(w *engine.Workload) { w.GPUMemoryGiB = amount(24) }), engine.Feasible, false},
		"45 GiB are 48":                           {"aws", "eu-central-1", "g6e.2xlarge", with(serving, func(w *engine.Workload) { w.GPUMemoryGiB = amount(48) }), engine.Feasible, false},
		"45 GiB are not 50":                       {"aws", "eu-central-1", "g6e.2xlarge", with(serving, func(w *engine.Workload) { w.GPUMemoryGiB = amount(50) }), engine.ReasonGPUMemory, true},
		"a type sold as spot only does not serve what must not stop": {"gcp", "europe-west4", "a3-highgpu-1g", training, engine.ReasonPurchase, true},
		"it serves what may": {"gcp", "europe-west4", "a3-highgpu-1g", with(training, func(w *engine.Workload) { w.Interruptible = true }), engine.Feasible, false},
		"its larger sister with eight GPUs is sold on demand":         {"gcp", "europe-west4", "a3-highgpu-8g", training, engine.Feasible, false},
		"measured use is divided by the target: 1.5 vCPUs need 2.143": {"aws", "eu-central-1", "m7i.large", with(api, func(w *engine.Workload) { w.Basis, w.VCPU, w.MemoryGiB = engine.Usage, amount(1.5), amount(6) }), engine.ReasonVCPU, true},
		"1.4 vCPUs and 6.8 GiB in use fill 2 and 8 exactly":           {"aws", "eu-central-1", "m7i.large", with(api, func(w *engine.Workload) { w.Basis, w.VCPU, w.MemoryGiB = engine.Usage, amount(1.4), amount(6.8) }), engine.Feasible, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := recommend(t, only(t, c.provider, c.region, c.instanceType), engine.Assessment{Workloads: []engine.Workload{c.workload}})
			if f := r.Findings[0]; f.Counts[c.want] != 1 || f.SecondPass != c.secondPass {
				t.Errorf("%s: counts %v, second pass %v", c.want, f.Counts, f.SecondPass)
			}
		})
	}
}

func TestANeedIsNeverMetByLessThanItself(t *testing.T) {
	// 2 vCPUs in use at 70 % are 2.857142857… vCPUs.
	w := engine.Workload{Kind: engine.Batch, Basis: engine.Usage, VCPU: amount(2)}
	for offered, want := range map[engine.Amount]engine.Reason{2_857_142: engine.ReasonVCPU, 2_857_143: engine.Feasible} {
		r := row("aws", "r", "t", 7)
		r.VCPU = offered
		f := recommend(t, compile(t, nil, engine.Defaults{}, r), engine.Assessment{Workloads: []engine.Workload{w}}).Findings[0]
		if f.Counts[want] != 1 || f.Need.VCPU != 2_857_143 {
			t.Errorf("%s vCPUs: counts %v, need %s", offered, f.Counts, f.Need.VCPU)
		}
	}
}

func TestProviderAndRegionAreLookedAtFirst(t *testing.T) {
	m := only(t, "aws", "eu-west-2", "t3.large")
	a := engine.Assessment{
		Workloads: []engine.Workload{{Kind: engine.API, VCPU: amount(2)}},
		Providers: []string{"gcp"},
		Admits:    within("EU"),
	}
	if f := recommend(t, m, a).Findings[0]; f.Counts[engine.ReasonProvider] != 1 || f.Miss.Detail != "stands at aws, which may not be used" {
		t.Errorf("provider: %v, %s", f.Counts, f.Miss.Detail)
	}
	a.Providers = nil
	if f := recommend(t, m, a).Findings[0]; f.Counts[engine.ReasonRegion] != 1 || f.Miss.Detail != "stands in eu-west-2, which may not be used" {
		t.Errorf("London is not in the EU: %v, %s", f.Counts, f.Miss.Detail)
	}
}

func TestReasonsKeepTheirOrderAndNames(t *testing.T) {
	want := []string{"provider", "region", "accelerator", "class", "architecture", "vcpu", "memory", "gpu_count", "gpu_age", "gpu_memory", "purchase"}
	got := engine.Reasons()
	if len(got) != len(want) {
		t.Fatalf("%d reasons, want %d", len(got), len(want))
	}
	for i, r := range got {
		if r.String() != want[i] {
			t.Errorf("reason %d is %s, want %s", i, r, want[i])
		}
	}
}

func TestTheNearestMissSaysWhatIsShort(t *testing.T) {
	eu := within("EU")
	for name, c := range map[string]struct {
		workload engine.Workload
		row      string
		reason   engine.Reason
		detail   string
	}{
		"more GPU memory than one in the EU has": {
			engine.Workload{Kind: engine.Training, GPUs: 1, GPUMemoryGiB: amount(400), VCPU: amount(4), MemoryGiB: amount(16)},
			"Standard_ND96isr_H200_v5", engine.ReasonGPUMemory, "offers 141 GiB, needs 400",
		},
		"more vCPUs than any host in the EU has": {
			engine.Workload{Kind: engine.Batch, VCPU: amount(5_000)},
			"u7i-12tb.224xlarge", engine.ReasonVCPU, "offers 896 vCPUs, needs 5000",
		},
		"a GPU on ARM that trains": {
			engine.Workload{Kind: engine.Training, GPUs: 1, Arch: engine.ArchARM},
			"g5g.xlarge", engine.ReasonGPUAge, "has GPUs of the generation turing, needs ampere or later",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := recommend(t, market(), engine.Assessment{Workloads: []engine.Workload{c.workload}, Admits: eu})
			miss := r.Findings[0].Miss
			if miss == nil || miss.Row.Type != c.row || miss.Reason != c.reason || miss.Detail != c.detail {
				t.Errorf("%+v", miss)
			}
		})
	}
}
