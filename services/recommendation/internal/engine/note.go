package engine

import "fmt"

// Note is something a reader has to know to read the figures right. Which
// fields beside Code are set depends on the code.
type Note struct {
	Code NoteCode
	// Workload that it is about. Empty: the whole answer.
	Workload string
	// Provider that it is about. Empty: none in particular.
	Provider string
	// Coupling of the plan that it is about.
	Coupling Coupling
	// Stated and Actual are counts: of replicas, or of workloads in all and
	// covered.
	Stated, Actual int
	// Percent is an availability: the target, or what a tier promises.
	Percent Amount
	// Total is what another plan would cost, and Less how much less that is.
	Total, Less Cents
}

// NoteCode is what kind of note it is.
type NoteCode string

// The notes. Those about a workload speak of its line in the plan of one
// provider, unless they say otherwise.
const (
	// NoteOlderClasses: nothing usual fitted, and older and special types were
	// admitted.
	NoteOlderClasses NoteCode = "OLDER_CLASSES_ADMITTED"
	// NoteReplicasRaised: the target takes Actual instances, Stated were asked
	// for.
	NoteReplicasRaised NoteCode = "REPLICAS_RAISED"
	// NoteSLAUnreached: no promise of the provider reaches the target of
	// Percent.
	NoteSLAUnreached NoteCode = "SLA_UNREACHED"
	// NoteSLAAssumed: the promise of Percent has no dated document at hand.
	NoteSLAAssumed NoteCode = "SLA_ASSUMED"
	// NoteZonesAssumed: the promise needs instances in several zones, and the
	// catalogue does not know zones.
	NoteZonesAssumed NoteCode = "ZONE_SPREAD_ASSUMED"
	// NoteSpotOutsideSLA: there is a target of Percent, but spot capacity is
	// promised nothing.
	NoteSpotOutsideSLA NoteCode = "SPOT_OUTSIDE_SLA"
	// NoteSpotOnly: the row cannot be had on demand, so that there is nothing
	// to fall back to.
	NoteSpotOnly NoteCode = "SPOT_ONLY"
	// NoteSpotUnlisted: the provider lists no spot prices, so that its rows
	// were compared at their on-demand prices with others' spot prices.
	NoteSpotUnlisted NoteCode = "SPOT_PRICES_UNLISTED"
	// NoteUnpriced: the catalogue has no default price for the workload's
	// storage or traffic.
	NoteUnpriced NoteCode = "DEFAULT_PRICE_MISSING"
	// NotePartlyCovered: the plan of one provider covers Actual of Stated
	// workloads.
	NotePartlyCovered NoteCode = "PARTLY_COVERED"
	// NoteDefaultDecides: with storage and traffic counted at default prices,
	// another plan would win, at Total.
	NoteDefaultDecides NoteCode = "DEFAULT_DECIDES"
)

// String is the note in a sentence.
func (n Note) String() string {
	switch n.Code {
	case NoteOlderClasses:
		return fmt.Sprintf("no current type fits %s, so previous-generation, special and economy types were admitted", n.Workload)
	case NoteReplicasRaised:
		return fmt.Sprintf("%s runs %d instances at %s instead of %d, for its target of %s %%", n.Workload, n.Actual, n.Provider, n.Stated, n.Percent)
	case NoteSLAUnreached:
		return fmt.Sprintf("no service level agreement of %s reaches the %s %% asked for %s", n.Provider, n.Percent, n.Workload)
	case NoteSLAAssumed:
		return fmt.Sprintf("that %s promises %s %% for %s is an assumption, without a dated document", n.Provider, n.Percent, n.Workload)
	case NoteZonesAssumed:
		return fmt.Sprintf("the target of %s counts on instances in several zones of %s, which the catalogue does not know", n.Workload, n.Provider)
	case NoteSpotOutsideSLA:
		return fmt.Sprintf("%s asks for %s %%, but spot capacity comes without a promise", n.Workload, n.Percent)
	case NoteSpotOnly:
		return fmt.Sprintf("the type chosen for %s is sold as spot only, so that there is no on-demand price to fall back to", n.Workload)
	case NoteSpotUnlisted:
		return fmt.Sprintf("%s was compared one-sidedly: the catalogue has no spot prices of %s, so its on-demand prices stood against the spot prices of others", n.Workload, n.Provider)
	case NoteUnpriced:
		return fmt.Sprintf("there is no default price for the storage or traffic of %s at %s, so the total is at least what it says", n.Workload, n.Provider)
	case NotePartlyCovered:
		return fmt.Sprintf("the plan covers %d of %d workloads", n.Actual, n.Stated)
	case NoteDefaultDecides:
		at := ""
		if n.Provider != "" {
			at = " at " + n.Provider
		}
		return fmt.Sprintf("with storage and traffic counted at default prices another plan (%s)%s would win, at %s USD, %s less", n.Coupling, at, n.Total, n.Less)
	}
	return string(n.Code)
}

