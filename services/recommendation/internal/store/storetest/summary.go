package storetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

func generationOf(t *testing.T, s answer.Store, owner string) int64 {
	t.Helper()
	generation, err := s.Generation(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return generation
}

func generations(t *testing.T, s answer.Store) {
	if got := generationOf(t, s, "usr_a"); got != 0 {
		t.Errorf("before the first write it is %d", got)
	}
	insert(t, s, made("usr_b", "asm_1", 1))
	theirs := generationOf(t, s, "usr_b")
	last := int64(0)
	for n := range 5 {
		insert(t, s, made("usr_a", "asm_1", n))
		now := generationOf(t, s, "usr_a")
		if now <= last {
			t.Errorf("write %d left the generation at %d, after %d", n, now, last)
		}
		last = now
	}
	list(t, s, "asm_1", 10)
	if now := generationOf(t, s, "usr_a"); now != last {
		t.Errorf("reading moved the generation from %d to %d", last, now)
	}
	if now := generationOf(t, s, "usr_b"); now != theirs {
		t.Errorf("another's writes moved the generation from %d to %d", theirs, now)
	}
}

// kept is a set and its figures, as the plain count has them.
type kept struct {
	answer.Set
	answer.Figures
}

// plain sums up by looking at every set.
func plain(all []kept) answer.Summary {
	latest := map[string]kept{}
	sum := answer.Summary{Sets: int64(len(all))}
	for _, k := range all {
		key := k.Owner + "/" + k.AssessmentID
		last, ok := latest[key]
		if !ok || k.CreateTime.After(last.CreateTime) || k.CreateTime.Equal(last.CreateTime) && k.ID > last.ID {
			latest[key] = k
		}
	}
	for _, k := range latest {
		sum.Assessments++
		sum.LatestTotalCents += k.TotalCents
		sum.AtLeast = sum.AtLeast || k.AtLeast
		if k.OverBudget {
			sum.OverBudget++
		}
	}
	return sum
}

// sums keeps random sets of few owners, assessments and moments, and compares.
func sums(t *testing.T, s answer.Store) {
	n, round := 0, 0
	var everybodys []kept
	rapid.Check(t, func(r *rapid.T) {
		round++
		owner := fmt.Sprint("usr_", round)
		if got, err := s.Summary(t.Context(), owner); err != nil || got != (answer.Summary{}) {
			r.Fatalf("somebody who has none has %+v, %v", got, err)
		}
		var theirs []kept
		for range rapid.IntRange(0, 12).Draw(r, "sets") {
			n++
			k := kept{made(owner, rapid.SampledFrom([]string{"asm_1", "asm_2", "asm_3"}).Draw(r, "assessment"), n), answer.Figures{
				TotalCents: rapid.Int64Range(0, 1<<40).Draw(r, "cents"),
				AtLeast:    rapid.Bool().Draw(r, "at least"),
				OverBudget: rapid.Bool().Draw(r, "over budget"),
			}}
			k.ID = fmt.Sprintf("rec_%d_%d", rapid.IntRange(0, 99).Draw(r, "id"), n)
			k.CreateTime = start.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "moment")) * time.Microsecond)
			k.Content = []byte{}
			if _, err := s.Insert(t.Context(), k.Set, k.Figures); err != nil {
				r.Fatal(err)
			}
			theirs = append(theirs, k)
		}
		everybodys = append(everybodys, theirs...)
		if got, err := s.Summary(t.Context(), owner); err != nil || got != plain(theirs) {
			r.Fatalf("got %+v, %v, want %+v", got, err, plain(theirs))
		}
	})
	if got, err := s.SummaryOfAll(t.Context()); err != nil || got != plain(everybodys) {
		t.Errorf("together they have %+v, %v, want %+v", got, err, plain(everybodys))
	}
}

func figuresStay(t *testing.T, s answer.Store) {
	set := made("usr_a", "asm_1", 1)
	insert(t, s, set)
	want, err := s.Summary(t.Context(), "usr_a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Insert(t.Context(), set, answer.Figures{TotalCents: 1, AtLeast: true, OverBudget: true}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Summary(t.Context(), "usr_a"); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
