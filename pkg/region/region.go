// Package region is the one table of places: which regions the providers have,
// in which country each stands, and which data-residency entries it meets. The
// assessment service validates with it and the recommendation service filters
// with it, so that a place that one of them accepts means the same to the
// other.
package region

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Region is a place at a provider.
type Region struct {
	// Provider is aws, azure or gcp.
	Provider string
	// Name is the region's name at the provider, such as eu-central-1.
	Name string
	// Location is the city or state, for people.
	Location string
	// Country is the ISO 3166 code of the country that it stands in.
	Country string
	// Geo is the legal area that it stands in: EU, UK, US, CA, BR or APAC. The
	// United Kingdom is an area of its own, not a part of the EU.
	Geo string
}

//go:embed regions.csv
var regions string

const header = "provider,region,location,country,geo"

// table parses the embedded file once. A fault in it is a fault of the build,
// which every test of this package would meet, so it panics.
var table = sync.OnceValue(func() []Region {
	lines := strings.Split(strings.TrimSuffix(regions, "\n"), "\n")
	if lines[0] != header {
		panic(fmt.Sprintf("region: regions.csv starts with %q", lines[0]))
	}
	all := make([]Region, 0, len(lines)-1)
	for _, line := range lines[1:] {
		f := strings.Split(line, ",")
		if len(f) != 5 || slices.Contains(f, "") {
			panic(fmt.Sprintf("region: regions.csv has the line %q", line))
		}
		all = append(all, Region{Provider: f[0], Name: f[1], Location: f[2], Country: f[3], Geo: f[4]})
	}
	slices.SortFunc(all, func(a, b Region) int { return compare(a, b.Provider, b.Name) })
	return all
})

func compare(r Region, provider, name string) int {
	if c := strings.Compare(r.Provider, provider); c != 0 {
		return c
	}
	return strings.Compare(r.Name, name)
}

// All returns every region, by provider and name.
func All() []Region { return slices.Clone(table()) }

// Providers returns the providers, in alphabetical order.
func Providers() []string {
	var names []string
	for _, r := range table() {
		if len(names) == 0 || names[len(names)-1] != r.Provider {
			names = append(names, r.Provider)
		}
	}
	return names
}

// Lookup finds a provider's region.
func Lookup(provider, name string) (Region, bool) {
	all := table()
	i, found := slices.BinarySearchFunc(all, name, func(r Region, name string) int { return compare(r, provider, name) })
	if !found {
		return Region{}, false
	}
	return all[i], true
}

// Known reports whether any provider has a region of this name.
func Known(name string) bool {
	return slices.ContainsFunc(table(), func(r Region) bool { return r.Name == name })
}

// InResidency reports whether a region meets one of the residency entries, each
// an area or a country code. Entries add up: a region that meets one of them is
// in. Without entries every region is in.
func InResidency(r Region, residency []string) bool {
	if len(residency) == 0 {
		return true
	}
	return slices.ContainsFunc(residency, r.meets)
}

// KnownResidency reports whether a residency entry names an area or a country
// that has a region. Entries are upper case.
func KnownResidency(entry string) bool {
	return slices.ContainsFunc(table(), func(r Region) bool { return r.meets(entry) })
}

func (r Region) meets(entry string) bool { return entry == r.Geo || entry == r.Country }
