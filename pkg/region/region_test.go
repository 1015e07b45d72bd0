package region_test

import (
	"slices"
	"testing"

	"github.com/inframind/inframind/pkg/region"
)

func TestEveryRegionIsFoundUnderItsProviderAndName(t *testing.T) {
	all := region.All()
	if len(all) != 40 {
		t.Fatalf("%d regions, want 40", len(all))
	}
	for _, r := range all {
		if got, ok := region.Lookup(r.Provider, r.Name); !ok || got != r {
			t.Errorf("Lookup(%q, %q) = %+v, %v", r.Provider, r.Name, got, ok)
		}
		if !region.Known(r.Name) || !region.KnownResidency(r.Geo) || !region.KnownResidency(r.Country) {
			t.Errorf("%+v is not known by its own name, area and country", r)
		}
	}
}

func TestARegionBelongsToItsOwnProviderOnly(t *testing.T) {
	if _, ok := region.Lookup("aws", "westeurope"); ok {
		t.Error("aws has westeurope")
	}
	if _, ok := region.Lookup("oracle", "eu-frankfurt-1"); ok {
		t.Error("oracle has regions")
	}
	if region.Known("mars-north1") || region.Known("") {
		t.Error("a region that nobody has is known")
	}
}

func TestRegionsComeSortedAndCannotBeChangedByTheCaller(t *testing.T) {
	all := region.All()
	if !slices.IsSortedFunc(all, func(a, b region.Region) int {
		return slices.Compare([]string{a.Provider, a.Name}, []string{b.Provider, b.Name})
	}) {
		t.Error("not sorted by provider and name")
	}
	all[0].Geo = "MOON"
	if region.KnownResidency("MOON") {
		t.Error("a caller changed the table")
	}
}

func TestProvidersAreNamedOnceInOrder(t *testing.T) {
	if got := region.Providers(); !slices.Equal(got, []string{"aws", "azure", "gcp"}) {
		t.Errorf("Providers() = %v", got)
	}
}

func TestResidency(t *testing.T) {
	for name, c := range map[string]struct {
		provider, region string
		residency        []string
		want             bool
	}{
		"Frankfurt is in the EU":                           {"aws", "eu-central-1", []string{"EU"}, true},
		"London is not in the EU":                          {"aws", "eu-west-2", []string{"EU"}, false},
		"London is in the UK":                              {"gcp", "europe-west2", []string{"UK"}, true},
		"London is in GB, by its country code":             {"azure", "uksouth", []string{"GB"}, true},
		"a country narrows an area":                        {"gcp", "europe-west1", []string{"DE"}, false},
		"entries add up":                                   {"gcp", "europe-west1", []string{"DE", "BE"}, true},
		"an entry is matched whole and in upper case":      {"aws", "eu-central-1", []string{"eu", "E", ""}, false},
		"without entries every place is in":                {"azure", "brazilsouth", nil, true},
		"Tokyo is in APAC":                                 {"azure", "japaneast", []string{"APAC"}, true},
		"Montreal is in CA the area and CA the country":    {"aws", "ca-central-1", []string{"CA"}, true},
		"the name of a city is not an entry for residency": {"aws", "eu-north-1", []string{"Stockholm"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, ok := region.Lookup(c.provider, c.region)
			if !ok {
				t.Fatalf("no region %s %s", c.provider, c.region)
			}
			if got := region.InResidency(r, c.residency); got != c.want {
				t.Errorf("InResidency(%v) = %v", c.residency, got)
			}
		})
	}
	if region.KnownResidency("Stockholm") || region.KnownResidency("") || region.KnownResidency("eu") {
		t.Error("an entry that names no area or country is known")
	}
}
