package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"syscall"
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

	turns := make([][]turn, len(stacks.list))
	for round := range o.Rounds + 1 {
		for i, s := range stacks.list {
			t, err := load(ctx, o, s)
			if err != nil {
				return err
			}
			if round > 0 { // The first round warms up.
				turns[i] = append(turns[i], t)
			}
		}
	}

	fmt.Printf("GET of one assessment (%d bytes), %d connections kept busy by vegeta in this process, %d rounds of %v after one to warm up:\n",
		stacks.size, o.Connections, o.Rounds, o.Turn)
	fmt.Printf("  %-66s %8s %9s %8s %12s %8s %12s\n", "medians", "per s", "p99", "of bare", "CPU/request", "of bare", "the layer's")
	var bare, before turn
	for i, s := range stacks.list {
		t := middle(turns[i])
		if i == 0 {
			bare, before = t, t
		}
		fmt.Printf("  %-66s %8.0f %9v %6.0f %% %9.1f µs %6.0f %% %9.1f µs\n", s.name, t.rate, t.p99.Round(100*time.Microsecond),
			100*t.rate/bare.rate, t.cpu, 100*bare.cpu/t.cpu, t.cpu-before.cpu)
		before = t
	}
	fmt.Println("  CPU is that of this process, the load included. Where others use the machine as well, it is the steadier measure.")
	fmt.Println("  goal: the whole stack at 50 % of bare or more")
	return nil
}

// turn is what one turn of load showed.
type turn struct {
	rate float64 // answers a second
	p99  time.Duration
	cpu  float64 // microseconds a request
}

// middle has the median of each figure.
func middle(turns []turn) turn {
	return turn{
		rate: median(each(turns, func(t turn) float64 { return t.rate })),
		p99:  median(each(turns, func(t turn) time.Duration { return t.p99 })),
		cpu:  median(each(turns, func(t turn) float64 { return t.cpu })),
	}
}

func each[T any](turns []turn, of func(turn) T) []T {
	figures := make([]T, len(turns))
	for i, t := range turns {
		figures[i] = of(t)
	}
	return figures
}

func median[T cmp.Ordered](of []T) T {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// used is the processor time that this process has had.
func used() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

func load(ctx context.Context, o options, s *stack) (turn, error) {
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
	began, err := used()
	if err != nil {
		return turn{}, err
	}
	// A rate of 0 sends the next request when one is answered.
	for result := range attacker.Attack(target, vegeta.Rate{}, o.Turn, s.name) {
		m.Add(result)
	}
	m.Close()
	ended, err := used()
	if err != nil {
		return turn{}, err
	}
	if m.Success < 1 {
		return turn{}, fmt.Errorf("%s: %.2f %% of requests succeeded: %v", s.name, 100*m.Success, m.Errors)
	}
	cpu := float64((ended - began).Nanoseconds()) / 1000 / float64(m.Requests)
	return turn{rate: m.Throughput, p99: m.Latencies.P99, cpu: cpu}, ctx.Err()
}