// notes gathers the notes of all workloads, in order, and then those of the
// whole answer.
func (q *question) notes(r Result, b board) []Note {
	var notes []Note
	for w, workload := range q.workloads {
		notes = append(notes, q.surveyNotes(w)...)
		if line := r.OneProvider.lineOf(w); line != nil {
			notes = append(notes, lineNotes(workload, *line)...)
		}
	}
	if covered, all := len(r.OneProvider.Lines), len(q.workloads); covered < all {
		notes = append(notes, Note{Code: NotePartlyCovered, Actual: covered, Stated: all})
	}
	return append(notes, q.defaultNotes(r, b)...)
}

// surveyNotes are about what the market has for a workload.
func (q *question) surveyNotes(w int) []Note {
	var notes []Note
	workload, survey := q.workloads[w], q.surveys[w]
	if survey.second && survey.counts[Feasible] > 0 {
		notes = append(notes, Note{Code: NoteOlderClasses, Workload: workload.Name})
	}
	if !workload.Interruptible {
		return notes
	}
	for _, p := range q.market.providers {
		feasible := false
		for _, podium := range survey.podiums[p.from:p.to] {
			feasible = feasible || podium.first != none
		}
		if feasible && !p.listsSpot {
			notes = append(notes, Note{Code: NoteSpotUnlisted, Workload: workload.Name, Provider: p.name})
		}
	}
	return notes
}

// lineNotes are about what was chosen for a workload.
func lineNotes(w Workload, l Line) []Note {
	var notes []Note
	add := func(code NoteCode, n Note) {
		n.Code, n.Workload, n.Provider = code, w.Name, l.Row.Provider
		notes = append(notes, n)
	}
	replication, stated := l.Replication, max(w.Replicas, 1)
	if replication.Instances > stated {
		add(NoteReplicasRaised, Note{Stated: stated, Actual: replication.Instances, Percent: w.Availability})
	}
	if replication.Unreached {
		add(NoteSLAUnreached, Note{Percent: w.Availability})
	}
	if tier := replication.Tier; tier != nil {
		if tier.Assumed {
			add(NoteSLAAssumed, Note{Percent: tier.Percent})
		}
		if tier.Instances > 1 {
			add(NoteZonesAssumed, Note{})
		}
	}
	if l.Purchase == Spot && w.Availability > 0 {
		add(NoteSpotOutsideSLA, Note{Percent: w.Availability})
	}
	if l.Row.SpotOnly {
		add(NoteSpotOnly, Note{})
	}
	if l.unpriced() {
		add(NoteUnpriced, Note{})
	}
	return notes
}

// defaultNotes say for each plan whether the default prices of storage and
// traffic, which did not take part in choosing, would have chosen otherwise.
func (q *question) defaultNotes(r Result, b board) []Note {
	var notes []Note
	counted := q.withDefaults(b)
	for _, p := range []Plan{r.OneProvider, r.SeveralProviders, r.Apart} {
		other := q.plan(p.Coupling, counted.choose(p.Coupling))
		if p.sameRows(other) {
			continue
		}
		note := Note{Code: NoteDefaultDecides, Coupling: p.Coupling, Total: other.Total, Less: p.Total - other.Total}
		if p.Coupling == CouplingOneProvider && len(other.Lines) > 0 {
			note.Provider = other.Lines[0].Row.Provider
		}
		notes = append(notes, note)
	}
	return notes
}

// withDefaults is a board of the best offers alone, at what they cost with
// storage and traffic. Within a place that adds the same to every row, so that
// the best stays the best.
func (q *question) withDefaults(b board) board {
	counted := board{market: b.market, grouped: b.grouped}
	for w, pairs := range b.pairs {
		workload := q.workloads[w]
		raised := make([]pair, len(pairs))
		for p, pair := range pairs {
			provider := q.market.places[p].provider
			instances := q.needs[w].Replication[provider].Instances
			best := pair.first
			for _, d := range []*DefaultCost{q.market.storageCost(workload, instances), q.market.egressCost(workload, provider)} {
				if d != nil {
					best.cost = best.cost.plus(d.exact)
				}
			}
			raised[p].first, raised[p].second = best, nothing.second
		}
		counted.pairs = append(counted.pairs, raised)
	}
	return counted
}
