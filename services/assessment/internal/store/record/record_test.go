package record_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/record"
	"github.com/inframind/inframind/services/assessment/internal/store/storetest"
)

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	contents := rapid.Make[assessment.Content]()
	rapid.Check(t, func(t *rapid.T) {
		want := tidy(contents.Draw(t, "content"))
		data, err := record.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := record.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// tidy makes of a random content one that could have been stated: empty lists are
// nil, as both ends of a store have them.
func tidy(c assessment.Content) assessment.Content {
	clean(reflect.ValueOf(&c).Elem())
	return c
}

func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.ToValidUTF8(v.String(), "?"))
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
		}
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	default:
	}
}

// What was written by an earlier build must be read the same by every later one.
func TestTheFirstFormIsStillRead(t *testing.T) {
	const stored = `{"v":1,"title":"Portal","profile":{"organisation":"Praxis","industry":"healthcare","employees":120},` +
		`"objectives":{"cost_weight":1,"performance_weight":0.1,"carbon_weight":2.5,"resilience_weight":3},` +
		`"monthly_budget_usd":2000.25,"frameworks":["gdpr","hipaa"],"data_residency":["EU"],"allowed_providers":["aws"],` +
		`"allowed_regions":["eu-central-1"],"workloads":[{"name":"api","kind":"api","vcpu":2,"memory_gib":8,` +
		`"sizing_basis":"usage","target_utilisation":0.6,"gpus":1,"gpu_memory_gib":16,"replicas":3,"hours_per_month":100,` +
		`"availability_target":99.9,"interruptible":true,"architecture":"arm64","storage_gib":20,"egress_gib":300,` +
		`"extra_classes":["burstable"],"present":{"provider":"aws","region":"eu-west-1","instance_type":"m5.large"}}]}`
	want := assessment.Content{
		Title:            "Portal",
		Profile:          &assessment.Profile{Organisation: "Praxis", Industry: "healthcare", Employees: 120},
		Objectives:       &assessment.Objectives{CostWeight: 1, PerformanceWeight: 0.1, CarbonWeight: 2.5, ResilienceWeight: 3},
		MonthlyBudgetUSD: 2000.25,
		Frameworks:       []assessment.Framework{assessment.FrameworkGDPR, assessment.FrameworkHIPAA},
		DataResidency:    []string{"EU"},
		AllowedProviders: []string{"aws"},
		AllowedRegions:   []string{"eu-central-1"},
		Workloads: []assessment.Workload{{
			Name: "api", Kind: assessment.KindAPI, VCPU: 2, MemoryGiB: 8,
			SizingBasis: assessment.SizingBasisUsage, TargetUtilisation: 0.6, GPUs: 1, GPUMemoryGiB: 16,
			Replicas: 3, HoursPerMonth: 100, AvailabilityTarget: 99.9, Interruptible: true,
			Architecture: assessment.ArchitectureARM64, StorageGiB: 20, EgressGiB: 300,
			ExtraClasses: []assessment.InstanceClass{assessment.ClassBurstable},
			Present:      &assessment.Present{Provider: "aws", Region: "eu-west-1", InstanceType: "m5.large"},
		}},
	}
	got, err := record.Decode([]byte(stored))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
	if again, err := record.Encode(got); err != nil || string(again) != stored {
		t.Errorf("it is written as %s, %v", again, err)
	}
}

// FuzzDecode: whatever lies in the database, Decode refuses it or reads something
// that is the same after it was written again.
func FuzzDecode(f *testing.F) {
	full, err := record.Encode(storetest.Content("full"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	for _, seed := range []string{`{"v":1}`, `{"v":2}`, `{"v":1,"workloads":[{},{"present":{}}]}`, `{"v":1,"profile":null}`, `null`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := record.Decode(data)
		if err != nil {
			return
		}
		again, err := record.Encode(c)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", c, err)
		}
		if same, err := record.Decode(again); err != nil || !same.Equal(tidy(c)) {
			t.Fatalf("%s reads as %+v, %v, want %+v", again, same, err, c)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data, err := record.Encode(storetest.Content("full"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := record.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
