package engine_test

import (
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func TestReplicasForAnAvailabilityTarget(t *testing.T) {
	for name, c := range map[string]struct {
		provider  string
		stated    int
		target    float64
		instances int
		tier      string
		unreached bool
	}{
		"without a target the stated count stands":              {"aws", 1, 0, 1, "", false},
		"no count is one":                                       {"aws", 0, 0, 1, "", false},
		"one instance at aws reaches 99.5":                      {"aws", 1, 99.5, 1, "single-instance", false},
		"99.9 takes two at aws":                                 {"aws", 1, 99.9, 2, "multi-zone", false},
		"99.9 takes one at azure":                               {"azure", 1, 99.9, 1, "single-instance", false},
		"99.9 takes one at gcp":                                 {"gcp", 1, 99.9, 1, "single-instance", false},
		"99.95 takes two anywhere":                              {"gcp", 1, 99.95, 2, "multi-zone", false},
		"99.99 is the most that is promised":                    {"azure", 1, 99.99, 2, "multi-zone", false},
		"the stated count includes the spare, three are three":  {"aws", 3, 99.9, 3, "multi-zone", false},
		"nobody promises 99.999, and two are the nearest to it": {"gcp", 1, 99.999, 2, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := engine.Workload{Kind: engine.API, VCPU: amount(2), Replicas: c.stated, Availability: amount(c.target)}
			r := recommend(t, market(), engine.Assessment{Workloads: []engine.Workload{w}, Providers: []string{c.provider}})
			got := r.OneProvider.Lines[0].Replication
			tier := ""
			if got.Tier != nil {
				tier = got.Tier.Name
			}
			if got.Provider != c.provider || got.Instances != c.instances || tier != c.tier || got.Unreached != c.unreached {
				t.Errorf("%+v, tier %q", got, tier)
			}
		})
	}
}

func TestAProviderWithoutTiersStillGetsTwoInstancesFrom9995(t *testing.T) {
	m := compile(t, nil, engine.Defaults{}, row("aws", "r", "t", 7))
	for target, want := range map[float64]int{99.949999: 1, 99.95: 2} {
		w := engine.Workload{Kind: engine.API, VCPU: amount(1), Availability: amount(target)}
		got := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}}).OneProvider.Lines[0].Replication
		if got.Instances != want || !got.Unreached {
			t.Errorf("%v %%: %+v", target, got)
		}
	}
}

func TestMoreInstancesCanMakeTheCheaperPriceTheDearerChoice(t *testing.T) {
	tiers := []engine.Tier{
		{Provider: "aws", Name: "multi-zone", Percent: amount(99.99), Instances: 2},
		{Provider: "gcp", Name: "single-instance", Percent: amount(99.9), Instances: 1},
	}
	m := compile(t, tiers, engine.Defaults{}, row("aws", "r", "t", 60), row("gcp", "r", "t", 100))
	w := engine.Workload{Kind: engine.API, VCPU: amount(1), Availability: amount(99.9)}
	if got := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}}).Apart.Lines[0].Row.Provider; got != "gcp" {
		t.Errorf("%s wins; two at 60 cost more than one at 100", got)
	}
}
