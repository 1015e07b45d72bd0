package mongodb

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Generations counts the writes of each owner in a database, so that a summary which
// is kept under the count is never older than a write.
//
// There are no transactions: a writer moves the count after its data and before it
// acknowledges them. Whoever reads the count and then the data has data that are at
// least as new. A write whose move fails has failed, whatever became of the data.
type Generations struct{ counts *mongo.Collection }

// Generations returns those of the database.
func (db *DB) Generations() Generations { return Generations{db.Collection("owner_generations")} }

type generation struct {
	Count int64 `bson:"generation"`
}

// Move says that something of the owner's has been written.
func (g Generations) Move(ctx context.Context, owner string) error {
	for {
		_, err := g.counts.UpdateOne(ctx, bson.D{{Key: "_id", Value: owner}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: "generation", Value: int64(1)}}}}, options.UpdateOne().SetUpsert(true))
		// Of two first writes one finds that the other has made the count.
		if !IsDuplicate(err) {
			return Fault(err)
		}
	}
}

// Of returns the owner's count; 0 before the first write.
func (g Generations) Of(ctx context.Context, owner string) (int64, error) {
	var found generation
	err := g.counts.FindOne(ctx, bson.D{{Key: "_id", Value: owner}}).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	return found.Count, Fault(err)
}
