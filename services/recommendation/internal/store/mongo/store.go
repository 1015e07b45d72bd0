// Package mongo keeps recommendation sets in a MongoDB database.
//
// A set is one document, which is inserted once and never changed: there is nothing
// that a crash could leave half done.
package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// The collection may be sharded by owner: it is in every filter and leads the index,
// and an _id begins with it, so that it is unique over all shards.
const recommendationSets = "recommendation_sets"

// byAssessment has the sets of an assessment in the order of their list.
const byAssessment = "by_assessment"

var schema = mongodb.Schema{Version: 1, Indexes: []mongodb.Index{{
	Collection: recommendationSets, Name: byAssessment,
	Keys: bson.D{{Key: "owner", Value: 1}, {Key: "assessment_id", Value: 1}, {Key: "create_micros", Value: -1}, {Key: "_id.id", Value: -1}},
}}}

// Store is an answer.Store over one database.
type Store struct {
	db          *mongodb.DB
	sets        *mongo.Collection
	generations mongodb.Generations
}

var _ answer.Store = (*Store)(nil)

// Open opens the database and makes what is missing of it. The schema of c is the
// store's own.
func Open(ctx context.Context, c mongodb.Config) (*Store, error) {
	c.Schema = schema
	db, err := mongodb.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Store{db: db, sets: db.Collection(recommendationSets), generations: db.Generations()}, nil
}

// Ready says whether the database answers.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Pool says how much the connections are used.
func (s *Store) Pool() mongodb.Pool { return s.db.Pool() }

// Close closes the connections.
func (s *Store) Close() error { return s.db.Close() }
