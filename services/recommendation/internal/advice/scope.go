package advice

import (
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// scope is what a plan's coupling leaves a workload to choose from: everything,
// a provider, or one of its regions.
type scope struct{ provider, region string }

// String continues a sentence about rows.
func (s scope) String() string {
	switch {
	case s.region != "":
		return " at " + s.provider + " in " + s.region
	case s.provider != "":
		return " at " + s.provider
	}
	return ""
}

// grouped says whether a kind shares its region with its like.
func grouped(k engine.Kind) bool {
	return k == engine.API || k == engine.Database || k == engine.Serving
}

func (w writer) scopeOf(p engine.Plan, l engine.Line) scope {
	switch {
	case p.Coupling != engine.CouplingNone && grouped(w.asked.Workloads[l.Index].Kind):
		return scope{provider: l.Row.Provider, region: l.Row.Region}
	case p.Coupling == engine.CouplingOneProvider:
		return scope{provider: l.Row.Provider}
	}
	return scope{}
}

// census counts feasible rows within scopes. The engine counts over all that an
// assessment allows, so that a narrower count is that of a narrower assessment.
type census struct {
	market *engine.Market
	asked  engine.Assessment
	counts map[place]int
}

type place struct {
	scope    scope
	workload int
}

func newCensus(m *engine.Market, asked engine.Assessment, all []engine.Finding) *census {
	c := &census{market: m, asked: asked, counts: map[place]int{}}
	for i, f := range all {
		c.counts[place{workload: i}] = f.Counts[engine.Feasible]
	}
	return c
}

// feasible is how many rows of a scope fit a workload. It is asked only of
// scopes in which one does: what the wider assessment turned down there, this
// one turns down as well, and a workload that older classes were admitted for
// has no usual one in any scope.
func (c *census) feasible(workload int, s scope) int {
	if rows, known := c.counts[place{s, workload}]; known {
		return rows
	}
	narrow := engine.Assessment{
		Workloads: c.asked.Workloads[workload : workload+1],
		Providers: []string{s.provider},
		Admits: func(provider, region string) bool {
			return (s.region == "" || s.region == region) && c.asked.Admits(provider, region)
		},
	}
	rows := 0
	if r, err := c.market.Recommend(narrow); err == nil { // it has been through the same bounds before
		rows = r.Findings[0].Counts[engine.Feasible]
	}
	c.counts[place{s, workload}] = rows
	return rows
}
