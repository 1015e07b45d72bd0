//go:build mongo

package mongo_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/mongo"
	"github.com/inframind/inframind/services/assessment/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, c mongodb.Config) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) assessment.Store { return open(t, mongodbtest.New(t)) })
}

func TestRequestsScanNoCollection(t *testing.T) {
	c := mongodbtest.New(t)
	open(t, c)
	db := mongodbtest.Raw(t, c)
	for _, q := range mongo.Queries() {
		mongodbtest.NoScan(t, db, q.Index, bson.D{
			{Key: "find", Value: q.Collection}, {Key: "filter", Value: q.Filter}, {Key: "sort", Value: q.Sort},
		})
	}
}
