package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func generationOf(t testing.TB, s assessment.Store, owner string) int64 {
	t.Helper()
	generation, err := s.Generation(t.Context(), owner)
	if err != nil {
		t.Fatalf("generation: %v", err)
	}
	return generation
}

// generationMoves also makes an ID again that was deleted: no number may come
// again with it.
func generationMoves(t *testing.T, s assessment.Store) {
	insert(t, s, "bob", first("b", epoch), "")
	bobs := generationOf(t, s, "bob")
	if got := generationOf(t, s, ann); got != 0 {
		t.Errorf("before the first write it is %d", got)
	}
	a := first("a", epoch)
	last := int64(0)
	for i, write := range []func(){
		func() { insert(t, s, ann, a, "") },
		func() { a = revised(a, "revised"); replace(t, s, a) },
		func() { a = submitted(a); replace(t, s, a) },
		func() {
			if err := s.Delete(t.Context(), ann, "a", a.Version); err != nil {
				t.Fatal(err)
			}
		},
		func() { insert(t, s, ann, first("a", epoch), "digest") },
		func() {
			if err := s.Delete(t.Context(), ann, "a", assessment.AnyVersion); err != nil {
				t.Fatal(err)
			}
		},
	} {
		write()
		now := generationOf(t, s, ann)
		if now <= last {
			t.Errorf("write %d left the generation at %d, after %d", i, now, last)
		}
		last = now
		walk(t, s, ann, assessment.Query{Limit: 5, Bytes: plenty})
		if now := generationOf(t, s, ann); now != last {
			t.Errorf("reading moved the generation from %d to %d", last, now)
		}
	}
	if now := generationOf(t, s, "bob"); now != bobs {
		t.Errorf("ann's writes moved bob's generation from %d to %d", bobs, now)
	}
}

// Each writer sees its own write in the number, whoever else writes.
func generationUnderWriters(t *testing.T, s assessment.Store) {
	for i, err := range together(t.Context(), func(ctx context.Context, i int) error {
		before, err := s.Generation(ctx, ann)
		if err != nil {
			return err
		}
		if _, err := s.Insert(ctx, ann, first(fmt.Sprintf("a%02d", i), epoch), ""); err != nil {
			return err
		}
		after, err := s.Generation(ctx, ann)
		if err == nil && after <= before {
			return fmt.Errorf("the generation was %d before the write and is %d", before, after)
		}
		return err
	}) {
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	}
}

// summariesAreAsNew reads number and summary, in this order, while another writes.
func summariesAreAsNew(t *testing.T, s assessment.Store) {
	const writes = 100
	at := make([]int64, writes) // the generation once i+1 assessments were there
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range at {
			if _, err := s.Insert(t.Context(), ann, first(fmt.Sprintf("a%03d", i), epoch), ""); err != nil {
				t.Errorf("insert: %v", err)
			}
			at[i], _ = s.Generation(t.Context(), ann)
		}
	})
	type reading struct{ generation, total int64 }
	var readings []reading
	for total := int64(0); total < writes && !t.Failed(); {
		generation := generationOf(t, s, ann)
		total = summaryOf(t, s, ann).Total
		readings = append(readings, reading{generation, total})
	}
	wg.Wait()
	for _, r := range readings {
		for i, generation := range at {
			if generation <= r.generation && r.total < int64(i+1) {
				t.Fatalf("after generation %d there were %d assessments; write %d had moved it to %d", r.generation, r.total, i+1, generation)
			}
		}
	}
}

func summaryOf(t testing.TB, s assessment.Store, owner string) assessment.Summary {
	t.Helper()
	sum, err := s.Summary(t.Context(), owner)
	if err != nil {
		t.Fatalf("summary: %v", err)
	}
	return sum
}

// listed is a summary by the lists.
func listed(t testing.TB, s assessment.Store, owner string) assessment.Summary {
	t.Helper()
	count := func(status assessment.Status) int64 {
		return int64(len(walk(t, s, owner, assessment.Query{Status: status, Limit: 7, Bytes: plenty})))
	}
	return assessment.Summary{Total: count(""), Drafts: count(assessment.StatusDraft), Submitted: count(assessment.StatusSubmitted)}
}

func summariesCount(t *testing.T, s assessment.Store) {
	if got := summaryOf(t, s, ann); got != (assessment.Summary{}) {
		t.Errorf("somebody who has none has %+v", got)
	}
	var all assessment.Summary
	for n, owner := range []string{ann, "bob", "carol"} {
		for i := range 5 * (n + 1) {
			a := first(fmt.Sprintf("a%02d", i), epoch.Add(time.Duration(i)*time.Second))
			if i%3 == 1 {
				a = submitted(a)
			}
			insert(t, s, owner, a, "")
		}
		if err := s.Delete(t.Context(), owner, "a02", assessment.AnyVersion); err != nil {
			t.Fatal(err)
		}
		got, want := summaryOf(t, s, owner), listed(t, s, owner)
		if got != want {
			t.Errorf("%s has %+v, and lists %+v", owner, got, want)
		}
		all.Total += want.Total
		all.Drafts += want.Drafts
		all.Submitted += want.Submitted
	}
	if got, err := s.SummaryOfAll(t.Context()); err != nil || got != all {
		t.Errorf("together they have %+v, %v, want %+v", got, err, all)
	}
}
