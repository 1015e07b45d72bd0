package engine_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func TestAFigureOutOfBoundsIsNamed(t *testing.T) {
	sound := engine.Workload{Kind: engine.API, VCPU: amount(2), MemoryGiB: amount(8)}
	for field, change := range map[string]func(*engine.Workload){
		"kind":               func(w *engine.Workload) { w.Kind = 0 },
		"basis":              func(w *engine.Workload) { w.Basis = 2 },
		"arch":               func(w *engine.Workload) { w.Arch = 3 },
		"vcpu":               func(w *engine.Workload) { w.VCPU = amount(math.NaN()) },
		"memory_gib":         func(w *engine.Workload) { w.MemoryGiB = engine.MaxMemoryGiB + 1 },
		"gpus":               func(w *engine.Workload) { w.GPUs = -1 },
		"gpu_memory_gib":     func(w *engine.Workload) { w.GPUMemoryGiB = amount(16) },
		"replicas":           func(w *engine.Workload) { w.Replicas = engine.MaxReplicas + 1 },
		"hours":              func(w *engine.Workload) { w.Hours = amount(745) },
		"availability":       func(w *engine.Workload) { w.Availability = amount(100) },
		"target_utilisation": func(w *engine.Workload) { w.TargetUtilisation = amount(0.001) },
		"storage_gib":        func(w *engine.Workload) { w.StorageGiB = -1 },
		"egress_gib":         func(w *engine.Workload) { w.EgressGiB = engine.MaxEgressGiB + 1 },
		"extra_classes":      func(w *engine.Workload) { w.ExtraClasses = []engine.Class{engine.ClassPrevious} },
	} {
		t.Run(field, func(t *testing.T) {
			unsound := sound
			change(&unsound)
			_, err := market().Recommend(engine.Assessment{Workloads: []engine.Workload{sound, unsound}})
			var bound *engine.BoundError
			if !errors.As(err, &bound) || bound.Field != "workloads[1]."+field || !strings.HasPrefix(err.Error(), bound.Field+" ") {
				t.Errorf("%v", err)
			}
		})
	}
	none := sound
	none.VCPU, none.MemoryGiB = 0, 0
	for field, a := range map[string]engine.Assessment{
		"workloads":         {Workloads: nil},
		"workloads[0].vcpu": {Workloads: []engine.Workload{none}},
		"budget":            {Workloads: []engine.Workload{sound}, Budget: -1},
	} {
		var bound *engine.BoundError
		if _, err := market().Recommend(a); !errors.As(err, &bound) || bound.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := market().Recommend(engine.Assessment{Workloads: slices.Repeat([]engine.Workload{sound}, engine.MaxWorkloads+1)}); err == nil {
		t.Error("51 workloads are taken")
	}
}

func TestRowsThatNoAnswerCouldBeTrustedWithAreRefused(t *testing.T) {
	sound := row("aws", "r", "t", 7)
	for name, change := range map[string]func(*engine.Row){
		"without a name":               func(r *engine.Row) { r.Type = "" },
		"without a class":              func(r *engine.Row) { r.Class = 0 },
		"without an instruction set":   func(r *engine.Row) { r.Arch = 0 },
		"without vCPUs":                func(r *engine.Row) { r.VCPU = 0 },
		"without memory":               func(r *engine.Row) { r.MemoryGiB = 0 },
		"without a price":              func(r *engine.Row) { r.OnDemand = 0 },
		"with a price beyond counting": func(r *engine.Row) { r.Spot = engine.MaxPrice + 1 },
		"with too many GPUs":           func(r *engine.Row) { r.GPUs = engine.MaxGPUs + 1 },
		"with GPUs of no generation":   func(r *engine.Row) { r.GPUs = 1 },
	} {
		unsound := sound
		change(&unsound)
		if _, err := engine.Compile([]engine.Row{unsound}, nil, engine.Defaults{}); err == nil {
			t.Errorf("a row %s is taken", name)
		}
	}
	for name, compile := range map[string]func() (*engine.Market, error){
		"no rows at all": func() (*engine.Market, error) { return engine.Compile(nil, nil, engine.Defaults{}) },
		"a row twice": func() (*engine.Market, error) {
			return engine.Compile([]engine.Row{sound, row("aws", "r", "s", 7), sound}, nil, engine.Defaults{})
		},
		"a promise of more than always": func() (*engine.Market, error) {
			return engine.Compile([]engine.Row{sound}, []engine.Tier{{Provider: "aws", Percent: amount(101), Instances: 1}}, engine.Defaults{})
		},
		"a negative price of storage": func() (*engine.Market, error) {
			return engine.Compile([]engine.Row{sound}, nil, engine.Defaults{Storage: engine.StorageDefault{PerGiBHour: -1}})
		},
		"a negative price of traffic": func() (*engine.Market, error) {
			return engine.Compile([]engine.Row{sound}, nil, engine.Defaults{Egress: []engine.EgressDefault{{Provider: "aws", PerGiB: -1}}})
		},
	} {
		if _, err := compile(); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestNamesAreReadBackAsTheyAreWritten(t *testing.T) {
	for c := engine.ClassCurrent; c <= engine.ClassConfidential; c++ {
		if got, ok := engine.ParseClass(c.String()); !ok || got != c {
			t.Errorf("class %s is read as %s", c, got)
		}
	}
	for g := engine.Kepler; g <= engine.Blackwell; g++ {
		if got, ok := engine.ParseGeneration(g.String()); !ok || got != g {
			t.Errorf("generation %s is read as %s", g, got)
		}
	}
	for _, a := range []engine.Arch{engine.ArchX86, engine.ArchARM} {
		if got, ok := engine.ParseArch(a.String()); !ok || got != a {
			t.Errorf("instruction set %s is read as %s", a, got)
		}
	}
	if _, ok := engine.ParseClass(""); ok {
		t.Error("an empty class is read")
	}
}
