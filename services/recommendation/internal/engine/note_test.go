package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func TestNotesSayWhatAReaderHasToKnow(t *testing.T) {
	tiers := []engine.Tier{
		{Provider: "aws", Name: "multi-zone", Percent: amount(99.99), Instances: 2},
		{Provider: "gcp", Name: "single-instance", Percent: amount(99.9), Instances: 1, Assumed: true},
	}
	var (
		aws = row("aws", "r", "t", 100)
		gcp = row("gcp", "r", "t", 90)
		api = engine.Workload{Name: "api", Kind: engine.API, VCPU: amount(1)}
	)
	gcp.Spot = 40
	with := func(w engine.Workload, change func(*engine.Workload)) engine.Workload { change(&w); return w }
	altered := func(r engine.Row, change func(*engine.Row)) engine.Row { change(&r); return r }
	for name, c := range map[string]struct {
		rows     []engine.Row
		workload engine.Workload
		want     []engine.Note
	}{
		"nothing to say": {[]engine.Row{aws}, api, nil},
		"the target raises the count, and counts on zones": {
			[]engine.Row{aws},
			with(api, func(w *engine.Workload) { w.Availability = amount(99.9) }),
			[]engine.Note{
				{Code: engine.NoteReplicasRaised, Workload: "api", Provider: "aws", Stated: 1, Actual: 2, Percent: amount(99.9)},
				{Code: engine.NoteZonesAssumed, Workload: "api", Provider: "aws"},
			},
		},
		"the promise itself is an assumption": {
			[]engine.Row{gcp},
			with(api, func(w *engine.Workload) { w.Availability = amount(99.5) }),
			[]engine.Note{{Code: engine.NoteSLAAssumed, Workload: "api", Provider: "gcp", Percent: amount(99.9)}},
		},
		"no promise reaches the target": {
			[]engine.Row{gcp},
			with(api, func(w *engine.Workload) { w.Availability, w.Replicas = amount(99.95), 2 }),
			[]engine.Note{{Code: engine.NoteSLAUnreached, Workload: "api", Provider: "gcp", Percent: amount(99.95)}},
		},
		"spot capacity is promised nothing": {
			[]engine.Row{gcp},
			with(api, func(w *engine.Workload) { w.Availability, w.Interruptible = amount(99.5), true }),
			[]engine.Note{
				{Code: engine.NoteSLAAssumed, Workload: "api", Provider: "gcp", Percent: amount(99.9)},
				{Code: engine.NoteSpotOutsideSLA, Workload: "api", Provider: "gcp", Percent: amount(99.5)},
			},
		},
		"spot prices of one side only": {
			[]engine.Row{aws, gcp},
			with(api, func(w *engine.Workload) { w.Interruptible = true }),
			[]engine.Note{{Code: engine.NoteSpotUnlisted, Workload: "api", Provider: "aws"}},
		},
		"a type that cannot be had on demand": {
			[]engine.Row{altered(gcp, func(r *engine.Row) { r.SpotOnly = true })},
			with(api, func(w *engine.Workload) { w.Interruptible = true }),
			[]engine.Note{{Code: engine.NoteSpotOnly, Workload: "api", Provider: "gcp"}},
		},
		"an older type had to do": {
			[]engine.Row{altered(aws, func(r *engine.Row) { r.Class = engine.ClassPrevious })},
			api,
			[]engine.Note{{Code: engine.NoteOlderClasses, Workload: "api"}},
		},
		"nothing fits": {
			[]engine.Row{aws},
			with(api, func(w *engine.Workload) { w.VCPU = amount(64) }),
			[]engine.Note{{Code: engine.NotePartlyCovered, Stated: 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := recommend(t, compile(t, tiers, engine.Defaults{}, c.rows...), engine.Assessment{Workloads: []engine.Workload{c.workload}})
			if !slices.Equal(r.Notes, c.want) {
				t.Errorf("%+v", r.Notes)
			}
			for _, n := range r.Notes {
				if text := n.String(); text == string(n.Code) || !strings.Contains(text, n.Workload) {
					t.Errorf("%s says %q", n.Code, text)
				}
			}
		})
	}
}

func TestADefaultThatWouldChooseOtherwiseIsNamed(t *testing.T) {
	d := engine.Defaults{Egress: []engine.EgressDefault{{Provider: "aws", PerGiB: 14_300_000}, {Provider: "azure", PerGiB: 7_250_000}}}
	m := compile(t, nil, d, row("aws", "r", "t", 1_000_000), row("azure", "r", "t", 1_100_000))
	w := engine.Workload{Name: "api", Kind: engine.API, VCPU: amount(1), Hours: amount(10), EgressGiB: amount(100)}
	r := recommend(t, m, engine.Assessment{Workloads: []engine.Workload{w}})
	if got := r.OneProvider.Lines[0].Row.Provider; got != "aws" {
		t.Fatalf("%s wins; compute alone chooses", got)
	}
	want := engine.Note{Code: engine.NoteDefaultDecides, Provider: "azure", Total: 18_25, Less: 6_05}
	if n := note(r, engine.NoteDefaultDecides); n == nil || *n != want {
		t.Errorf("%+v, want %+v", n, want)
	} else if text := n.String(); !strings.Contains(text, "azure") || !strings.Contains(text, "6.05") {
		t.Errorf("it says %q", text)
	}
}
