package assessment

import (
	"fmt"
	"slices"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/region"
)

// Check holds the content against what is known about places; the shape of
// every field has been checked before. It returns an error that names each
// broken rule by its path within the assessment, or nil.
//
// An allowed region that the rest of the content rules out is refused as well:
// it could never be used, and whoever stated it believes that it could.
func (c Content) Check() error {
	var broken []errs.Violation
	residency := c.knownResidency(&broken)
	for i, name := range c.AllowedRegions {
		if v, ok := c.checkRegion(name, residency); !ok {
			v.Field = fmt.Sprintf("allowedRegions[%d]", i)
			broken = append(broken, v)
		}
	}
	for i, w := range c.Workloads {
		if w.Present == nil {
			continue
		}
		if _, ok := region.Lookup(w.Present.Provider, w.Present.Region); !ok {
			broken = append(broken, errs.Violation{
				Field:   fmt.Sprintf("workloads[%d].present.region", i),
				Rule:    "present.region",
				Message: fmt.Sprintf("%q is not a region of %s in the catalogue", w.Present.Region, w.Present.Provider),
			})
		}
	}
	if len(broken) > 0 {
		return errs.Invalid(broken...)
	}
	return nil
}

// knownResidency returns the residency entries that name a place, and adds the
// others to what is broken, so that each is reported once and not again with
// every region that it would exclude.
func (c Content) knownResidency(broken *[]errs.Violation) []string {
	var known []string
	for i, entry := range c.DataResidency {
		if region.KnownResidency(entry) {
			known = append(known, entry)
			continue
		}
		*broken = append(*broken, errs.Violation{
			Field:   fmt.Sprintf("dataResidency[%d]", i),
			Rule:    "residency.known",
			Message: fmt.Sprintf("%q is not EU, UK, US, CA, BR, APAC or the code of a country with a region in the catalogue", entry),
		})
	}
	return known
}

// checkRegion finds the first rule that an allowed region breaks.
func (c Content) checkRegion(name string, residency []string) (errs.Violation, bool) {
	places := placesNamed(name)
	if len(places) == 0 {
		return errs.Violation{
			Rule:    "region.known",
			Message: fmt.Sprintf("%q is not a region in the catalogue", name),
		}, false
	}
	places = slices.DeleteFunc(places, func(r region.Region) bool {
		return len(c.AllowedProviders) > 0 && !slices.Contains(c.AllowedProviders, r.Provider)
	})
	if len(places) == 0 {
		return errs.Violation{
			Rule:    "region.provider_allowed",
			Message: fmt.Sprintf("%q is a region of a provider that is not among allowedProviders", name),
		}, false
	}
	if !slices.ContainsFunc(places, func(r region.Region) bool { return region.InResidency(r, residency) }) {
		return errs.Violation{
			Rule:    "region.residency",
			Message: fmt.Sprintf("%q is outside dataResidency", name),
		}, false
	}
	return errs.Violation{}, true
}

// placesNamed returns the regions of that name, of whichever provider.
func placesNamed(name string) []region.Region {
	var places []region.Region
	for _, provider := range region.Providers() {
		if r, ok := region.Lookup(provider, name); ok {
			places = append(places, r)
		}
	}
	return places
}
