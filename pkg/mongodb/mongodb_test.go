//go:build mongo

package mongodb_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
)

// things is a schema with an index of each kind.
var things = mongodb.Schema{Version: 2, Indexes: []mongodb.Index{
	{Collection: "things", Name: "name", Keys: bson.D{{Key: "owner", Value: 1}, {Key: "name", Value: 1}}, Unique: true},
	{Collection: "things", Name: "alive", Keys: bson.D{{Key: "owner", Value: 1}, {Key: "age", Value: -1}}, Where: bson.D{{Key: "deleted", Value: false}}},
	{Collection: "things", Name: "expiry", Keys: bson.D{{Key: "expire_at", Value: 1}}, ExpireAfter: time.Hour},
	{Collection: "others", Name: "plain", Keys: bson.D{{Key: "a", Value: 1}}},
}}

func start(t *testing.T, c mongodb.Config) *mongodb.DB {
	t.Helper()
	db, err := mongodb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // some tests have closed it
	return db
}

func newDB(t *testing.T) *mongodb.DB {
	t.Helper()
	c := mongodbtest.New(t)
	c.Schema = things
	return start(t, c)
}

func TestIndexesAreMadeAtStartAndAgainWithoutHarm(t *testing.T) {
	c := mongodbtest.New(t)
	c.Schema = things
	var log bytes.Buffer
	c.Log = slog.New(slog.NewJSONHandler(&log, nil))
	for range 2 {
		start(t, c)
	}
	raw := mongodbtest.Raw(t, c)
	for collection, want := range map[string]map[string]mongo.IndexSpecification{
		"things": {"_id_": {}, "name": {Unique: ptr(true)}, "alive": {}, "expiry": {ExpireAfterSeconds: ptr[int32](3600)}},
		"others": {"_id_": {}, "plain": {}},
	} {
		specs, err := raw.Collection(collection).Indexes().ListSpecifications(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs {
			w, ok := want[spec.Name]
			if !ok || value(spec.Unique) != value(w.Unique) {
				t.Errorf("%s has %+v", collection, spec)
			}
			// Without it nothing expires by itself, which the log has to say.
			if value(spec.ExpireAfterSeconds) != value(w.ExpireAfterSeconds) && !strings.Contains(log.String(), spec.Name) {
				t.Errorf("%s expires after %d seconds, and nothing is said", spec.Name, value(spec.ExpireAfterSeconds))
			}
			delete(want, spec.Name)
		}
		if len(want) > 0 {
			t.Errorf("%s has no %v", collection, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func TestADatabaseOfANewerSchemaIsRefused(t *testing.T) {
	c := mongodbtest.New(t)
	c.Schema = things
	start(t, c)
	older := c
	older.Schema = mongodb.Schema{Version: 1, Indexes: []mongodb.Index{{Collection: "old", Name: "old", Keys: bson.D{{Key: "a", Value: 1}}}}}
	db, err := mongodb.Open(t.Context(), older)
	if err == nil {
		t.Fatal("it was opened", db.Close())
	}
	if !strings.Contains(err.Error(), "newer") || !strings.Contains(err.Error(), c.Database) {
		t.Error(err)
	}
	names, err := mongodbtest.Raw(t, c).ListCollectionNames(t.Context(), bson.D{})
	if err != nil || slices.Contains(names, "old") {
		t.Errorf("there is %v, %v, some of it made by the older program", names, err)
	}
	newer := c
	newer.Schema.Version++
	start(t, newer)
	if _, err := mongodb.Open(t.Context(), c); err == nil {
		t.Error("the version was not raised")
	}
}

func TestADamagedRecordOfTheSchemaIsRefused(t *testing.T) {
	c := mongodbtest.New(t)
	c.Schema = things
	if _, err := mongodbtest.Raw(t, c).Collection("schema").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: "new"}}); err != nil {
		t.Fatal(err)
	}
	if db, err := mongodb.Open(t.Context(), c); err == nil {
		t.Error("it was opened", db.Close())
	}
}

func TestProcessesThatStartTogetherAllStart(t *testing.T) {
	c := mongodbtest.New(t)
	c.Schema = things
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := mongodb.Open(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestATakenKeyIsADuplicateHoweverItIsTaken(t *testing.T) {
	db := newDB(t)
	all := db.Collection("things")
	one := bson.D{{Key: "_id", Value: 1}, {Key: "owner", Value: "ann"}, {Key: "name", Value: "one"}}
	two := bson.D{{Key: "_id", Value: 2}, {Key: "owner", Value: "ann"}, {Key: "name", Value: "two"}}
	if _, err := all.InsertMany(t.Context(), []any{one, two}); err != nil {
		t.Fatal(err)
	}
	second := bson.D{{Key: "_id", Value: 2}}
	rename := bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: "one"}}}}
	_, sameID := all.InsertOne(t.Context(), one)
	_, sameName := all.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 3}, {Key: "owner", Value: "ann"}, {Key: "name", Value: "one"}})
	_, update := all.UpdateOne(t.Context(), second, rename)
	_, replace := all.ReplaceOne(t.Context(), second, bson.D{{Key: "owner", Value: "ann"}, {Key: "name", Value: "one"}})
	find := all.FindOneAndUpdate(t.Context(), second, rename).Err()
	_, bulk := all.BulkWrite(t.Context(), []mongo.WriteModel{mongo.NewUpdateOneModel().SetFilter(second).SetUpdate(rename)})
	for name, err := range map[string]error{
		"an _id": sameID, "an insertion": sameName, "an update": update, "a replacement": replace, "a found one": find, "a bulk": bulk,
	} {
		if !mongodb.IsDuplicate(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := all.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 4}, {Key: "owner", Value: "bob"}, {Key: "name", Value: "one"}}); err != nil {
		t.Errorf("another owner's name: %v", err)
	}
}

