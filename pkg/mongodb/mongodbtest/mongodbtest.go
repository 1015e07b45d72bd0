// Package mongodbtest gives each test a MongoDB database of its own, on the server
// that MONGODB_URL names. Only tests that are built with the tag mongo may use it:
// without a server they fail, and never pass unseen.
package mongodbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/mongodb"
)

// urlVariable names the server, and signs in to it if need be.
const urlVariable = "MONGODB_URL"

// within bounds what is done beside a test.
const within = 10 * time.Second

// New returns a configuration, without a schema, for a database that does not exist.
// What is made in it is dropped when the test ends; that takes the right to read and
// write the database, and no other.
func New(t testing.TB) mongodb.Config {
	t.Helper()
	c := mongodb.Config{
		URL:      config.NewSecret(os.Getenv(urlVariable)),
		Database: "inframind_test_" + strings.ToLower(rand.Text()),
		Tracer:   noop.NewTracerProvider(),
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if c.URL.IsZero() {
		t.Fatalf("%s is not set: it must name a MongoDB server", urlVariable)
	}
	t.Cleanup(func() {
		if err := drop(c); err != nil {
			t.Errorf("drop database %s: %v", c.Database, err)
		}
	})
	return c
}

// Raw opens the database beside whoever uses it, without anything that
// mongodb.Open adds.
func Raw(t testing.TB, c mongodb.Config) *mongo.Database {
	t.Helper()
	client, err := connect(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disconnect(client); err != nil {
			t.Error(err)
		}
	})
	return client.Database(c.Database)
}

// NoScan fails the test if the server would look at every document of a collection
// to answer a command. A server that cannot explain, which MongoDB can, must at least
// have the index.
func NoScan(t testing.TB, db *mongo.Database, index string, command bson.D) {
	t.Helper()
	plan, err := db.RunCommand(t.Context(), bson.D{{Key: "explain", Value: command}}).Raw()
	if err == nil {
		if winner := plan.Lookup("queryPlanner", "winningPlan").String(); strings.Contains(winner, "COLLSCAN") {
			t.Errorf("%v is answered by %s", command, winner)
		}
	}
	collection, _ := command[0].Value.(string)
	for _, spec := range indexes(t, db, collection) {
		if spec.Name == index {
			return
		}
	}
	t.Errorf("%s has no index %s", collection, index)
}

func indexes(t testing.TB, db *mongo.Database, collection string) []mongo.IndexSpecification {
	t.Helper()
	specs, err := db.Collection(collection).Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

func connect(c mongodb.Config) (*mongo.Client, error) {
	return mongo.Connect(options.Client().SetMinPoolSize(0).ApplyURI(c.URL.Reveal()))
}

func disconnect(client *mongo.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return client.Disconnect(ctx)
}

// drop drops each collection: to drop a database at once takes more rights.
func drop(c mongodb.Config) error {
	client, err := connect(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	db := client.Database(c.Database)
	names, err := db.ListCollectionNames(ctx, bson.D{})
	for _, name := range names {
		if dropErr := db.Collection(name).Drop(ctx); dropErr != nil {
			err = errors.Join(err, fmt.Errorf("collection %s: %w", name, dropErr))
		}
	}
	return errors.Join(err, disconnect(client))
}
