package advice

import (
	"fmt"
	"slices"
	"strings"

	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// Notes beside the engine's, of what it does not know or does not use.
const (
	noteSLABasis         = "SLA_BASIS"
	noteGPUMemory        = "GPU_MEMORY_TOLERATED"
	notePriceUnchecked   = "PRICE_UNCHECKED"
	noteListPrices       = "LIST_PRICES"
	noteDefaultPrices    = "DEFAULT_PRICES"
	noteBudgetUndecided  = "BUDGET_UNDECIDED"
	noteNoComparison     = "SAVING_NOT_COMPARABLE"
	noteWeightsUnused    = "WEIGHTS_NOT_USED"
	noteFrameworksUnused = "FRAMEWORKS_NOT_CHECKED"
)

// notes are those about a workload, in the order of the workloads, and then
// those about the whole answer.
func (w writer) notes() []*recommendationv1.Note {
	var notes []*recommendationv1.Note
	for _, n := range w.result.Notes {
		notes = append(notes, note(string(n.Code), n.Workload, "%s", n))
	}
	for _, l := range w.result.OneProvider.Lines {
		notes = append(notes, w.lineNotes(l)...)
	}
	notes = append(notes, w.priceNotes()...)
	notes = append(notes, w.planNotes()...)
	notes = append(notes, w.unusedNotes()...)

	order := map[string]int{"": len(w.asked.Workloads)}
	for i, workload := range w.asked.Workloads {
		order[workload.Name] = i
	}
	slices.SortStableFunc(notes, func(a, b *recommendationv1.Note) int {
		return order[a.GetWorkload()] - order[b.GetWorkload()]
	})
	return notes
}

func note(code, workload, format string, args ...any) *recommendationv1.Note {
	return &recommendationv1.Note{Code: code, Workload: workload, Text: fmt.Sprintf(format, args...)}
}

// lineNotes say what a line of the plan rests on.
func (w writer) lineNotes(l engine.Line) []*recommendationv1.Note {
	var notes []*recommendationv1.Note
	add := func(code, format string, args ...any) {
		notes = append(notes, note(code, l.Workload, format, args...))
	}
	if t := l.Replication.Tier; t != nil && !t.Assumed {
		add(noteSLABasis, "%s rests on the %s promise of %s %%: %s, %s",
			l.Workload, t.Name, t.Percent, t.Source, t.Date)
	}
	if asked := w.result.Findings[l.Index].Need.GPUMemoryGiB; l.Row.GPUMemoryGiB < asked {
		add(noteGPUMemory, "each %s of %s states %s GiB, which counts as the %s GiB asked for: providers state the memory of one model differently",
			l.Row.GPUModel, l.Row.Type, l.Row.GPUMemoryGiB, asked)
	}
	if listed, ok := w.catalog.Find(l.Row.Provider, l.Row.Region, l.Row.Type); ok && listed.PriceBasis != "listed" {
		add(notePriceUnchecked, "the price of %s in %s comes from one source only, as of %s",
			l.Row.Type, l.Row.Region, listed.PriceDate)
	}
	return notes
}

// priceNotes say how old the prices are and which stand in for others.
func (w writer) priceNotes() []*recommendationv1.Note {
	var dates []string
	for _, p := range w.catalog.Prices {
		if p.Oldest == p.Newest {
			dates = append(dates, fmt.Sprintf("%s %s", p.Provider, p.Newest))
			continue
		}
		dates = append(dates, fmt.Sprintf("%s %s to %s", p.Provider, p.Oldest, p.Newest))
	}
	notes := []*recommendationv1.Note{note(noteListPrices, "",
		"prices are for Linux, before tax, as of %s; reservations, savings plans and committed-use discounts are not in the catalogue",
		strings.Join(dates, ", "))}

	var defaults []string
	for _, p := range []engine.Plan{w.result.OneProvider, w.result.SeveralProviders, w.result.Apart} {
		for _, l := range p.Lines {
			if d := l.Storage; d != nil && d.Priced() {
				defaults = append(defaults, fmt.Sprintf("storage at %s USD per GiB and month (%s)", d.PerGiB, d.Source))
			}
			if d := l.Egress; d != nil && d.Priced() {
				defaults = append(defaults, fmt.Sprintf("traffic at %s USD per GiB from %s (%s)", d.PerGiB, l.Row.Provider, d.Source))
			}
		}
	}
	slices.Sort(defaults)
	if defaults = slices.Compact(defaults); len(defaults) > 0 {
		notes = append(notes, note(noteDefaultPrices, "",
			"counted at flat defaults, which are the same in every region and may differ from the provider's own prices: %s",
			strings.Join(defaults, ", ")))
	}
	return notes
}

// planNotes say which comparisons could not be made.
func (w writer) planNotes() []*recommendationv1.Note {
	var notes []*recommendationv1.Note
	one := w.result.OneProvider
	if one.Budget != nil && one.Budget.Undecided {
		notes = append(notes, note(noteBudgetUndecided, "",
			"the total is at least %s USD, so that it cannot be said to be within the budget of %s USD", one.Total, one.Budget.Budget))
	}
	for _, p := range []engine.Plan{w.result.SeveralProviders, w.result.Apart} {
		if !p.Saving.Comparable {
			notes = append(notes, note(noteNoComparison, "",
				"no saving is stated for the plan %s: it covers %d workloads, and the plan of one provider %d", planName(p), len(p.Lines), len(one.Lines)))
		}
	}
	return notes
}

func planName(p engine.Plan) string {
	if p.Coupling == engine.CouplingNone {
		return "in which each workload stands on its own"
	}
	return "of several providers"
}

// unusedNotes say what was stated and did not take part: whoever stated it would
// else believe that it did.
func (w writer) unusedNotes() []*recommendationv1.Note {
	var notes []*recommendationv1.Note
	if o := w.assessment.GetObjectives(); o.GetPerformanceWeight() > 0 || o.GetCarbonWeight() > 0 || o.GetResilienceWeight() > 0 {
		notes = append(notes, note(noteWeightsUnused, "",
			"every plan here is the cheapest of its kind; the weights of performance, carbon and resilience do not change it"))
	}
	if stated := w.assessment.GetComplianceFrameworks(); len(stated) > 0 {
		notes = append(notes, note(noteFrameworksUnused, "",
			"no rule of %s was checked; where data may be is decided by the stated residency and regions alone", frameworkNames(stated)))
	}
	return notes
}

func frameworkNames(stated []commonv1.Framework) string {
	names := make([]string, len(stated))
	for i, f := range stated {
		names[i] = strings.ReplaceAll(strings.TrimPrefix(f.String(), "FRAMEWORK_"), "_", " ")
	}
	return strings.Join(names, ", ")
}
