package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// key is the _id of a set. The order of its fields is part of it.
type key struct {
	Owner string `bson:"owner"`
	ID    string `bson:"id"`
}

// Head is a set without its content.
type Head struct {
	Key            key    `bson:"_id"`
	Owner          string `bson:"owner"`
	AssessmentID   string `bson:"assessment_id"`
	Revision       int32  `bson:"revision"`
	CatalogVersion string `bson:"catalog_version"`
	CreateMicros   int64  `bson:"create_micros"` // since 1970, UTC; a date of MongoDB's has only milliseconds
	SHA256         string `bson:"sha256"`
}

type document struct {
	Head    `bson:",inline"`
	Figures figures `bson:"figures"`
	Content []byte  `bson:"content"`
}

// figures are what summaries add up.
type figures struct {
	TotalCents int64 `bson:"total_cents"`
	AtLeast    bool  `bson:"at_least"`
	OverBudget bool  `bson:"over_budget"`
}

// Insert keeps s, or returns the set that its owner has under this ID already. That
// an _id is unique makes one of several win. A repeat moves the generation as well:
// the first may have failed before it did.
func (s *Store) Insert(ctx context.Context, set answer.Set, f answer.Figures) (answer.Set, error) {
	for {
		_, err := s.sets.InsertOne(ctx, document{newHead(set), figures(f), set.Content})
		if err == nil {
			return set, s.generations.Move(ctx, set.Owner)
		}
		if !mongodb.IsDuplicate(err) {
			return answer.Set{}, mongodb.Fault(err)
		}
		kept, err := s.Set(ctx, set.Owner, set.ID)
		if err == nil {
			return kept, s.generations.Move(ctx, set.Owner)
		}
		if !errs.Is(err, errs.KindNotFound) {
			return answer.Set{}, err
		}
		// What was in the way is gone.
	}
}

// Set returns one set with its content.
func (s *Store) Set(ctx context.Context, owner, id string) (answer.Set, error) {
	raw, err := s.sets.FindOne(ctx, bson.D{{Key: "_id", Value: key{Owner: owner, ID: id}}, {Key: "owner", Value: owner}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return answer.Set{}, errs.NotFound("recommendation", id)
	}
	if err != nil {
		return answer.Set{}, mongodb.Fault(err)
	}
	found, err := mongodb.Decode[document](raw)
	if err != nil {
		return answer.Set{}, fmt.Errorf("recommendation set %s: %w", id, err)
	}
	set := found.set()
	set.Content = found.Content
	return set, nil
}

// list is the filter of the sets of one assessment after a cursor, by byAssessment
// and in its order.
func list(owner, assessmentID string, after answer.Cursor) bson.D {
	filter := bson.D{{Key: "owner", Value: owner}, {Key: "assessment_id", Value: assessmentID}}
	if after == (answer.Cursor{}) {
		return filter
	}
	micros := after.CreateTime.UnixMicro()
	return append(filter,
		// Bounds the part of the index that is read; the rest cuts it off exactly.
		bson.E{Key: "create_micros", Value: bson.D{{Key: "$lte", Value: micros}}},
		bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "create_micros", Value: bson.D{{Key: "$lt", Value: micros}}}},
			bson.D{{Key: "_id.id", Value: bson.D{{Key: "$lt", Value: after.ID}}}},
		}})
}

var (
	newestFirst    = bson.D{{Key: "create_micros", Value: -1}, {Key: "_id.id", Value: -1}}
	withoutContent = bson.D{{Key: "content", Value: 0}}
)

// List returns at most limit sets of one assessment after the cursor.
func (s *Store) List(ctx context.Context, owner, assessmentID string, after answer.Cursor, limit int) ([]answer.Set, error) {
	rows, err := s.sets.Find(ctx, list(owner, assessmentID, after),
		options.Find().SetSort(newestFirst).SetProjection(withoutContent).SetLimit(int64(limit)))
	if err != nil {
		return nil, mongodb.Fault(err)
	}
	defer func() { _ = rows.Close(ctx) }() // rows.Err says what went wrong
	var sets []answer.Set
	for rows.Next(ctx) {
		found, err := mongodb.Decode[Head](rows.Current)
		if err != nil {
			return nil, fmt.Errorf("list recommendation sets: %w", err)
		}
		sets = append(sets, found.set())
	}
	if err := rows.Err(); err != nil {
		return nil, mongodb.Fault(err)
	}
	return sets, nil
}

func newHead(s answer.Set) Head {
	return Head{
		Key:            key{Owner: s.Owner, ID: s.ID},
		Owner:          s.Owner,
		AssessmentID:   s.AssessmentID,
		Revision:       s.Revision,
		CatalogVersion: s.CatalogVersion,
		CreateMicros:   s.CreateTime.UnixMicro(),
		SHA256:         s.SHA256,
	}
}

func (h Head) set() answer.Set {
	return answer.Set{
		ID:             h.Key.ID,
		Owner:          h.Owner,
		AssessmentID:   h.AssessmentID,
		Revision:       h.Revision,
		CatalogVersion: h.CatalogVersion,
		CreateTime:     time.UnixMicro(h.CreateMicros).UTC(),
		SHA256:         h.SHA256,
	}
}
