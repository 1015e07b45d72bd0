package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func comesBack(t *testing.T, s assessment.Store) {
	full := first("a", epoch)
	insert(t, s, ann, full, "digest")
	wantLatest(t, s, ann, full)
	wantRevision(t, s, full)

	// Nothing stated is not the same as stated and empty.
	bare := first("b", epoch)
	bare.Content = assessment.Content{Title: "bare", Workloads: []assessment.Workload{{Name: "w"}}}
	insert(t, s, ann, bare, "")
	wantLatest(t, s, ann, bare)
	empty := first("c", epoch)
	empty.Content = bare.Content
	empty.Content.Profile = &assessment.Profile{}
	empty.Content.Objectives = &assessment.Objectives{}
	empty.Content.Workloads = []assessment.Workload{{Name: "w", Present: &assessment.Present{}}}
	insert(t, s, ann, empty, "")
	wantLatest(t, s, ann, empty)
}

func takenID(t *testing.T, s assessment.Store) {
	a := first("a", epoch)
	insert(t, s, ann, a, "digest")
	now := revised(a, "second")
	replace(t, s, now)

	other := first("a", epoch.AddDate(0, 0, 1))
	other.Content.Title = "another"
	taken, err := s.Insert(t.Context(), ann, other, "another digest")
	if err != nil {
		t.Fatal(err)
	}
	if want := (&assessment.Taken{Assessment: now, Digest: "digest"}); !reflect.DeepEqual(taken, want) {
		t.Fatalf("got %+v, want %+v", taken, want)
	}
	wantLatest(t, s, ann, now)
}

func oneInsertWins(t *testing.T, s assessment.Store) {
	var titles, seen [writers]string
	answers := together(t.Context(), func(ctx context.Context, i int) error {
		a := first("a", epoch)
		a.Content.Title = fmt.Sprint("writer ", i)
		titles[i] = a.Content.Title
		taken, err := s.Insert(ctx, ann, a, "digest")
		if err != nil || taken == nil {
			return err
		}
		seen[i] = taken.Assessment.Content.Title
		return errs.Mismatch()
	})
	won := winner(t, answers, errs.KindMismatch)
	for i, title := range seen {
		if i != won && title != titles[won] {
			t.Errorf("%d was told of %q, but %q won", i, title, titles[won])
		}
	}
	page, err := s.List(t.Context(), ann, assessment.Query{Limit: 10, Bytes: 1 << 20})
	if err != nil || len(page.Assessments) != 1 || page.Assessments[0].Content.Title != titles[won] {
		t.Errorf("the list is %+v, %v", page, err)
	}
}

func staleReplacement(t *testing.T, s assessment.Store) {
	one := first("a", epoch)
	insert(t, s, ann, one, "")
	two := revised(one, "second")
	replace(t, s, two)
	wantKind(t, s.Replace(t.Context(), ann, revised(one, "late")), errs.KindStale)
	ahead := revised(two, "early")
	ahead.Version++
	wantKind(t, s.Replace(t.Context(), ann, ahead), errs.KindStale)
	wantKind(t, s.Replace(t.Context(), ann, revised(first("b", epoch), "of nothing")), errs.KindNotFound)
	wantLatest(t, s, ann, two)
	wantRevision(t, s, one)
}

func oneReplacementWins(t *testing.T, s assessment.Store) {
	before := first("a", epoch)
	insert(t, s, ann, before, "")
	for range 3 {
		answers := together(t.Context(), func(ctx context.Context, i int) error {
			return s.Replace(ctx, ann, revised(before, fmt.Sprint("writer ", i)))
		})
		after := revised(before, fmt.Sprint("writer ", winner(t, answers, errs.KindStale)))
		wantLatest(t, s, ann, after)
		wantRevision(t, s, before)
		before = after
	}
}

