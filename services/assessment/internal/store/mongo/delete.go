package mongo

import (
	"context"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// purgeWithin bounds the part of a deletion that goes on when its caller has gone.
const purgeWithin = 5 * time.Second

// Delete removes an assessment and all its revisions. When it fails after the mark
// was set, the assessment is gone all the same, and the next call, insertion or start
// removes what is left.
func (s *Store) Delete(ctx context.Context, owner, id string, version int64) error {
	for {
		l, err := s.standing(ctx, owner, id)
		switch {
		case err != nil:
			return err
		case l.Deleted:
			if l.Purging {
				if err := s.purge(ctx, l); err != nil {
					return err
				}
			}
			return errs.NotFound("assessment", id)
		case version != assessment.AnyVersion && version != l.Version:
			return errs.Stale("assessment")
		}
		done, err := s.assessments.UpdateOne(ctx, l.unchanged(), bson.D{{Key: "$set", Value: bson.D{
			{Key: "deleted", Value: true},
			{Key: "purging", Value: true},
			{Key: "content", Value: ""},
			{Key: "status", Value: ""},
			{Key: "created_micros", Value: int64(0)},
			{Key: "updated_micros", Value: int64(0)},
		}}})
		if err != nil {
			return mongodb.Fault(err)
		}
		if done.MatchedCount == 1 {
			if err := s.generations.Move(ctx, owner); err != nil {
				return err
			}
			return s.purge(ctx, l)
		}
		// Somebody wrote in between; their version is read now.
	}
}

// purge removes what a deletion leaves: the past revisions, and then the mark, or
// all but the trace of an ID that must not come again. It may be repeated.
func (s *Store) purge(ctx context.Context, l latest) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeWithin)
	defer cancel()
	if err := s.purgeRevisions(ctx, l); err != nil {
		return err
	}
	marked := bson.D{
		{Key: "_id", Value: l.Key},
		{Key: "owner", Value: l.Owner},
		{Key: "born", Value: l.Born},
		{Key: "deleted", Value: true},
	}
	var err error
	if l.Digest == "" {
		_, err = s.assessments.DeleteOne(ctx, marked)
	} else {
		_, err = s.assessments.UpdateOne(ctx, marked, bson.D{{Key: "$set", Value: bson.D{{Key: "purging", Value: false}}}})
	}
	return mongodb.Fault(err)
}

func (s *Store) purgeRevisions(ctx context.Context, l latest) error {
	_, err := s.pastRevisions.DeleteMany(ctx, life(l))
	return mongodb.Fault(err)
}

// life finds the past revisions of an assessment, by byLife.
func life(l latest) bson.D {
	return bson.D{{Key: "owner", Value: l.Owner}, {Key: "_id.born", Value: l.Born}}
}

// purging finds what a crash left, by byPurging.
var purging = bson.D{{Key: "purging", Value: true}}

// purgeAll finishes the deletions of all owners that a crash cut short. One that
// cannot be read is said and left: it keeps nobody from working.
func (s *Store) purgeAll(ctx context.Context, log *slog.Logger) error {
	rows, err := s.assessments.Find(ctx, purging)
	if err != nil {
		return mongodb.Fault(err)
	}
	defer func() { _ = rows.Close(ctx) }() // what goes wrong while reading is in rows.Err
	for rows.Next(ctx) {
		l, err := mongodb.Decode[latest](rows.Current)
		if err != nil {
			log.ErrorContext(ctx, "a deleted assessment cannot be purged", "error", err)
			continue
		}
		if err := s.purge(ctx, l); err != nil {
			return err
		}
	}
	return mongodb.Fault(rows.Err())
}
