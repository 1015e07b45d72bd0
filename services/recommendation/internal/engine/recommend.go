package engine

// Result is the answer to an assessment.
type Result struct {
	// Findings are in the order of the assessment's workloads.
	Findings []Finding
	// OneProvider is the plan: one provider, and one region for workloads that
	// talk to each other.
	OneProvider Plan
	// SeveralProviders drops the rule of one provider.
	SeveralProviders Plan
	// Apart drops the shared region as well.
	Apart Plan
	// Notes are what a reader has to know to read the figures right.
	Notes []Note
}

// Finding is what the market has for one workload on its own.
type Finding struct {
	Workload string
	Need     Need
	// Counts are the rows that fit, and those that do not by reason; together
	// they are all rows.
	Counts Counts
	// SecondPass: nothing usual fitted, and older and special types were
	// admitted.
	SecondPass bool
	// Cheapest is the best row on its own. Nil: nothing fits.
	Cheapest *Line
	// Miss is what came nearest. Nil: something fits.
	Miss *Miss
}

// question is an assessment on its way through the engine.
type question struct {
	market    *Market
	workloads []Workload
	budget    Cents
	admission []Reason
	needs     []Need
	surveys   []survey
}

// Recommend answers an assessment. An infeasible workload is part of the
// answer; the only error is a BoundError, for a figure out of the documented
// bounds.
func (m *Market) Recommend(a Assessment) (Result, error) {
	if err := a.check(); err != nil {
		return Result{}, err
	}
	q := &question{market: m, workloads: a.Workloads, budget: a.Budget, admission: m.admission(a)}
	for _, w := range a.Workloads {
		need := size(w)
		for _, p := range m.providers {
			need.Replication = append(need.Replication, replicate(w, p.name, p.tiers))
		}
		q.needs = append(q.needs, need)
		q.surveys = append(q.surveys, m.survey(w, need, q.admission))
	}

	board := q.board()
	var r Result
	r.OneProvider = q.plan(CouplingOneProvider, board.choose(CouplingOneProvider))
	r.SeveralProviders = q.plan(CouplingSharedRegion, board.choose(CouplingSharedRegion))
	r.Apart = q.plan(CouplingNone, board.choose(CouplingNone))
	for _, p := range []*Plan{&r.OneProvider, &r.SeveralProviders, &r.Apart} {
		p.compare(r.OneProvider)
	}
	r.Findings = q.findings(r.Apart)
	r.Notes = q.notes(r, board)
	return r, nil
}

// board prices what the surveys found.
func (q *question) board() board {
	b := board{market: q.market}
	for w, s := range q.surveys {
		pairs := make([]pair, len(q.market.places))
		for p, podium := range s.podiums {
			pairs[p] = pair{q.offer(w, p, podium.first), q.offer(w, p, podium.second)}
		}
		b.pairs = append(b.pairs, pairs)
		b.grouped = append(b.grouped, q.workloads[w].Kind.grouped())
	}
	return b
}

func (q *question) offer(w, place, row int) offer {
	if row == none {
		return offer{row: none}
	}
	_, price := q.market.rows[row].buy(q.workloads[w].Interruptible)
	instances := q.needs[w].Replication[q.market.places[place].provider].Instances
	return offer{row: row, cost: cost(price, instances, q.needs[w].Hours)}
}

// findings reads the cheapest rows off the plan that couples nothing.
func (q *question) findings(apart Plan) []Finding {
	findings := make([]Finding, len(q.workloads))
	for w, s := range q.surveys {
		f := Finding{
			Workload:   q.workloads[w].Name,
			Need:       q.needs[w],
			Counts:     s.counts,
			SecondPass: s.second,
		}
		if f.Cheapest = apart.lineOf(w); f.Cheapest == nil {
			f.Miss = q.miss(w)
		}
		findings[w] = f
	}
	return findings
}
