package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

const plenty = 1 << 20 // bytes

// walk reads a list to its end and returns the IDs.
func walk(t testing.TB, s assessment.Store, owner string, q assessment.Query) []string {
	t.Helper()
	var ids []string
	for pages := 0; ; pages++ {
		page, err := s.List(t.Context(), owner, q)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		if n := len(page.Assessments); n > q.Limit || page.More && n == 0 || pages > 1000 {
			t.Fatalf("page %d has %d assessments, more: %v", pages, n, page.More)
		}
		for _, a := range page.Assessments {
			ids = append(ids, a.ID)
		}
		if !page.More {
			return ids
		}
		q.After = assessment.CursorBehind(page.Assessments[len(page.Assessments)-1])
	}
}

func newestFirst(t *testing.T, s assessment.Store) {
	for _, a := range []struct {
		id      string
		created time.Duration
	}{{"b", 0}, {"c", time.Microsecond}, {"a", 0}, {"d", -time.Hour}, {"e", time.Hour}, {"f", 0}} {
		insert(t, s, ann, first(a.id, epoch.Add(a.created)), "")
	}
	// What is written later does not move.
	replace(t, s, revised(first("d", epoch.Add(-time.Hour)), "new"))
	want := []string{"e", "c", "f", "b", "a", "d"}
	if got := walk(t, s, ann, assessment.Query{Limit: 50, Bytes: plenty}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	page, err := s.List(t.Context(), ann, assessment.Query{Limit: 50, Bytes: plenty})
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "last of the list", page.Assessments[5], nil, revised(first("d", epoch.Add(-time.Hour)), "new"))
}

func pagesHoldAll(t *testing.T, s assessment.Store) {
	var want []string
	for i := range 23 {
		id := fmt.Sprintf("a%02d", i)
		insert(t, s, ann, first(id, epoch.Add(time.Duration(i/5)*time.Second)), "")
		want = append(want, id)
	}
	slices.Reverse(want)
	for limit := 1; limit <= 24; limit++ {
		if got := walk(t, s, ann, assessment.Query{Limit: limit, Bytes: plenty}); !slices.Equal(got, want) {
			t.Errorf("by %d: got %v, want %v", limit, got, want)
		}
	}
	if got := walk(t, s, "bob", assessment.Query{Limit: 5, Bytes: plenty}); len(got) != 0 {
		t.Errorf("somebody who has none has %v", got)
	}
}

func pagesAreStable(t *testing.T, s assessment.Store) {
	var want []string
	for i := range 40 {
		id := fmt.Sprintf("a%02d", i)
		insert(t, s, ann, first(id, epoch.Add(time.Duration(i)*time.Second)), "")
		want = append(want, id)
	}
	slices.Reverse(want)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		latest := first("a07", epoch.Add(7*time.Second))
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			newer := first(fmt.Sprintf("new%06d", i), epoch.Add(time.Hour+time.Duration(i)*time.Second))
			if _, err := s.Insert(t.Context(), ann, newer, ""); err != nil {
				t.Errorf("insert: %v", err)
				return
			}
			latest = revised(latest, fmt.Sprint("change ", i))
			if err := s.Replace(t.Context(), ann, latest); err != nil {
				t.Errorf("replace: %v", err)
				return
			}
		}
	})
	for range 10 {
		got := slices.DeleteFunc(walk(t, s, ann, assessment.Query{Limit: 7, Bytes: plenty}), func(id string) bool {
			return id > "b"
		})
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	close(stop)
	wg.Wait()
}

func pageBytes(t *testing.T, s assessment.Store) {
	for i := range 5 {
		insert(t, s, ann, first(fmt.Sprint("a", i), epoch), "")
	}
	for _, bytes := range []int{0, 1} {
		page, err := s.List(t.Context(), ann, assessment.Query{Limit: 3, Bytes: bytes})
		if err != nil || len(page.Assessments) != 1 || !page.More {
			t.Errorf("of %d bytes: %d assessments, more: %v, %v", bytes, len(page.Assessments), page.More, err)
		}
	}
	got := walk(t, s, ann, assessment.Query{Limit: 3, Bytes: 1})
	if want := []string{"a4", "a3", "a2", "a1", "a0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func listByStatus(t *testing.T, s assessment.Store) {
	for i := range 6 {
		a := first(fmt.Sprint("a", i), epoch)
		insert(t, s, ann, a, "")
		if i%3 == 0 {
			continue
		}
		a = submitted(a)
		replace(t, s, a)
		if i%3 == 2 { // a revision after the submitted one is a draft again
			replace(t, s, revised(a, "changed"))
		}
	}
	for status, want := range map[assessment.Status][]string{
		assessment.StatusDraft:     {"a5", "a3", "a2", "a0"},
		assessment.StatusSubmitted: {"a4", "a1"},
		"":                         {"a5", "a4", "a3", "a2", "a1", "a0"},
	} {
		for limit := 1; limit < 8; limit++ {
			got := walk(t, s, ann, assessment.Query{Status: status, Limit: limit, Bytes: plenty})
			if !slices.Equal(got, want) {
				t.Errorf("status %q by %d: got %v, want %v", status, limit, got, want)
			}
		}
	}
}
