package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// measureGet loads every stack in turns, so that what else the machine does falls
// on all of them alike, and compares their medians.
func measureGet(ctx context.Context, o options) error {
	stacks, err := openStacks(ctx)
	if err != nil {
		return err
	}
	defer stacks.close()

	rates := make([][]float64, len(stacks.list))
	tails := make([][]time.Duration, len(stacks.list))
	for round := range o.Rounds + 1 {
		for i, s := range stacks.list {
			m, err := load(ctx, o, s)
			if err != nil {
				return err
			}
			if round > 0 { // The first round warms up.
				rates[i] = append(rates[i], m.Throughput)
				tails[i] = append(tails[i], m.Latencies.P99)
			}
		}
	}

	fmt.Printf("GET of one assessment (%d bytes), %d connections kept busy by vegeta in this process, %d rounds of %v after one to warm up:\n",
		stacks.size, o.Connections, o.Rounds, o.Turn)
	bare := median(rates[0])
	before := bare
	for i, s := range stacks.list {
		rate := median(rates[i])
		fmt.Printf("  %-72s %7.0f/s  p99 %-8v %3.0f %% of bare", s.name, rate, median(tails[i]).Round(100*time.Microsecond), 100*rate/bare)
		if i > 0 {
			fmt.Printf("; this layer costs %5.1f µs a request", 1e6/rate-1e6/before)
		}
		fmt.Println()
		before = rate
	}
	fmt.Println("  goal: the whole stack at 50 % of bare or more")
	return nil
}

func load(ctx context.Context, o options, s *stack) (*vegeta.Metrics, error) {
	attacker := vegeta.NewAttacker(
		vegeta.Workers(uint64(o.Connections)), vegeta.MaxWorkers(uint64(o.Connections)),
		vegeta.Connections(o.Connections), vegeta.KeepAlive(true), vegeta.HTTP2(false),
	)
	defer attacker.Stop()
	target := vegeta.NewStaticTargeter(vegeta.Target{
		Method: http.MethodGet, URL: s.url,
		Header: http.Header{"Authorization": {"Bearer " + s.token}, "Accept": {"application/json"}},
	})
	m := new(vegeta.Metrics)
	// A rate of 0 sends the next request when one is answered.
	for result := range attacker.Attack(target, vegeta.Rate{}, o.Turn, s.name) {
		m.Add(result)
	}
	m.Close()
	if m.Success < 1 {
		return nil, fmt.Errorf("%s: %.2f %% of requests succeeded: %v", s.name, 100*m.Success, m.Errors)
	}
	return m, ctx.Err()
}

func median[T float64 | time.Duration](of []T) T {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
