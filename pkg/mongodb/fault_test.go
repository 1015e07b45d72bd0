package mongodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
)

// behaved answers what Open asks.
func behaved(command string) bson.D {
	switch command {
	case "find":
		return bson.D{{Key: "ok", Value: 1}, {Key: "cursor", Value: bson.D{
			{Key: "id", Value: int64(0)}, {Key: "ns", Value: "test.schema"}, {Key: "firstBatch", Value: bson.A{}},
		}}}
	case "findAndModify":
		return bson.D{{Key: "ok", Value: 1}, {Key: "value", Value: bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: 1}}}}
	default:
		return bson.D{{Key: "ok", Value: 1}}
	}
}

// opened opens a server that behaves until the test has it, and after that answers
// with what the test says.
func opened(t *testing.T, then func(command string) bson.D, options string) *mongodb.DB {
	t.Helper()
	db, _ := openedUntil(t, then, options)
	return db
}

func openedUntil(t *testing.T, then func(command string) bson.D, options string) (db *mongodb.DB, goAway func()) {
	t.Helper()
	var isOpen atomic.Bool
	address, goAway := misbehave(t, func(command string) bson.D {
		if isOpen.Load() {
			return then(command)
		}
		return behaved(command)
	})
	db, err := mongodb.Open(t.Context(), to("mongodb://"+address+"/?retryReads=false&"+options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // some tests have closed it
	isOpen.Store(true)
	return db, goAway
}

func find(ctx context.Context, db *mongodb.DB) error {
	return db.Collection("things").FindOne(ctx, bson.D{}).Err()
}

func failure(code int, message string) bson.D {
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: message}}
}

func TestWhatFaultDoesNotTouch(t *testing.T) {
	refused := opened(t, func(string) bson.D { return failure(2, "bad value") }, "")
	taken := opened(t, func(string) bson.D { return failure(11000, "E11000 duplicate key") }, "")
	for name, err := range map[string]error{
		"nothing":            nil,
		"a typed error":      fmt.Errorf("find: %w", errs.NotFound("thing", "a")),
		"a canceled context": fmt.Errorf("find: %w", context.Canceled),
		"a deadline":         context.DeadlineExceeded,
		"no document":        mongo.ErrNoDocuments,
		"a wrong command":    find(t.Context(), refused),
		"a taken key":        find(t.Context(), taken),
	} {
		if (err == nil) != (name == "nothing") {
			t.Errorf("%s is %v", name, err)
		}
		if got := mongodb.Fault(err); fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", err) {
			t.Errorf("%s became %v", name, got)
		}
	}
}

func TestAServerThatIsAwayIsUnavailableAndSaysNoMore(t *testing.T) {
	closed := opened(t, behaved, "")
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	gone, goAway := openedUntil(t, behaved, "serverSelectionTimeoutMS=100")
	goAway()
	stepping := func(string) bson.D { return failure(10107, "not primary, ask db-2.internal") }
	for name, err := range map[string]error{
		"closed":              find(t.Context(), closed),
		"gone":                find(t.Context(), gone),
		"gone for longer":     find(t.Context(), gone),
		"no longer primary":   find(t.Context(), opened(t, stepping, "")),
		"going down":          find(t.Context(), opened(t, func(string) bson.D { return failure(91, "shutting down") }, "")),
		"without rights":      find(t.Context(), opened(t, func(string) bson.D { return failure(13, "not authorized") }, "")),
		"nonsense in answers": find(t.Context(), opened(t, func(string) bson.D { return bson.D{} }, "")),
	} {
		fault := mongodb.Fault(err)
		e, typed := errs.From(fault)
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter <= 0 || errs.Cause(fault) == nil {
			t.Errorf("%s: %#v is not unavailable, with a time to retry and a cause", name, fault)
			continue
		}
		if strings.Contains(e.Message, errs.Cause(fault).Error()) {
			t.Errorf("%s: %q shows the driver's text", name, e.Message)
		}
	}
}

func TestTheEndOfTheCallersTimeIsNoFaultOfTheServer(t *testing.T) {
	db := opened(t, func(string) bson.D { return nil }, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := mongodb.Fault(find(ctx, db)); !errs.Is(err, errs.KindDeadline) {
		t.Errorf("got %v, want a deadline", err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	if err := mongodb.Fault(find(ctx, db)); !errs.Is(err, errs.KindCanceled) {
		t.Errorf("got %v, want canceled", err)
	}
	if err := db.Ready(ctx); !errs.Is(err, errs.KindCanceled) {
		t.Errorf("ready: got %v, want canceled", err)
	}
}

// The driver reports the end of its own search in the words of a caller's deadline.
func TestTheEndOfTheSearchForAServerIsNotTheCallers(t *testing.T) {
	asked := make(chan struct{})
	db := opened(t, func(string) bson.D {
		close(asked)
		return nil
	}, "serverSelectionTimeoutMS=100&maxPoolSize=1")
	// One operation holds the only connection; the other waits for it in vain.
	ctx, release := context.WithCancel(t.Context())
	held := make(chan error)
	go func() { held <- find(ctx, db) }()
	<-asked
	err := find(t.Context(), db)
	release()
	<-held
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the driver says %v", err)
	}
	if fault := mongodb.Fault(err); !errs.Is(fault, errs.KindUnavailable) {
		t.Errorf("got %v, want unavailable", fault)
	}
}