func TestReadyUntilItIsClosed(t *testing.T) {
	db := newDB(t)
	if err := db.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("got %v, want unavailable", err)
	}
}

func TestThePoolsFiguresFollowItsUse(t *testing.T) {
	db := newDB(t)
	before := db.Pool()
	if before.Open < 1 || before.InUse != 0 || before.Waiting != 0 || before.Max < 1 {
		t.Errorf("idle: %+v", before)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 20 {
				if err := db.Ready(t.Context()); err != nil {
					t.Error(err)
				}
				if p := db.Pool(); p.InUse > p.Max {
					t.Errorf("in use: %+v", p)
				}
			}
		})
	}
	wg.Wait()
	if after := db.Pool(); after.InUse != 0 || after.Waiting != 0 {
		t.Errorf("idle again: %+v", after)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if closed := db.Pool(); closed.Open != 0 {
		t.Errorf("closed: %+v", closed)
	}
}

func TestSpansBelongToARecordedRequestAndShowNoValues(t *testing.T) {
	recorded := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(recorded))
	c := mongodbtest.New(t)
	c.Schema, c.Tracer = things, provider
	db := start(t, c)
	if n := len(recorded.GetSpans()); n != 0 {
		t.Errorf("%d spans without a request", n)
	}

	ctx, request := provider.Tracer("test").Start(t.Context(), "request")
	all := db.Collection("things")
	for i := range 3 {
		if _, err := all.InsertOne(ctx, bson.D{{Key: "_id", Value: fmt.Sprint("secret", i)}, {Key: "owner", Value: "ann"}, {Key: "name", Value: i}}); err != nil {
			t.Fatal(err)
		}
	}
	cursor, err := all.Find(ctx, bson.D{{Key: "owner", Value: "ann"}, {Key: "_id", Value: bson.D{{Key: "$gte", Value: "secret"}}}}, options.Find().SetBatchSize(2))
	if err != nil {
		t.Fatal(err)
	}
	if err := cursor.All(ctx, &[]bson.D{}); err != nil {
		t.Fatal(err)
	}
	if err := all.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: "secret1"}}, bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: 2}}}}).Err(); err == nil {
		t.Fatal("a taken name was taken again")
	}
	request.End()

	got := map[string]int{}
	for _, s := range recorded.GetSpans().Snapshots() {
		got[s.Name()]++
		if s.SpanContext().TraceID() != request.SpanContext().TraceID() {
			t.Errorf("%s is of another trace", s.Name())
		}
		text, err := json.Marshal(tracetest.SpanStubFromReadOnlySpan(s))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "secret") {
			t.Errorf("%s shows a value: %s", s.Name(), text)
		}
		if failed := s.Status().Code == codes.Error; failed != (s.Name() == "findAndModify things") {
			t.Errorf("%s failed: %t", s.Name(), failed)
		}
	}
	want := map[string]int{"insert things": 3, "find things": 1, "getMore things": 1, "findAndModify things": 1, "request": 1}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("spans %v, want %v", got, want)
	}
}
