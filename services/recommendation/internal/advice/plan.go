package advice

import (
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func (w writer) plan(p engine.Plan) *recommendationv1.Plan {
	plan := &recommendationv1.Plan{
		ComputeUsd: p.Compute.USD(),
		StorageUsd: p.Storage.USD(),
		EgressUsd:  p.Egress.USD(),
		TotalUsd:   p.Total.USD(),
		AtLeast:    p.AtLeast,
		SavesUsd:   p.Saving.Compute.USD(),
		Uncovered:  p.Uncovered,
	}
	for _, l := range p.Lines {
		plan.Lines = append(plan.Lines, w.line(p, l))
	}
	return plan
}

func (w writer) line(p engine.Plan, l engine.Line) *recommendationv1.PlanLine {
	line := &recommendationv1.PlanLine{
		Workload:    l.Workload,
		Instance:    w.instance(l.Row),
		Instances:   int32(l.Replication.Instances),
		Hours:       l.Hours.Float(),
		Purchase:    purchases[l.Purchase],
		UsdPerHour:  l.Price.USD(),
		ComputeUsd:  l.Compute.USD(),
		OnDemandUsd: l.OnDemand.USD(),
		Storage:     defaultCost(l.Storage),
		Egress:      defaultCost(l.Egress),
		Reason:      w.reason(p, l),
	}
	if listed, ok := w.catalog.Find(l.Row.Provider, l.Row.Region, l.Row.Type); ok {
		line.PriceDate, line.PriceBasis = listed.PriceDate, listed.PriceBasis
	}
	if next := l.RunnerUp; next != nil {
		line.RunnerUp = &recommendationv1.RunnerUp{
			Instance:   w.instance(next.Row),
			Purchase:   purchases[next.Purchase],
			ComputeUsd: next.Compute.USD(),
		}
	}
	return line
}

var purchases = map[engine.Purchase]recommendationv1.PurchaseModel{
	engine.OnDemand: recommendationv1.PurchaseModel_PURCHASE_MODEL_ON_DEMAND,
	engine.Spot:     recommendationv1.PurchaseModel_PURCHASE_MODEL_SPOT,
}

// noData stands where a source would, for a cost that there is no price for.
const noData = "no data"

func defaultCost(d *engine.DefaultCost) *recommendationv1.DefaultCost {
	if d == nil {
		return nil
	}
	if !d.Priced() {
		return &recommendationv1.DefaultCost{QuantityGib: d.GiB.Float(), Source: noData}
	}
	return &recommendationv1.DefaultCost{
		QuantityGib: d.GiB.Float(),
		UsdPerGib:   d.PerGiB.USD(),
		Usd:         d.Cost.USD(),
		Source:      d.Source,
	}
}

func budget(p engine.Plan) *recommendationv1.BudgetCheck {
	if p.Budget == nil {
		return nil
	}
	return &recommendationv1.BudgetCheck{
		BudgetUsd:    p.Budget.Budget.USD(),
		TotalUsd:     p.Total.USD(),
		Within:       p.Budget.Within,
		RemainingUsd: p.Budget.Remaining.USD(),
	}
}