func revisionsStay(t *testing.T, s assessment.Store) {
	a := first("a", epoch)
	insert(t, s, ann, a, "")
	var was []assessment.Assessment
	for n := range 6 {
		if n%2 == 1 {
			a = submitted(a)
			replace(t, s, a)
		}
		was = append(was, a)
		a = revised(a, fmt.Sprint("revision ", n+2))
		replace(t, s, a)
		for _, w := range was {
			wantRevision(t, s, w)
		}
		wantRevision(t, s, a)
		wantLatest(t, s, ann, a)
	}
	for _, none := range []int32{0, -1, a.Revision + 1} {
		_, err := s.Revision(t.Context(), ann, "a", none)
		wantKind(t, err, errs.KindNotFound)
	}
}

func submissionIsNoRevision(t *testing.T, s assessment.Store) {
	draft := first("a", epoch)
	insert(t, s, ann, draft, "")
	done := submitted(draft)
	replace(t, s, done)
	wantLatest(t, s, ann, done)
	wantRevision(t, s, done)
	if done.Status() != assessment.StatusSubmitted || draft.Status() != assessment.StatusDraft {
		t.Errorf("status %q after %q", done.Status(), draft.Status())
	}
	_, err := s.Revision(t.Context(), ann, "a", 2)
	wantKind(t, err, errs.KindNotFound)
}

func deletionTakesAll(t *testing.T, s assessment.Store) {
	a := first("a", epoch)
	insert(t, s, ann, a, "digest")
	a = revised(a, "second")
	replace(t, s, a)
	stays := first("b", epoch)
	insert(t, s, ann, stays, "")
	if err := s.Delete(t.Context(), ann, "a", a.Version); err != nil {
		t.Fatal(err)
	}
	wantGone(t, s, "a", a.Revision)
	wantLatest(t, s, ann, stays)
	wantKind(t, s.Delete(t.Context(), ann, "a", assessment.AnyVersion), errs.KindNotFound)
	wantKind(t, s.Delete(t.Context(), ann, "a", a.Version), errs.KindNotFound)
	wantKind(t, s.Replace(t.Context(), ann, revised(a, "after all")), errs.KindNotFound)
	page, err := s.List(t.Context(), ann, assessment.Query{Limit: 10, Bytes: 1 << 20})
	if err != nil || len(page.Assessments) != 1 || page.Assessments[0].ID != "b" {
		t.Errorf("the list is %+v, %v", page, err)
	}
	if err := s.Delete(t.Context(), ann, "b", assessment.AnyVersion); err != nil {
		t.Fatal(err)
	}
	wantGone(t, s, "b", 1)
}

func staleDeletion(t *testing.T, s assessment.Store) {
	a := first("a", epoch)
	insert(t, s, ann, a, "")
	replace(t, s, revised(a, "second"))
	wantKind(t, s.Delete(t.Context(), ann, "a", a.Version), errs.KindStale)
	wantLatest(t, s, ann, revised(a, "second"))
	wantRevision(t, s, a)
}

func oneDeletionWins(t *testing.T, s assessment.Store) {
	insert(t, s, ann, first("a", epoch), "digest")
	winner(t, together(t.Context(), func(ctx context.Context, i int) error {
		if i%2 == 0 {
			return s.Delete(ctx, ann, "a", assessment.AnyVersion)
		}
		return s.Delete(ctx, ann, "a", 1)
	}), errs.KindNotFound)
	wantGone(t, s, "a", 1)
}

func deletedIDStays(t *testing.T, s assessment.Store) {
	insert(t, s, ann, first("keyed", epoch), "digest")
	insert(t, s, ann, first("random", epoch), "")
	for _, id := range []string{"keyed", "random"} {
		if err := s.Delete(t.Context(), ann, id, assessment.AnyVersion); err != nil {
			t.Fatal(err)
		}
	}
	taken, err := s.Insert(t.Context(), ann, first("keyed", epoch), "digest")
	if want := (&assessment.Taken{Deleted: true}); err != nil || !reflect.DeepEqual(taken, want) {
		t.Fatalf("got %+v, %v, want %+v", taken, err, want)
	}
	wantGone(t, s, "keyed", 1)
	insert(t, s, ann, first("random", epoch), "")
	// It is the owner's ID that is spent, not everybody's.
	insert(t, s, "bob", first("keyed", epoch), "digest")
}
