package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// counted adds up assessments by what their latest revision is.
var counted = bson.D{{Key: "$group", Value: bson.D{
	{Key: "_id", Value: nil},
	{Key: "total", Value: bson.D{{Key: "$sum", Value: 1}}},
	{Key: "submitted", Value: bson.D{{Key: "$sum", Value: bson.D{{Key: "$cond", Value: bson.A{
		bson.D{{Key: "$eq", Value: bson.A{"$status", string(assessment.StatusSubmitted)}}}, 1, 0,
	}}}}}},
}}}

// Generation moves with each write of the owner.
func (s *Store) Generation(ctx context.Context, owner string) (int64, error) {
	return s.generations.Of(ctx, owner)
}

// Summary counts the owner's assessments, found by by_status_and_age.
func (s *Store) Summary(ctx context.Context, owner string) (assessment.Summary, error) {
	return s.summary(ctx, bson.D{{Key: "owner", Value: owner}, {Key: "deleted", Value: false}})
}

// SummaryOfAll counts everybody's assessments.
func (s *Store) SummaryOfAll(ctx context.Context) (assessment.Summary, error) {
	return s.summary(ctx, bson.D{{Key: "deleted", Value: false}})
}

func (s *Store) summary(ctx context.Context, of bson.D) (assessment.Summary, error) {
	rows, err := s.assessments.Aggregate(ctx, bson.A{bson.D{{Key: "$match", Value: of}}, counted})
	if err != nil {
		return assessment.Summary{}, mongodb.Fault(err)
	}
	var sums []struct {
		Total     int64 `bson:"total"`
		Submitted int64 `bson:"submitted"`
	}
	if err := rows.All(ctx, &sums); err != nil || len(sums) == 0 {
		return assessment.Summary{}, mongodb.Fault(err)
	}
	return assessment.Summary{
		Total: sums[0].Total, Submitted: sums[0].Submitted, Drafts: sums[0].Total - sums[0].Submitted,
	}, nil
}
