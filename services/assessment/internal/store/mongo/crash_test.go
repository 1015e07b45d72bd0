//go:build mongo

package mongo_test

import (
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func second(a assessment.Assessment) assessment.Assessment {
	a.Version++
	a.Revision++
	a.Content.Title = "second"
	return a
}

func submit(a assessment.Assessment) assessment.Assessment {
	a.Version++
	a.SubmittedRevision = a.Revision
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func documents(t *testing.T, from *driver.Collection) int64 {
	t.Helper()
	n, err := from.CountDocuments(t.Context(), bson.D{})
	must(t, err)
	return n
}

// What a replacement leaves that ends between its two writes is the kept revision.
func TestAReplacementThatWasCutShortChangesNothing(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	one := example("a")
	_, err := s.Insert(t.Context(), "ann", one, "")
	must(t, err)
	must(t, s.Replace(t.Context(), "ann", second(one)))
	undo := bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: int64(1)}, {Key: "revision", Value: 1}}}}
	_, err = raw.Collection("assessments").UpdateOne(t.Context(), bson.D{}, undo)
	must(t, err)

	_, err = s.Revision(t.Context(), "ann", "a", 2)
	if !errs.Is(err, errs.KindNotFound) {
		t.Errorf("the revision that never was: %v", err)
	}
	done := submit(one)
	must(t, s.Replace(t.Context(), "ann", done))
	must(t, s.Replace(t.Context(), "ann", second(done)))
	if got, err := s.Revision(t.Context(), "ann", "a", 1); err != nil || !reflect.DeepEqual(got, done) {
		t.Errorf("the first revision is %+v, %v, want it as it was submitted", got, err)
	}
}

func TestWhoeverKeepsARevisionLateDoesNotChangeIt(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	draft := example("a")
	_, err := s.Insert(t.Context(), "ann", draft, "")
	must(t, err)
	done := submit(draft)
	must(t, s.Replace(t.Context(), "ann", done))
	must(t, s.Replace(t.Context(), "ann", second(done)))
	for version := range done.Version + 1 {
		must(t, s.KeepLate(t.Context(), "ann", "a", 1, version))
	}
	if got, err := s.Revision(t.Context(), "ann", "a", 1); err != nil || !reflect.DeepEqual(got, done) {
		t.Errorf("the first revision is %+v, %v", got, err)
	}
}

func TestADeletionThatWasCutShortIsFinishedAtTheNextStart(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	for id, digest := range map[string]string{"random": "", "keyed": "digest", "stays": ""} {
		_, err := s.Insert(t.Context(), "ann", example(id), digest)
		must(t, err)
		must(t, s.Replace(t.Context(), "ann", second(example(id))))
	}
	for _, id := range []string{"random", "keyed"} {
		mark := bson.D{{Key: "$set", Value: bson.D{{Key: "deleted", Value: true}, {Key: "purging", Value: true}}}}
		_, err := raw.Collection("assessments").UpdateOne(t.Context(), bson.D{{Key: "_id.id", Value: id}}, mark)
		must(t, err)
		_, err = s.Assessment(t.Context(), "ann", id)
		if !errs.Is(err, errs.KindNotFound) {
			t.Errorf("%s can be read: %v", id, err)
		}
		_, err = s.Revision(t.Context(), "ann", id, 1)
		if !errs.Is(err, errs.KindNotFound) {
			t.Errorf("a revision of %s can be read: %v", id, err)
		}
	}
	if n := documents(t, raw.Collection("past_revisions")); n != 3 {
		t.Fatalf("%d past revisions before the start", n)
	}
	s = open(t, c)
	if n := documents(t, raw.Collection("past_revisions")); n != 1 {
		t.Errorf("%d past revisions, want that of the one that stays", n)
	}
	if n := documents(t, raw.Collection("assessments")); n != 2 {
		t.Errorf("%d assessments, want the one that stays and the trace of an ID", n)
	}
	taken, err := s.Insert(t.Context(), "ann", example("keyed"), "digest")
	if err != nil || taken == nil || !taken.Deleted {
		t.Errorf("the spent ID: %+v, %v", taken, err)
	}
}

// An insertion, and a second deletion, finish one that was cut short themselves.
func TestADeletionThatWasCutShortIsFinishedByWhoeverMeetsIt(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	for name, meet := range map[string]func() error{
		"insert": func() error {
			taken, err := s.Insert(t.Context(), "ann", example("a"), "")
			if taken != nil {
				t.Errorf("insert: %+v is in the way", taken)
			}
			return err
		},
		"delete": func() error {
			if err := s.Delete(t.Context(), "ann", "a", assessment.AnyVersion); !errs.Is(err, errs.KindNotFound) {
				return err
			}
			return nil
		},
	} {
		_, err := s.Insert(t.Context(), "ann", example("a"), "")
		must(t, err)
		must(t, s.Replace(t.Context(), "ann", second(example("a"))))
		mark := bson.D{{Key: "$set", Value: bson.D{{Key: "deleted", Value: true}, {Key: "purging", Value: true}}}}
		_, err = raw.Collection("assessments").UpdateOne(t.Context(), bson.D{}, mark)
		must(t, err)
		if err := meet(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := documents(t, raw.Collection("past_revisions")); n != 0 {
			t.Errorf("%s left %d past revisions", name, n)
		}
		if name == "insert" {
			must(t, s.Delete(t.Context(), "ann", "a", assessment.AnyVersion))
		}
	}
}

// What is kept while its assessment is being deleted must not stay behind, nor get
// into a second life of its ID.
func TestASlowReplacementLeavesNothingOfADeletedAssessment(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	first := example("a")
	for name, meanwhile := range map[string]struct {
		do   func() error
		want errs.Kind
	}{
		"deleted": {func() error { return nil }, errs.KindNotFound},
		"deleted and made again": {func() error {
			_, err := s.Insert(t.Context(), "ann", first, "")
			return err
		}, errs.KindStale},
	} {
		_, err := s.Insert(t.Context(), "ann", first, "")
		must(t, err)
		slow, err := s.Slow(t.Context(), "ann", "a")
		must(t, err)
		must(t, s.Delete(t.Context(), "ann", "a", 1))
		must(t, meanwhile.do())
		if err := slow.Replace(t.Context(), second(first)); !errs.Is(err, meanwhile.want) {
			t.Errorf("%s: got %v, want the kind %q", name, err, meanwhile.want)
		}
		if n := documents(t, raw.Collection("past_revisions")); n != 0 {
			t.Errorf("%s: %d past revisions are left", name, n)
		}
		if meanwhile.want == errs.KindStale {
			if got, err := s.Assessment(t.Context(), "ann", "a"); err != nil || !reflect.DeepEqual(got, first) {
				t.Errorf("%s: it is %+v, %v", name, got, err)
			}
			must(t, s.Delete(t.Context(), "ann", "a", 1))
		}
	}
}

func TestOfADeletedAssessmentWithADigestOnlyItsIDStays(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	_, err := s.Insert(t.Context(), "ann", example("a"), "digest")
	must(t, err)
	must(t, s.Replace(t.Context(), "ann", second(example("a"))))
	must(t, s.Delete(t.Context(), "ann", "a", assessment.AnyVersion))
	trace, err := raw.Collection("assessments").FindOne(t.Context(), bson.D{}).Raw()
	must(t, err)
	for _, what := range []string{"title", "second", "Praxis"} {
		if strings.Contains(trace.String(), what) {
			t.Errorf("what stays has %q: %s", what, trace)
		}
	}
}
