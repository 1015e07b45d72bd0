//go:build mongo

package mongo_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
	"github.com/inframind/inframind/services/recommendation/internal/store/mongo"
	"github.com/inframind/inframind/services/recommendation/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, c mongodb.Config) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) answer.Store {
		t.Helper()
		return open(t, mongodbtest.New(t))
	})
}

func set(id string) answer.Set {
	return answer.Set{
		ID: id, Owner: "usr_a", AssessmentID: "asm_1", Revision: 3, CatalogVersion: "v",
		CreateTime: time.Date(2026, 11, 24, 10, 0, 0, 1000, time.UTC), SHA256: "x", Content: []byte("content"),
	}
}

func TestASetIsThereForTheNextProcess(t *testing.T) {
	c := mongodbtest.New(t)
	if _, err := open(t, c).Insert(t.Context(), set("rec_1"), answer.Figures{}); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, c).Set(t.Context(), "usr_a", "rec_1")
	if err != nil || !reflect.DeepEqual(got, set("rec_1")) {
		t.Errorf("got %+v, %v", got, err)
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
	for call, do := range map[string]func(context.Context) error{
		"Ready":  s.Ready,
		"Insert": func(ctx context.Context) error { _, err := s.Insert(ctx, set("rec_1"), answer.Figures{}); return err },
		"Set":    func(ctx context.Context) error { _, err := s.Set(ctx, "usr_a", "rec_1"); return err },
		"List": func(ctx context.Context) error {
			_, err := s.List(ctx, "usr_a", "asm_1", answer.Cursor{}, 1)
			return err
		},
		"Generation":   func(ctx context.Context) error { _, err := s.Generation(ctx, "usr_a"); return err },
		"Summary":      func(ctx context.Context) error { _, err := s.Summary(ctx, "usr_a"); return err },
		"SummaryOfAll": func(ctx context.Context) error { _, err := s.SummaryOfAll(ctx); return err },
	} {
		e, typed := errs.From(do(t.Context()))
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter <= 0 || errs.Cause(e) == nil {
			t.Errorf("%s: %#v is not unavailable, with a time to retry and a cause", call, e)
			continue
		}
		if strings.Contains(e.Message, errs.Cause(e).Error()) {
			t.Errorf("%s: %q shows the driver's text", call, e.Message)
		}
	}
}

// Trying again does not mend a damaged document, it is not one that never was, and
// it does not keep others from being read.
func TestADamagedSetIsAnErrorOfItsOwn(t *testing.T) {
	c := mongodbtest.New(t)
	s := open(t, c)
	for _, id := range []string{"rec_damaged", "rec_whole"} {
		if _, err := s.Insert(t.Context(), set(id), answer.Figures{}); err != nil {
			t.Fatal(err)
		}
	}
	all := mongodbtest.Raw(t, c).Collection("recommendation_sets")
	damaged := bson.D{{Key: "_id.id", Value: "rec_damaged"}}
	before, err := all.FindOne(t.Context(), damaged).Raw()
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]bson.D{
		"no content":            {{Key: "$unset", Value: bson.D{{Key: "content", Value: ""}}}},
		"content that is null":  {{Key: "$set", Value: bson.D{{Key: "content", Value: nil}}}},
		"content of a list":     {{Key: "$set", Value: bson.D{{Key: "content", Value: bson.A{"a"}}}}},
		"no digest":             {{Key: "$unset", Value: bson.D{{Key: "sha256", Value: ""}}}},
		"a time that is a text": {{Key: "$set", Value: bson.D{{Key: "create_micros", Value: "yesterday"}}}},
	} {
		if _, err := all.ReplaceOne(t.Context(), damaged, before); err != nil {
			t.Fatal(err)
		}
		if _, err := all.UpdateOne(t.Context(), damaged, damage); err != nil {
			t.Fatal(err)
		}
		_, read := s.Set(t.Context(), "usr_a", "rec_damaged")
		_, again := s.Insert(t.Context(), set("rec_damaged"), answer.Figures{})
		for call, err := range map[string]error{"Set": read, "Insert": again} {
			if _, typed := errs.From(err); err == nil || typed || !strings.Contains(err.Error(), "rec_damaged") {
				t.Errorf("%s: %s: got %v", name, call, err)
			}
		}
		if got, err := s.Set(t.Context(), "usr_a", "rec_whole"); err != nil || !reflect.DeepEqual(got, set("rec_whole")) {
			t.Errorf("%s: another one: got %+v, %v", name, got, err)
		}
	}
}

func TestListsScanNoCollection(t *testing.T) {
	c := mongodbtest.New(t)
	open(t, c)
	db := mongodbtest.Raw(t, c)
	for _, filter := range mongo.Lists {
		mongodbtest.NoScan(t, db, "by_assessment", bson.D{
			{Key: "find", Value: "recommendation_sets"},
			{Key: "filter", Value: filter},
			{Key: "sort", Value: bson.D{{Key: "create_micros", Value: -1}, {Key: "_id.id", Value: -1}}},
		})
	}
}
