package engine

import "slices"

// Plan is a choice for every workload that has a feasible row under a coupling.
type Plan struct {
	Coupling Coupling
	// Group is where the workloads of the kinds api, database and serving
	// stand together. Zero: they do not have to, or none is covered.
	Group Place
	// Lines are in the order of the assessment.
	Lines []Line
	// Uncovered are the workloads without a line.
	Uncovered []string
	// Compute, Storage and Egress are the sums of the rounded lines, and Total
	// is theirs.
	Compute, Storage, Egress, Total Cents
	// AtLeast marks a total that something is missing from: a workload without
	// a line, or a default without a price.
	AtLeast bool
	// Saving compares with the plan of one provider.
	Saving Saving
	// Budget is how the total stands to the budget. Nil: there is none.
	Budget *BudgetCheck
}

// Place is a provider's region.
type Place struct{ Provider, Region string }

// Line is what one workload runs on, and what that costs a month.
type Line struct {
	Workload string
	// Index is the workload's place in the assessment.
	Index int
	Row   Row
	// Replication is how many instances, and on which promise.
	Replication Replication
	// Hours that each instance runs.
	Hours    Amount
	Purchase Purchase
	// Price is of one instance for an hour, bought that way.
	Price   MicroUSD
	Compute Cents
	// OnDemand is what the same instances cost when spot capacity cannot be
	// had. 0: they are bought on demand, or are not sold so.
	OnDemand Cents
	// Storage and Egress are at default prices. Nil: none asked for.
	Storage, Egress *DefaultCost
	// RunnerUp is the next row that the coupling leaves to this workload while
	// the others stay. Nil: there is none.
	RunnerUp *Alternative
}

// Alternative is a row that was not chosen.
type Alternative struct {
	Row         Row
	Replication Replication
	Purchase    Purchase
	Price       MicroUSD
	Compute     Cents
}

// Saving is how much less a plan costs than the plan of one provider. It is
// negative where a plan costs more, which defaults can bring about.
type Saving struct {
	Compute, Total Cents
	// Comparable: both plans cover the same workloads. The figures are 0 where
	// they do not.
	Comparable bool
}

// BudgetCheck is how a total of all three cost kinds stands to a budget.
type BudgetCheck struct {
	Budget Cents
	// Remaining is the budget less the total; negative when it is over.
	Remaining Cents
	// Within: the total is complete and not over the budget.
	Within bool
	// Undecided: the total is not over the budget, but something is missing
	// from it.
	Undecided bool
}

// plan makes lines and totals of a choice.
func (q *question) plan(c Coupling, ch choice) Plan {
	p := Plan{Coupling: c}
	for w, pick := range ch.picks {
		if pick.first.row == none {
			p.Uncovered = append(p.Uncovered, q.workloads[w].Name)
			p.AtLeast = true
			continue
		}
		line := q.line(w, pick)
		if ch.group != none && q.workloads[w].Kind.grouped() {
			p.Group = Place{line.Row.Provider, line.Row.Region}
		}
		p.add(line)
	}
	p.Total = p.Compute + p.Storage + p.Egress
	if q.budget > 0 {
		fits := p.Total <= q.budget
		p.Budget = &BudgetCheck{
			Budget:    q.budget,
			Remaining: q.budget - p.Total,
			Within:    fits && !p.AtLeast,
			Undecided: fits && p.AtLeast,
		}
	}
	return p
}

func (p *Plan) add(l Line) {
	p.Lines = append(p.Lines, l)
	p.Compute += l.Compute
	if l.Storage != nil {
		p.Storage += l.Storage.Cost
	}
	if l.Egress != nil {
		p.Egress += l.Egress.Cost
	}
	p.AtLeast = p.AtLeast || l.unpriced()
}

// unpriced reports whether there is no price for something that the line needs.
func (l Line) unpriced() bool {
	return l.Storage != nil && !l.Storage.Priced() || l.Egress != nil && !l.Egress.Priced()
}

// lineOf finds the line of a workload, or nil.
func (p Plan) lineOf(w int) *Line {
	for i := range p.Lines {
		if p.Lines[i].Index == w {
			return &p.Lines[i]
		}
	}
	return nil
}

// sameRows reports whether two plans choose the same rows.
func (p Plan) sameRows(other Plan) bool {
	return slices.EqualFunc(p.Lines, other.Lines, func(a, b Line) bool {
		return a.Index == b.Index && compareRows(a.Row, b.Row) == 0
	})
}

func (q *question) line(w int, pick pair) Line {
	workload := q.workloads[w]
	best := q.alternative(w, pick.first)
	line := Line{
		Workload:    workload.Name,
		Index:       w,
		Row:         best.Row,
		Replication: best.Replication,
		Hours:       q.needs[w].Hours,
		Purchase:    best.Purchase,
		Price:       best.Price,
		Compute:     best.Compute,
		Storage:     q.market.storageCost(workload, best.Replication.Instances),
		Egress:      q.market.egressCost(workload, q.market.providerOf(pick.first.row)),
	}
	if line.Purchase == Spot && !line.Row.SpotOnly {
		line.OnDemand = cost(line.Row.OnDemand, line.Replication.Instances, line.Hours).rounded()
	}
	if pick.second.row != none {
		next := q.alternative(w, pick.second)
		line.RunnerUp = &next
	}
	return line
}

func (q *question) alternative(w int, o offer) Alternative {
	row := q.market.rows[o.row]
	replication := q.needs[w].Replication[q.market.providerOf(o.row)]
	purchase, price := row.buy(q.workloads[w].Interruptible)
	return Alternative{
		Row:         row,
		Replication: replication,
		Purchase:    purchase,
		Price:       price,
		Compute:     cost(price, replication.Instances, q.needs[w].Hours).rounded(),
	}
}

// providerOf finds a row's provider.
func (m *Market) providerOf(row int) int {
	return slices.IndexFunc(m.providers, func(p provider) bool { return p.name == m.rows[row].Provider })
}

// compare fills in what a plan saves against the one with one provider.
func (p *Plan) compare(one Plan) {
	if !slices.Equal(p.Uncovered, one.Uncovered) {
		return
	}
	p.Saving = Saving{Compute: one.Compute - p.Compute, Total: one.Total - p.Total, Comparable: true}
}
