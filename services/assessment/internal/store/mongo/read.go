package mongo

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// Assessment returns the latest revision.
func (s *Store) Assessment(ctx context.Context, owner, id string) (assessment.Assessment, error) {
	l, err := s.live(ctx, owner, id)
	if err != nil {
		return assessment.Assessment{}, err
	}
	return l.assessment(l.State)
}

// Revision returns one revision. The latest is not looked for among the past ones: it
// may have been kept there by a replacement that came to nothing.
func (s *Store) Revision(ctx context.Context, owner, id string, revision int32) (assessment.Assessment, error) {
	l, err := s.live(ctx, owner, id)
	switch {
	case errs.Is(err, errs.KindNotFound):
		return assessment.Assessment{}, noRevision(id, revision)
	case err != nil:
		return assessment.Assessment{}, err
	case revision == l.Revision:
		return l.assessment(l.State)
	}
	raw, err := s.pastRevisions.FindOne(ctx, bson.D{{Key: "_id", Value: l.pastKey(revision)}, {Key: "owner", Value: owner}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return assessment.Assessment{}, noRevision(id, revision)
	}
	if err != nil {
		return assessment.Assessment{}, mongodb.Fault(err)
	}
	p, err := mongodb.Decode[past](raw)
	if err != nil {
		return assessment.Assessment{}, fmt.Errorf("assessment %s, revision %d: %w", id, revision, err)
	}
	return l.assessment(p.State)
}

func noRevision(id string, revision int32) error {
	return errs.NotFound("assessment revision", fmt.Sprintf("%s/revisions/%d", id, revision))
}

// live finds an assessment that is not deleted.
func (s *Store) live(ctx context.Context, owner, id string) (latest, error) {
	l, err := s.standing(ctx, owner, id)
	if err == nil && l.Deleted {
		return latest{}, errs.NotFound("assessment", id)
	}
	return l, err
}

// standing finds what there is under an ID, deleted or not.
func (s *Store) standing(ctx context.Context, owner, id string) (latest, error) {
	raw, err := s.assessments.FindOne(ctx, bson.D{{Key: "_id", Value: key{Owner: owner, ID: id}}, {Key: "owner", Value: owner}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return latest{}, errs.NotFound("assessment", id)
	}
	if err != nil {
		return latest{}, mongodb.Fault(err)
	}
	l, err := mongodb.Decode[latest](raw)
	if err != nil {
		return latest{}, fmt.Errorf("assessment %s: %w", id, err)
	}
	return l, nil
}

// page is the filter of a page, newest first. It is answered by byAge, or with a
// status by byStatusAndAge, in their order.
func page(owner string, q assessment.Query) bson.D {
	filter := bson.D{{Key: "owner", Value: owner}, {Key: "deleted", Value: false}}
	if q.Status != "" {
		filter = append(filter, bson.E{Key: "status", Value: string(q.Status)})
	}
	if q.After == (assessment.Cursor{}) {
		return filter
	}
	created := q.After.Created.UnixMicro()
	return append(filter,
		// Bounds the part of the index that is read; the rest cuts it off exactly.
		bson.E{Key: "created_micros", Value: bson.D{{Key: "$lte", Value: created}}},
		bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "created_micros", Value: bson.D{{Key: "$lt", Value: created}}}},
			bson.D{{Key: "_id.id", Value: bson.D{{Key: "$lt", Value: q.After.ID}}}},
		}})
}

// newestFirst is the order of a page.
var newestFirst = bson.D{{Key: "created_micros", Value: -1}, {Key: "_id.id", Value: -1}}

// List returns a page, newest first.
func (s *Store) List(ctx context.Context, owner string, q assessment.Query) (assessment.Page, error) {
	// One more than asked for tells whether more follow.
	limit := int64(min(q.Limit, math.MaxInt32-1)) + 1
	rows, err := s.assessments.Find(ctx, page(owner, q), options.Find().SetSort(newestFirst).SetLimit(limit))
	if err != nil {
		return assessment.Page{}, mongodb.Fault(err)
	}
	defer func() { _ = rows.Close(ctx) }() // what goes wrong while reading is in rows.Err
	var (
		listed assessment.Page
		bytes  int
	)
	for rows.Next(ctx) {
		if n := len(listed.Assessments); n == q.Limit || n > 0 && bytes >= q.Bytes {
			listed.More = true
			return listed, nil
		}
		l, err := mongodb.Decode[latest](rows.Current)
		if err != nil {
			return assessment.Page{}, fmt.Errorf("list assessments: %w", err)
		}
		a, err := l.assessment(l.State)
		if err != nil {
			return assessment.Page{}, err
		}
		listed.Assessments = append(listed.Assessments, a)
		bytes += len(l.Content)
	}
	if err := rows.Err(); err != nil {
		return assessment.Page{}, mongodb.Fault(err)
	}
	return listed, nil
}
