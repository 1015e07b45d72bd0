package advice

import (
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// writer writes one recommendation. It has all that the words may draw on.
type writer struct {
	*Advisor
	assessment *assessmentv1.Assessment
	asked      engine.Assessment
	result     engine.Result
	census     *census
}

func (ad *Advisor) recommendation(a *assessmentv1.Assessment, asked engine.Assessment, result engine.Result) *recommendationv1.Recommendation {
	w := writer{
		Advisor:    ad,
		assessment: a,
		asked:      asked,
		result:     result,
		census:     newCensus(ad.market, asked, result.Findings),
	}
	r := &recommendationv1.Recommendation{
		Catalog:          w.reference(),
		Plan:             w.plan(result.OneProvider),
		SeveralProviders: w.plan(result.SeveralProviders),
		Apart:            w.plan(result.Apart),
		Budget:           budget(result.OneProvider),
		Notes:            w.notes(),
	}
	for _, f := range result.Findings {
		r.Workloads = append(r.Workloads, w.finding(f))
	}
	return r
}

func (w writer) reference() *recommendationv1.CatalogReference {
	ref := &recommendationv1.CatalogReference{
		Version: w.catalog.Version,
		Rows:    int32(len(w.catalog.Rows)),
	}
	for _, p := range w.catalog.Prices {
		ref.Providers = append(ref.Providers, &recommendationv1.PriceDates{
			Provider: p.Provider, Oldest: p.Oldest, Newest: p.Newest,
		})
	}
	return ref
}

func (w writer) finding(f engine.Finding) *recommendationv1.WorkloadFinding {
	found := &recommendationv1.WorkloadFinding{
		Workload: f.Workload,
		Need: &recommendationv1.Need{
			Vcpu:         f.Need.VCPU.Float(),
			MemoryGib:    f.Need.MemoryGiB.Float(),
			Gpus:         int32(f.Need.GPUs),
			GpuMemoryGib: f.Need.GPUMemoryGiB.Float(),
		},
		Feasible:   int32(f.Counts[engine.Feasible]),
		SecondPass: f.SecondPass,
	}
	for _, reason := range engine.Reasons() {
		if rows := f.Counts[reason]; rows > 0 {
			found.Rejections = append(found.Rejections, &recommendationv1.Rejection{
				Reason: reason.String(), Rows: int32(rows),
			})
		}
	}
	if f.Cheapest != nil {
		found.Cheapest = w.line(w.result.Apart, *f.Cheapest)
	}
	if f.Miss != nil {
		found.NearestMiss = &recommendationv1.NearestMiss{
			Instance: w.instance(f.Miss.Row),
			Reason:   f.Miss.Reason.String(),
			Detail:   f.Miss.Detail,
		}
	}
	return found
}

// instance shows a row as it is listed: parts of a GPU and accelerators that
// the engine does not count are what a reader finds at the provider.
func (w writer) instance(r engine.Row) *recommendationv1.Instance {
	i := &recommendationv1.Instance{
		Provider:     r.Provider,
		Region:       r.Region,
		Type:         r.Type,
		Vcpu:         r.VCPU.Float(),
		MemoryGib:    r.MemoryGiB.Float(),
		GpuModel:     r.GPUModel,
		GpuMemoryGib: r.GPUMemoryGiB.Float(),
		Architecture: r.Arch.String(),
	}
	if listed, ok := w.catalog.Find(r.Provider, r.Region, r.Type); ok {
		i.Gpus = listed.GPUCount.Float()
	}
	return i
}
