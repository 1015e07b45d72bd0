// Package storetest is the suite that every store of recommendation sets passes.
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// Run runs the suite. newStore returns an empty store; it is closed through
// t.Cleanup by whoever made it.
func Run(t *testing.T, newStore func(t *testing.T) answer.Store) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s answer.Store)
	}{
		{"a set comes back as it was kept", keeps},
		{"what is not there is not found", missing},
		{"another owner's set does not exist", owners},
		{"two owners may have the same ID", sameID},
		{"a second insert of an ID returns the first", second},
		{"64 inserts of one ID at the same time make one set", concurrent},
		{"a list is newest first, by falling ID within a microsecond", order},
		{"a list is of one owner and one assessment", scope},
		{"pages of any size put together are the list", pages},
		{"a set that is made between two pages repeats and hides none", between},
		{"a list has no content", bare},
		{"each write moves its owner's generation and no other's", generations},
		{"a summary is that of a plain count", sums},
		{"a second insert of an ID leaves the figures of the first", figuresStay},
		{"a canceled call says so", canceled},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, newStore(t)) })
	}
}

var start = time.Date(2026, 11, 24, 9, 30, 0, 123456000, time.UTC)

// made is a set that differs from every other n in each field that may differ.
func made(owner, assessmentID string, n int) answer.Set {
	content := bytes.Repeat([]byte{byte(n), 0, 0xff, '\''}, 3000+n)
	return answer.Set{
		ID:             fmt.Sprintf("rec_%026d", n),
		Owner:          owner,
		AssessmentID:   assessmentID,
		Revision:       int32(n + 1),
		CatalogVersion: "catalogue " + strings.Repeat("v", n%7),
		CreateTime:     start.Add(time.Duration(n) * time.Microsecond),
		SHA256:         fmt.Sprintf("%064x", n),
		Content:        content,
	}
}

func insert(t *testing.T, s answer.Store, sets ...answer.Set) {
	t.Helper()
	for _, set := range sets {
		got, err := s.Insert(t.Context(), set, answer.Figures{TotalCents: 100})
		if err != nil {
			t.Fatalf("Insert(%s): %v", set.ID, err)
		}
		if !reflect.DeepEqual(got, set) {
			t.Fatalf("Insert(%s) returned another set: %+v", set.ID, head(got))
		}
	}
}

// head is the set as a list shows it.
func head(s answer.Set) answer.Set {
	s.Content = nil
	return s
}

func keeps(t *testing.T, s answer.Store) {
	for n := range 5 {
		want := made("usr_a", "asm_1", n)
		insert(t, s, want)
		got, err := s.Set(t.Context(), want.Owner, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("set %d came back as %+v", n, head(got))
		}
	}
}

func missing(t *testing.T, s answer.Store) {
	got, err := s.Set(t.Context(), "usr_a", "rec_nothing")
	if !errs.Is(err, errs.KindNotFound) || !reflect.DeepEqual(got, answer.Set{}) {
		t.Errorf("Set = %+v, %v; want nothing and not found", got, err)
	}
	sets, err := s.List(t.Context(), "usr_a", "asm_none", answer.Cursor{}, 10)
	if err != nil || len(sets) != 0 {
		t.Errorf("List = %d sets, %v; want none", len(sets), err)
	}
}

func owners(t *testing.T, s answer.Store) {
	set := made("usr_a", "asm_1", 1)
	insert(t, s, set)
	theirs, err := s.Set(t.Context(), "usr_b", set.ID)
	if !errs.Is(err, errs.KindNotFound) || theirs.Content != nil {
		t.Errorf("another owner's Set = %v, want not found", err)
	}
	_, none := s.Set(t.Context(), "usr_b", "rec_"+strings.Repeat("9", 26))
	if got, want := reasonOf(err), reasonOf(none); got != want {
		t.Errorf("another owner's set is answered with %s, one that never was with %s", got, want)
	}
}

func reasonOf(err error) string {
	e, ok := errs.From(err)
	if !ok {
		return "none"
	}
	return e.Reason
}

func sameID(t *testing.T, s answer.Store) {
	a, b := made("usr_a", "asm_1", 1), made("usr_b", "asm_2", 1)
	b.SHA256, b.Content = "b", []byte("b")
	insert(t, s, a, b)
	for _, want := range []answer.Set{a, b} {
		got, err := s.Set(t.Context(), want.Owner, want.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s has %+v, %v", want.Owner, head(got), err)
		}
	}
}

func second(t *testing.T, s answer.Store) {
	first, again := made("usr_a", "asm_1", 1), made("usr_a", "asm_2", 2)
	again.ID = first.ID
	insert(t, s, first)
	got, err := s.Insert(t.Context(), again, answer.Figures{})
	if err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("the second Insert returned %+v, %v; want the first set", head(got), err)
	}
	got, err = s.Set(t.Context(), first.Owner, first.ID)
	if err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("after the second Insert the set is %+v, %v", head(got), err)
	}
	if sets := list(t, s, "asm_2", 10); len(sets) != 0 {
		t.Errorf("the second Insert shows in a list: %+v", sets)
	}
}

