package advice

import (
	"fmt"
	"strings"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// reason says why a line is what it is: what it is the cheapest of, what would
// come next, what the workload would run on if it stood on its own, and what
// spot capacity would cost on demand. All figures are of this run and a month.
func (w writer) reason(p engine.Plan, l engine.Line) string {
	s := w.scopeOf(p, l)
	said := []string{w.cheapest(s, l) + w.together(p, s)}
	if l.RunnerUp != nil {
		said = append(said, next(l, *l.RunnerUp))
	}
	if own := w.onItsOwn(l); own != "" {
		said = append(said, own)
	}
	switch {
	case l.Row.SpotOnly:
		said = append(said, "sold as spot only")
	case l.Purchase == engine.Spot:
		said = append(said, fmt.Sprintf("spot; on demand it would cost %s USD", l.OnDemand))
	}
	return strings.Join(said, "; ")
}

func (w writer) cheapest(s scope, l engine.Line) string {
	rows := w.census.feasible(l.Index, s)
	if rows == 1 {
		return "the only feasible row" + s.String()
	}
	return fmt.Sprintf("cheapest of %d feasible rows%s", rows, s)
}

// mostNames is how many names of workloads a reason lists before it counts them.
const mostNames = 4

// together names the workloads that share the region of a line.
func (w writer) together(p engine.Plan, s scope) string {
	if s.region == "" {
		return ""
	}
	var names []string
	for _, l := range p.Lines {
		if grouped(w.asked.Workloads[l.Index].Kind) {
			names = append(names, l.Workload)
		}
	}
	switch last := len(names) - 1; {
	case last < 1:
		return ""
	case last >= mostNames:
		return fmt.Sprintf(", where %d workloads stand together", len(names))
	default:
		return fmt.Sprintf(", where %s and %s stand together", strings.Join(names[:last], ", "), names[last])
	}
}

// next says what the runner-up would cost on top.
func next(l engine.Line, a engine.Alternative) string {
	name := a.Row.Type + elsewhere(a.Row, l.Row)
	if a.Purchase != l.Purchase {
		name += " (" + a.Purchase.String() + ")"
	}
	if more := a.Compute - l.Compute; more > 0 {
		return fmt.Sprintf("next %s costs %s USD more", name, more)
	}
	return fmt.Sprintf("next %s costs the same", name)
}

// onItsOwn says what the others cost this workload: how much less its own
// cheapest row would be. "" when that is no less.
func (w writer) onItsOwn(l engine.Line) string {
	own := w.result.Findings[l.Index].Cheapest
	if own == nil || own.Compute >= l.Compute {
		return ""
	}
	return fmt.Sprintf("on its own %s%s would save %s USD", own.Row.Type, elsewhere(own.Row, l.Row), l.Compute-own.Compute)
}

// elsewhere says where a row stands, as far as that is not where the other does.
func elsewhere(r, other engine.Row) string {
	switch {
	case r.Provider != other.Provider:
		return " at " + r.Provider + " in " + r.Region
	case r.Region != other.Region:
		return " in " + r.Region
	}
	return ""
}
