package storetest

import (
	"reflect"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func ownersAreApart(t *testing.T, s assessment.Store) {
	one := first("a", epoch)
	two := revised(one, "second")
	insert(t, s, ann, one, "digest")
	replace(t, s, two)

	// By method, so that one that is added has to be thought of here.
	asBob := map[string]func(t *testing.T){
		"Insert": func(t *testing.T) {
			mine := first("a", epoch)
			mine.Content.Title = "bob's"
			insert(t, s, "bob", mine, "another digest")
			wantLatest(t, s, "bob", mine)
			if err := s.Delete(t.Context(), "bob", "a", assessment.AnyVersion); err != nil {
				t.Fatal(err)
			}
		},
		"Assessment": func(t *testing.T) {
			_, err := s.Assessment(t.Context(), "carol", "a")
			wantKind(t, err, errs.KindNotFound)
		},
		"Revision": func(t *testing.T) {
			for _, n := range []int32{1, 2} {
				_, err := s.Revision(t.Context(), "carol", "a", n)
				wantKind(t, err, errs.KindNotFound)
			}
		},
		"List": func(t *testing.T) {
			for _, status := range []assessment.Status{"", assessment.StatusDraft, assessment.StatusSubmitted} {
				if got := walk(t, s, "carol", assessment.Query{Status: status, Limit: 9, Bytes: plenty}); len(got) != 0 {
					t.Errorf("status %q: %v", status, got)
				}
			}
		},
		"Generation": func(t *testing.T) {
			if got := generationOf(t, s, "carol"); got != 0 {
				t.Errorf("somebody who wrote nothing has the generation %d", got)
			}
		},
		"Summary": func(t *testing.T) {
			if got := summaryOf(t, s, "carol"); got != (assessment.Summary{}) {
				t.Errorf("somebody who has none has %+v", got)
			}
		},
		"SummaryOfAll": func(t *testing.T) { // what is left is ann's alone
			if got, err := s.SummaryOfAll(t.Context()); err != nil || got != (assessment.Summary{Total: 1, Drafts: 1}) {
				t.Errorf("got %+v, %v", got, err)
			}
		},
		"Replace": func(t *testing.T) {
			wantKind(t, s.Replace(t.Context(), "carol", revised(two, "carol's")), errs.KindNotFound)
		},
		"Delete": func(t *testing.T) {
			for _, version := range []int64{assessment.AnyVersion, two.Version} {
				wantKind(t, s.Delete(t.Context(), "carol", "a", version), errs.KindNotFound)
			}
		},
	}
	for m := range reflect.TypeFor[assessment.Store]().Methods() {
		try, ok := asBob[m.Name]
		if !ok {
			t.Errorf("no test of %s", m.Name)
			continue
		}
		t.Run(m.Name, try)
		wantLatest(t, s, ann, two)
		wantRevision(t, s, one)
	}
}