func concurrent(t *testing.T, s answer.Store) {
	const calls = 64
	results := make([]answer.Set, calls)
	faults := make([]error, calls)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range calls {
		done.Go(func() {
			set := made("usr_a", "asm_1", i)
			set.ID = "rec_one"
			ready.Wait()
			results[i], faults[i] = s.Insert(context.WithoutCancel(t.Context()), set, answer.Figures{})
		})
	}
	ready.Done()
	done.Wait()
	for i := range calls {
		if faults[i] != nil {
			t.Fatalf("call %d: %v", i, faults[i])
		}
		if !reflect.DeepEqual(results[i], results[0]) {
			t.Fatalf("call %d got %+v, call 0 got %+v", i, head(results[i]), head(results[0]))
		}
	}
	sets := list(t, s, "asm_1", calls)
	if len(sets) != 1 || !reflect.DeepEqual(sets[0], head(results[0])) {
		t.Errorf("%d sets are listed, want the one that every call got", len(sets))
	}
}

// list is the first page of an assessment of usr_a.
func list(t *testing.T, s answer.Store, assessmentID string, limit int) []answer.Set {
	t.Helper()
	sets, err := s.List(t.Context(), "usr_a", assessmentID, answer.Cursor{}, limit)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func order(t *testing.T, s answer.Store) {
	want := []answer.Set{made("usr_a", "asm_1", 4), made("usr_a", "asm_1", 3), made("usr_a", "asm_1", 2), made("usr_a", "asm_1", 1)}
	// 3 and 2 are of the same microsecond.
	want[1].CreateTime = want[2].CreateTime
	insert(t, s, want[2], want[0], want[3], want[1])
	expect(t, list(t, s, "asm_1", 10), want)
	expect(t, list(t, s, "asm_1", 2), want[:2])
}

func expect(t *testing.T, got, want []answer.Set) {
	t.Helper()
	heads := make([]answer.Set, len(want))
	for i := range want {
		heads[i] = head(want[i])
	}
	if !slices.EqualFunc(got, heads, func(a, b answer.Set) bool { return reflect.DeepEqual(a, b) }) {
		t.Errorf("got %+v\nwant %+v", got, heads)
	}
}

func scope(t *testing.T, s answer.Store) {
	mine := made("usr_a", "asm_1", 1)
	insert(t, s, mine, made("usr_a", "asm_2", 2), made("usr_b", "asm_1", 3))
	expect(t, list(t, s, "asm_1", 10), []answer.Set{mine})
}

func pages(t *testing.T, s answer.Store) {
	all := make([]answer.Set, 0, 23)
	for n := range 23 {
		set := made("usr_a", "asm_1", n)
		// Three of each time, so that pages end within a microsecond.
		set.CreateTime = start.Add(time.Duration(n/3) * time.Microsecond)
		insert(t, s, set)
		all = append(all, set)
	}
	slices.Reverse(all)
	rapid.Check(t, func(r *rapid.T) {
		var got []answer.Set
		for after := (answer.Cursor{}); ; after = answer.After(got[len(got)-1]) {
			size := rapid.IntRange(1, 30).Draw(r, "size")
			page, err := s.List(t.Context(), "usr_a", "asm_1", after, size)
			if err != nil || len(page) > size {
				r.Fatalf("%d sets, %v; want at most %d", len(page), err, size)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		expect(t, got, all)
	})
}

func between(t *testing.T, s answer.Store) {
	a, b, c := made("usr_a", "asm_1", 1), made("usr_a", "asm_1", 2), made("usr_a", "asm_1", 3)
	insert(t, s, a, b)
	first := list(t, s, "asm_1", 1)
	expect(t, first, []answer.Set{b})
	insert(t, s, c)
	rest, err := s.List(t.Context(), "usr_a", "asm_1", answer.After(first[0]), 10)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, rest, []answer.Set{a})
}

func bare(t *testing.T, s answer.Store) {
	insert(t, s, made("usr_a", "asm_1", 1))
	if got := list(t, s, "asm_1", 1)[0].Content; got != nil {
		t.Errorf("a listed set has %d bytes of content", len(got))
	}
}

func canceled(t *testing.T, s answer.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, insertErr := s.Insert(ctx, made("usr_a", "asm_1", 1), answer.Figures{})
	_, setErr := s.Set(ctx, "usr_a", "rec_1")
	_, listErr := s.List(ctx, "usr_a", "asm_1", answer.Cursor{}, 1)
	for call, err := range map[string]error{"Insert": insertErr, "Set": setErr, "List": listErr} {
		if !errs.Is(err, errs.KindCanceled) {
			t.Errorf("%s of a canceled call: %v", call, err)
		}
	}
}
