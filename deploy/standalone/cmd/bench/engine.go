package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
	"github.com/inframind/inframind/services/recommendation"
)

const engineRuns = 200

// measureEngine answers the example as the service does, without storing it.
func measureEngine(_ context.Context, _ options) error {
	a, err := document.Read("the example", bytes.NewReader(example.YAML))
	if err != nil {
		return err
	}
	began := time.Now()
	advisor, err := recommendation.NewAdvisor()
	if err != nil {
		return err
	}
	loaded := time.Since(began)
	took := make([]time.Duration, 0, engineRuns)
	for range engineRuns {
		began := time.Now()
		if _, err := advisor.Advise(a); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	fmt.Printf("Engine, the example of five workloads on catalogue %s, %d runs on one core:\n", advisor.CatalogVersion(), engineRuns)
	fmt.Printf("  median %v, slowest %v (goal: under 25 ms); the catalogue was loaded in %v\n\n",
		took[len(took)/2].Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond), loaded.Round(time.Millisecond))
	return nil
}
