package mongodb_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
)

type thing struct {
	ID    string   `bson:"_id"`
	Count int64    `bson:"count"`
	Names []string `bson:"names,omitempty"`
	Kind  `bson:",inline"`
}

type Kind struct {
	Sort int32 `bson:"sort"`
}

func decode(t *testing.T, document bson.D) (thing, error) {
	t.Helper()
	raw, err := bson.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return mongodb.Decode[thing](raw)
}

func TestDecodeReadsADocumentWithMoreAndWithLess(t *testing.T) {
	got, err := decode(t, bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: int32(0)}, {Key: "sort", Value: 3}, {Key: "of a newer program", Value: true}})
	if err != nil || got.ID != "a" || got.Count != 0 || got.Sort != 3 || got.Names != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

// None of these is a database that is away: trying again would not help.
func TestDecodeDoesNotReadADamagedDocument(t *testing.T) {
	for name, c := range map[string]struct {
		document bson.D
		want     string
	}{
		"without a field": {bson.D{{Key: "_id", Value: "a"}, {Key: "sort", Value: 3}}, "count"},
		"without another": {bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: 1}}, "sort"},
		"with a null":     {bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: nil}}, "count"},
		"of a wrong type": {bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: "many"}}, "count"},
		"with a fraction": {bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: 1.5}}, "count"},
		"of a wrong list": {bson.D{{Key: "_id", Value: "a"}, {Key: "count", Value: 1}, {Key: "names", Value: "one"}}, "names"},
	} {
		got, err := decode(t, c.document)
		if err == nil || !strings.Contains(err.Error(), c.want) || got.ID != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if _, typed := errs.From(err); typed {
			t.Errorf("%s: %v is shown to callers", name, err)
		}
	}
	if _, err := mongodb.Decode[thing](bson.Raw("no document at all")); err == nil {
		t.Error("bytes that are no document were read")
	}
}
