package mongodb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Schema is what a database must contain before it is used.
type Schema struct {
	// Version counts, from 1, the changes that an older program would misread.
	Version int
	Indexes []Index
}

// Index is one to find documents by, beside that on _id.
type Index struct {
	Collection string
	Name       string
	Keys       bson.D
	Unique     bool
	// Where makes the index partial: only documents that match are in it. A unique
	// index has none, since some servers take it for one over all documents.
	Where bson.D
	// ExpireAfter lets the server delete a document so long after the date in the one
	// key, now and then, by its own clock. It must be longer than clocks differ, and
	// nothing may rely on it: not every server can. 0: never.
	ExpireAfter time.Duration
}

// The record of the schema's version.
const (
	schemaCollection = "schema"
	schemaID         = "schema"
)

type schemaRecord struct {
	Version int `bson:"version"`
}

// apply brings the database to the schema. All of it can be repeated and done by
// several processes at the same time. The version is recorded last, so that a crash
// in between leaves an older one, and all is done again.
func (s Schema) apply(ctx context.Context, db *mongo.Database, log *slog.Logger) error {
	recorded := db.Collection(schemaCollection)
	found, err := recorded.FindOne(ctx, bson.D{{Key: "_id", Value: schemaID}}).Raw()
	if err == nil {
		err = s.check(found)
	}
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	for _, i := range s.Indexes {
		if err := i.create(ctx, db, log); err != nil {
			return fmt.Errorf("index %s of %s: %w", i.Name, i.Collection, err)
		}
	}
	found, err = s.record(ctx, recorded)
	if IsDuplicate(err) { // another process made the record at the same time
		found, err = s.record(ctx, recorded)
	}
	if err != nil {
		return err
	}
	return s.check(found) // a newer program may have come in between
}

// record raises the version that is there, if it is lower, and returns the record.
func (s Schema) record(ctx context.Context, into *mongo.Collection) (bson.Raw, error) {
	return into.FindOneAndUpdate(ctx,
		bson.D{{Key: "_id", Value: schemaID}},
		bson.D{{Key: "$max", Value: bson.D{{Key: "version", Value: s.Version}}}},
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Raw()
}

func (s Schema) check(raw bson.Raw) error {
	found, err := Decode[schemaRecord](raw)
	if err != nil {
		return fmt.Errorf("its record of the schema: %w", err)
	}
	if found.Version > s.Version {
		return fmt.Errorf("its schema has version %d, this program knows %d: it was written by a newer one", found.Version, s.Version)
	}
	return nil
}

// codeNotImplemented is the answer of servers that are not MongoDB itself.
const codeNotImplemented = 238

// create makes the index, which does nothing if it is there. Where a server cannot
// let documents expire or leave some out, a plain index finds the same documents.
func (i Index) create(ctx context.Context, db *mongo.Database, log *slog.Logger) error {
	indexes := db.Collection(i.Collection).Indexes()
	_, err := indexes.CreateOne(ctx, i.model())
	var refused mongo.ServerError
	if errors.As(err, &refused) && refused.HasErrorCode(codeNotImplemented) && !i.Unique {
		log.WarnContext(ctx, "the MongoDB server lacks an option of an index; it is made without",
			"collection", i.Collection, "index", i.Name, "error", err)
		_, err = indexes.CreateOne(ctx, Index{Name: i.Name, Keys: i.Keys}.model())
	}
	return err
}

func (i Index) model() mongo.IndexModel {
	opts := options.Index().SetName(i.Name)
	if i.Unique {
		opts.SetUnique(true)
	}
	if i.Where != nil {
		opts.SetPartialFilterExpression(i.Where)
	}
	if i.ExpireAfter > 0 {
		opts.SetExpireAfterSeconds(int32(i.ExpireAfter / time.Second))
	}
	return mongo.IndexModel{Keys: i.Keys, Options: opts}
}
