// Package mongodb opens a service's MongoDB database the one way it is opened: a
// write is acknowledged once a majority of the servers has it, a read is of what
// such writes left on the primary, and every declared index is there.
//
// Reading and writing by majority on the primary is what lets a caller read its own
// writes, and what keeps a failover from taking back what was acknowledged.
package mongodb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/pkg/config"
)

// Config says which database to open and what it must contain.
type Config struct {
	// URL names the servers and how to sign in: mongodb://user:password@host/. Its
	// options win over the defaults of this package, but for read and write concern.
	URL      config.Secret
	Database string
	Schema   Schema
	Tracer   trace.TracerProvider // of the spans under a request's span
	Log      *slog.Logger         // is told at start what the server cannot do
}

// closeWithin bounds how long Close waits for running operations.
const closeWithin = 5 * time.Second

// DB is an open database.
type DB struct {
	client   *mongo.Client
	database *mongo.Database
	pool     *pool
}

// Open connects, makes the indexes that are missing, and records the schema's
// version. It refuses a database of a newer schema. No text of its errors contains
// a credential.
func Open(ctx context.Context, c Config) (*DB, error) {
	db := &DB{pool: &pool{}}
	opts, err := clientOptions(c, db.pool)
	if err != nil {
		return nil, err
	}
	if db.client, err = mongo.Connect(opts); err != nil {
		return nil, fmt.Errorf("the MongoDB URL cannot be used: %w", err)
	}
	db.database = db.client.Database(c.Database)
	if err := db.client.Ping(ctx, readpref.Primary()); err != nil {
		return nil, errors.Join(startFault(err), db.disconnect(ctx))
	}
	if err := c.Schema.apply(ctx, db.database, c.Log); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", c.Database, err), db.disconnect(ctx))
	}
	return db, nil
}

// Collection is for reading and writing. It need not exist.
func (db *DB) Collection(name string) *mongo.Collection { return db.database.Collection(name) }

// Ready says whether the primary answers now.
func (db *DB) Ready(ctx context.Context) error {
	return Fault(db.client.Ping(ctx, readpref.Primary()))
}

// Pool says how much the connections are used.
func (db *DB) Pool() Pool { return db.pool.figures() }

// Close waits a little for running operations and closes the connections.
func (db *DB) Close() error { return db.disconnect(context.Background()) }

func (db *DB) disconnect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	return db.client.Disconnect(ctx)
}
