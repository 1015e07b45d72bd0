package engine

// Coupling says which workloads must stand together.
type Coupling uint8

const (
	// CouplingOneProvider puts everything at one provider: workloads of the
	// kinds api, database and serving in one of its regions, batch and training
	// anywhere at it.
	CouplingOneProvider Coupling = iota
	// CouplingSharedRegion puts those kinds in one region, and batch and
	// training anywhere.
	CouplingSharedRegion
	// CouplingNone leaves every workload to itself.
	CouplingNone
)

var couplingNames = [...]string{"one provider", "several providers", "apart"}

// String is the coupling in words.
func (c Coupling) String() string { return couplingNames[c] }

// offer is a row for one workload, at its exact cost.
type offer struct {
	row  int
	cost exact
}

// before orders offers by cost and then by provider, region and type, which is
// the order of the rows.
func (o offer) before(p offer) bool {
	switch {
	case o.row == none || p.row == none:
		return p.row == none && o.row != none
	case o.cost != p.cost:
		return o.cost.less(p.cost)
	}
	return o.row < p.row
}

// pair is the best offer for a workload and the next one.
type pair struct{ first, second offer }

var nothing = pair{offer{row: none}, offer{row: none}}

// join is the best two of two pairs.
func (p pair) join(q pair) pair {
	if q.first.before(p.first) {
		p, q = q, p
	}
	if q.first.before(p.second) {
		p.second = q.first
	}
	return p
}

// board holds the pair of every workload at every place.
type board struct {
	market  *Market
	grouped []bool
	pairs   [][]pair
}

// choice is a way to cover the workloads.
type choice struct {
	// picks has a pair for every workload; what is not covered has none.
	picks []pair
	// group is the place that the grouped workloads share, or none.
	group int
}

// score orders choices: more workloads covered first, then the lower cost.
type score struct {
	covered int
	cost    exact
}

func (s score) beats(t score) bool {
	if s.covered != t.covered {
		return s.covered > t.covered
	}
	return s.cost.less(t.cost)
}

// choose finds the best choice under a coupling by looking at every region that
// the group could share: with that fixed, each workload simply takes its
// cheapest. Scenarios are met in the order of provider and region, and a later
// one has to be better to win.
func (b board) choose(c Coupling) choice {
	var (
		best  score
		found choice
		known bool
	)
	consider := func(free []pair, group int) {
		s := b.score(free, group)
		if !known || s.beats(best) {
			best, known = s, true
			found = choice{picks: b.picks(free, group), group: group}
		}
	}
	for _, scope := range b.scopes(c) {
		free := b.freely(scope)
		if c == CouplingNone {
			consider(free, none)
			continue
		}
		for p := scope.from; p < scope.to; p++ {
			consider(free, p)
		}
	}
	return found
}

// span is a run of places.
type span struct{ from, to int }

// scopes are the runs of places that a choice may draw on.
func (b board) scopes(c Coupling) []span {
	if c != CouplingOneProvider {
		return []span{{0, len(b.market.places)}}
	}
	var scopes []span
	for _, p := range b.market.providers {
		scopes = append(scopes, span{p.from, p.to})
	}
	return scopes
}

// freely is the best pair of every workload over a scope.
func (b board) freely(s span) []pair {
	free := make([]pair, len(b.pairs))
	for w, places := range b.pairs {
		best := nothing
		for _, p := range places[s.from:s.to] {
			best = best.join(p)
		}
		free[w] = best
	}
	return free
}

func (b board) pick(w int, free []pair, group int) pair {
	if group != none && b.grouped[w] {
		return b.pairs[w][group]
	}
	return free[w]
}

func (b board) score(free []pair, group int) score {
	var s score
	for w := range b.pairs {
		if o := b.pick(w, free, group).first; o.row != none {
			s.covered++
			s.cost = s.cost.plus(o.cost)
		}
	}
	return s
}

func (b board) picks(free []pair, group int) []pair {
	picks := make([]pair, len(b.pairs))
	for w := range picks {
		picks[w] = b.pick(w, free, group)
	}
	return picks
}
