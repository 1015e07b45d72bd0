package engine

import (
	"cmp"
	"slices"
)

// Tier is what a provider's service level agreement promises for instances run
// in one way.
type Tier struct {
	Provider string
	// Name is single-instance or multi-zone.
	Name string
	// Percent is the promised availability of a month.
	Percent Amount
	// Instances is how many it takes at least.
	Instances int
	// Source and Date name the document. Assumed marks a tier for which no
	// dated document is at hand.
	Source, Date string
	Assumed      bool
}

// doubled is the availability target, in percent, from which two instances are
// the least whatever an agreement promises for one.
const doubled = 9_995 * Unit / 100

// Replication is how many instances a workload takes at a provider.
type Replication struct {
	Provider string
	// Instances run at the same time.
	Instances int
	// Tier is the lowest that reaches the target. Nil: there is no target, or
	// none reaches it.
	Tier *Tier
	// Unreached: there is a target, and no tier reaches it.
	Unreached bool
}

// ladder orders tiers from the lowest promise to the highest, and equal ones by
// the fewest instances.
func ladder(tiers []Tier) []Tier {
	tiers = slices.Clone(tiers)
	slices.SortFunc(tiers, func(a, b Tier) int {
		return cmp.Or(
			cmp.Compare(a.Provider, b.Provider),
			cmp.Compare(a.Percent, b.Percent),
			cmp.Compare(a.Instances, b.Instances),
			cmp.Compare(a.Name, b.Name),
		)
	})
	return tiers
}

// replicate says how many instances a target takes at a provider, given the
// provider's ladder of tiers. The stated count includes the spare, so that it
// is raised and never added to. Promises are not multiplied: failures
// correlate.
func replicate(w Workload, provider string, ladder []Tier) Replication {
	r := Replication{Provider: provider, Instances: max(w.Replicas, 1)}
	if w.Availability == 0 {
		return r
	}
	if w.Availability >= doubled {
		r.Instances = max(r.Instances, 2)
	}
	for _, t := range ladder {
		if t.Percent >= w.Availability {
			r.Tier = &t
			r.Instances = max(r.Instances, t.Instances)
			return r
		}
	}
	// No promise reaches the target: the most that a provider asks for is the
	// nearest one can come.
	r.Unreached = true
	for _, t := range ladder {
		r.Instances = max(r.Instances, t.Instances)
	}
	return r
}
