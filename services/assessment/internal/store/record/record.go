// Package record is the form in which an assessment's content lies in a
// database: JSON with a version. Its types are apart from the domain's, so that
// a change there cannot change silently what has been stored for years.
package record

import (
	"encoding/json"
	"fmt"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// version is the form that Encode writes. A field that is added needs no new
// one: it is zero in the records before it. What changes the meaning of a field
// does, and Decode then reads both.
const version = 1

// What is zero is left out: most of a workload's fields are, and reading is
// the faster for it.
type content struct {
	Version          int         `json:"v"`
	Title            string      `json:"title,omitempty"`
	Profile          *profile    `json:"profile,omitempty"`
	Objectives       *objectives `json:"objectives,omitempty"`
	MonthlyBudgetUSD float64     `json:"monthly_budget_usd,omitempty"`
	Frameworks       []string    `json:"frameworks,omitempty"`
	DataResidency    []string    `json:"data_residency,omitempty"`
	AllowedProviders []string    `json:"allowed_providers,omitempty"`
	AllowedRegions   []string    `json:"allowed_regions,omitempty"`
	Workloads        []workload  `json:"workloads,omitempty"`
}

type profile struct {
	Organisation string `json:"organisation,omitempty"`
	Industry     string `json:"industry,omitempty"`
	Employees    int32  `json:"employees,omitempty"`
}

type objectives struct {
	CostWeight        float64 `json:"cost_weight,omitempty"`
	PerformanceWeight float64 `json:"performance_weight,omitempty"`
	CarbonWeight      float64 `json:"carbon_weight,omitempty"`
	ResilienceWeight  float64 `json:"resilience_weight,omitempty"`
}

// Encode writes the current form.
func Encode(c assessment.Content) ([]byte, error) {
	r := content{
		Version:          version,
		Title:            c.Title,
		MonthlyBudgetUSD: c.MonthlyBudgetUSD,
		Frameworks:       retyped[string](c.Frameworks),
		DataResidency:    c.DataResidency,
		AllowedProviders: c.AllowedProviders,
		AllowedRegions:   c.AllowedRegions,
		Workloads:        each(c.Workloads, workloadRecord),
	}
	if p := c.Profile; p != nil {
		r.Profile = &profile{Organisation: p.Organisation, Industry: p.Industry, Employees: p.Employees}
	}
	if o := c.Objectives; o != nil {
		r.Objectives = &objectives{
			CostWeight:        o.CostWeight,
			PerformanceWeight: o.PerformanceWeight,
			CarbonWeight:      o.CarbonWeight,
			ResilienceWeight:  o.ResilienceWeight,
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode content: %w", err)
	}
	return data, nil
}

// Decode reads every form that was ever written. What it cannot read is damage,
// or was written by a newer program.
func Decode(data []byte) (assessment.Content, error) {
	var r content
	if err := json.Unmarshal(data, &r); err != nil {
		return assessment.Content{}, fmt.Errorf("decode content: %w", err)
	}
	if r.Version != version {
		return assessment.Content{}, fmt.Errorf("decode content: the record has version %d, this program reads %d", r.Version, version)
	}
	c := assessment.Content{
		Title:            r.Title,
		MonthlyBudgetUSD: r.MonthlyBudgetUSD,
		Frameworks:       retyped[assessment.Framework](r.Frameworks),
		DataResidency:    r.DataResidency,
		AllowedProviders: r.AllowedProviders,
		AllowedRegions:   r.AllowedRegions,
		Workloads:        each(r.Workloads, workload.domain),
	}
	if p := r.Profile; p != nil {
		c.Profile = &assessment.Profile{Organisation: p.Organisation, Industry: p.Industry, Employees: p.Employees}
	}
	if o := r.Objectives; o != nil {
		c.Objectives = &assessment.Objectives{
			CostWeight:        o.CostWeight,
			PerformanceWeight: o.PerformanceWeight,
			CarbonWeight:      o.CarbonWeight,
			ResilienceWeight:  o.ResilienceWeight,
		}
	}
	return c, nil
}

// each translates a list; an empty one is nil, stored or not.
func each[From, To any](from []From, translate func(From) To) []To {
	if len(from) == 0 {
		return nil
	}
	to := make([]To, len(from))
	for i, f := range from {
		to[i] = translate(f)
	}
	return to
}

func retyped[To, From ~string](from []From) []To {
	return each(from, func(f From) To { return To(f) })
}
