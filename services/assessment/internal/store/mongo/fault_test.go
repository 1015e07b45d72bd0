//go:build mongo

package mongo_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/storetest"
)

func example(id string) assessment.Assessment {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return assessment.Assessment{ID: id, Version: 1, Revision: 1, Created: at, Updated: at, Content: storetest.Content(id)}
}

func TestWhatWasWrittenIsThereForTheNextProcess(t *testing.T) {
	c := mongodbtest.New(t)
	want := example("a")
	if _, err := open(t, c).Insert(t.Context(), "ann", want, ""); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, c).Assessment(t.Context(), "ann", "a")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestAStoreThatIsAwayIsUnavailableAndSaysNothingOfTheDriver(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready before it is away: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(context.Context) error{
		"Insert":       func(ctx context.Context) error { _, err := s.Insert(ctx, "ann", example("a"), ""); return err },
		"Assessment":   func(ctx context.Context) error { _, err := s.Assessment(ctx, "ann", "a"); return err },
		"Revision":     func(ctx context.Context) error { _, err := s.Revision(ctx, "ann", "a", 1); return err },
		"List":         func(ctx context.Context) error { _, err := s.List(ctx, "ann", assessment.Query{Limit: 1}); return err },
		"Replace":      func(ctx context.Context) error { return s.Replace(ctx, "ann", example("a")) },
		"Delete":       func(ctx context.Context) error { return s.Delete(ctx, "ann", "a", assessment.AnyVersion) },
		"Generation":   func(ctx context.Context) error { _, err := s.Generation(ctx, "ann"); return err },
		"Summary":      func(ctx context.Context) error { _, err := s.Summary(ctx, "ann"); return err },
		"SummaryOfAll": func(ctx context.Context) error { _, err := s.SummaryOfAll(ctx); return err },
	}
	for m := range reflect.TypeFor[assessment.Store]().Methods() {
		call, ok := calls[m.Name]
		if !ok {
			t.Errorf("no test of %s", m.Name)
			continue
		}
		err := call(t.Context())
		e, typed := errs.From(err)
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter <= 0 || errs.Cause(err) == nil {
			t.Errorf("%s: %#v is not unavailable, with a time to retry and a cause", m.Name, err)
			continue
		}
		if strings.Contains(e.Message, errs.Cause(err).Error()) {
			t.Errorf("%s: %q shows the driver's text", m.Name, e.Message)
		}
	}
	if err := s.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("ready: %v", err)
	}
}

// Trying again does not mend a damaged document, it is not one that never was, and
// it does not keep others from being read.
func TestADamagedDocumentIsAnErrorOfItsOwn(t *testing.T) {
	c := mongodbtest.New(t)
	s := open(t, c)
	whole := example("whole")
	for _, a := range []assessment.Assessment{example("damaged"), whole} {
		if _, err := s.Insert(t.Context(), "ann", a, "digest"); err != nil {
			t.Fatal(err)
		}
	}
	all := mongodbtest.Raw(t, c).Collection("assessments")
	damaged := bson.D{{Key: "_id.id", Value: "damaged"}}
	before, err := all.FindOne(t.Context(), damaged).Raw()
	if err != nil {
		t.Fatal(err)
	}
	set := func(key string, value any) bson.D {
		return bson.D{{Key: "$set", Value: bson.D{{Key: key, Value: value}}}}
	}
	for name, damage := range map[string]bson.D{
		"content that is not JSON":          set("content", "\x00\x01"),
		"content of another version":        set("content", `{"v":99,"title":"from the future"}`),
		"content without a version":         set("content", `{"title":"from nowhere"}`),
		"content of a wrong type":           set("content", `{"v":1,"workloads":"none"}`),
		"no content":                        {{Key: "$unset", Value: bson.D{{Key: "content", Value: ""}}}},
		"no version":                        {{Key: "$unset", Value: bson.D{{Key: "version", Value: ""}}}},
		"a version of a wrong type":         set("version", "one"),
		"a time that is null":               set("updated_micros", nil),
		"a life that is none":               set("born", "yesterday"),
		"a deletion that is neither or nor": set("deleted", "perhaps"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := all.ReplaceOne(t.Context(), damaged, before); err != nil {
				t.Fatal(err)
			}
			if _, err := all.UpdateOne(t.Context(), damaged, damage); err != nil {
				t.Fatal(err)
			}
			_, read := s.Assessment(t.Context(), "ann", "damaged")
			_, revision := s.Revision(t.Context(), "ann", "damaged", 1)
			_, again := s.Insert(t.Context(), "ann", example("damaged"), "digest")
			for name, err := range map[string]error{"read": read, "revision": revision, "insert": again} {
				if _, typed := errs.From(err); err == nil || typed || !strings.Contains(err.Error(), "damaged") {
					t.Errorf("%s: got %v", name, err)
				}
			}
			if got, err := s.Assessment(t.Context(), "ann", "whole"); err != nil || !reflect.DeepEqual(got, whole) {
				t.Errorf("another one: got %+v, %v", got, err)
			}
		})
	}
}
