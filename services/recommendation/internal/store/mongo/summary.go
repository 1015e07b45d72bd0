package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

func sum(of any) bson.D { return bson.D{{Key: "$sum", Value: of}} }

func first(field string) bson.D { return bson.D{{Key: "$first", Value: field}} }

func oneIf(field string) bson.D { return bson.D{{Key: "$cond", Value: bson.A{field, 1, 0}}} }

// summed takes the latest set of each assessment, which comes first, and adds up what
// those say. by_assessment is in the order of the sort.
var summed = bson.A{
	bson.D{{Key: "$sort", Value: bson.D{
		{Key: "owner", Value: 1}, {Key: "assessment_id", Value: 1}, {Key: "create_micros", Value: -1}, {Key: "_id.id", Value: -1},
	}}},
	bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: bson.D{{Key: "owner", Value: "$owner"}, {Key: "assessment", Value: "$assessment_id"}}},
		{Key: "sets", Value: sum(1)},
		{Key: "total_cents", Value: first("$figures.total_cents")},
		{Key: "at_least", Value: first("$figures.at_least")},
		{Key: "over_budget", Value: first("$figures.over_budget")},
	}}},
	bson.D{{Key: "$group", Value: bson.D{
		{Key: "_id", Value: nil},
		{Key: "sets", Value: sum("$sets")},
		{Key: "assessments", Value: sum(1)},
		{Key: "total_cents", Value: sum("$total_cents")},
		{Key: "at_least", Value: sum(oneIf("$at_least"))},
		{Key: "over_budget", Value: sum(oneIf("$over_budget"))},
	}}},
}

// Generation moves with each write of the owner.
func (s *Store) Generation(ctx context.Context, owner string) (int64, error) {
	return s.generations.Of(ctx, owner)
}

// Summary sums up the owner's sets, found by by_assessment.
func (s *Store) Summary(ctx context.Context, owner string) (answer.Summary, error) {
	return s.summary(ctx, bson.D{{Key: "owner", Value: owner}})
}

// SummaryOfAll sums up everybody's sets.
func (s *Store) SummaryOfAll(ctx context.Context) (answer.Summary, error) {
	return s.summary(ctx, bson.D{})
}

func (s *Store) summary(ctx context.Context, of bson.D) (answer.Summary, error) {
	rows, err := s.sets.Aggregate(ctx, append(bson.A{bson.D{{Key: "$match", Value: of}}}, summed...))
	if err != nil {
		return answer.Summary{}, mongodb.Fault(err)
	}
	var sums []struct {
		Sets        int64 `bson:"sets"`
		Assessments int64 `bson:"assessments"`
		TotalCents  int64 `bson:"total_cents"`
		AtLeast     int64 `bson:"at_least"`
		OverBudget  int64 `bson:"over_budget"`
	}
	if err := rows.All(ctx, &sums); err != nil || len(sums) == 0 {
		return answer.Summary{}, mongodb.Fault(err)
	}
	return answer.Summary{
		Sets: sums[0].Sets, Assessments: sums[0].Assessments, LatestTotalCents: sums[0].TotalCents,
		AtLeast: sums[0].AtLeast > 0, OverBudget: sums[0].OverBudget,
	}, nil
}
