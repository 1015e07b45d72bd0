package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// Insert keeps a new assessment. That its _id is unique makes one of several win. A
// repeat moves the generation as well: the first may have failed before it did.
func (s *Store) Insert(ctx context.Context, owner string, a assessment.Assessment, digest string) (*assessment.Taken, error) {
	l, err := newLatest(owner, a, digest)
	if err != nil {
		return nil, err
	}
	for {
		_, err := s.assessments.InsertOne(ctx, l)
		if err == nil {
			return nil, s.generations.Move(ctx, owner)
		}
		if !mongodb.IsDuplicate(err) {
			return nil, mongodb.Fault(err)
		}
		taken, err := s.taken(ctx, owner, a.ID)
		if err == nil {
			return taken, s.generations.Move(ctx, owner)
		}
		if !errs.Is(err, errs.KindNotFound) {
			return nil, err
		}
		// What was in the way is gone.
	}
}

// taken says what is in the way under an ID.
func (s *Store) taken(ctx context.Context, owner, id string) (*assessment.Taken, error) {
	l, err := s.standing(ctx, owner, id)
	switch {
	case err != nil:
		return nil, err
	case l.Deleted && l.Digest != "":
		return &assessment.Taken{Deleted: true}, nil
	case l.Deleted:
		if err := s.purge(ctx, l); err != nil {
			return nil, err
		}
		return nil, errs.NotFound("assessment", id)
	}
	a, err := l.assessment(l.State)
	if err != nil {
		return nil, err
	}
	return &assessment.Taken{Assessment: a, Digest: l.Digest}, nil
}

// Replace puts a in the place of the version before it.
func (s *Store) Replace(ctx context.Context, owner string, a assessment.Assessment) error {
	before, err := s.live(ctx, owner, a.ID)
	if err != nil {
		return err
	}
	if before.Version != a.Version-1 {
		return errs.Stale("assessment")
	}
	return s.follow(ctx, before, a)
}

// follow makes a the latest if before still is.
func (s *Store) follow(ctx context.Context, before latest, a assessment.Assessment) error {
	next, err := newState(a)
	if err != nil {
		return err
	}
	if before.Revision != a.Revision {
		if err := s.keep(ctx, before.past()); err != nil {
			return fmt.Errorf("keep revision: %w", err)
		}
	}
	done, err := s.assessments.UpdateOne(ctx, before.unchanged(), bson.D{{Key: "$set", Value: bson.D{
		{Key: "version", Value: next.Version},
		{Key: "revision", Value: next.Revision},
		{Key: "submitted_revision", Value: next.Submitted},
		{Key: "updated_micros", Value: next.Updated},
		{Key: "content", Value: next.Content},
		{Key: "status", Value: string(a.Status())},
	}}})
	if err != nil {
		return mongodb.Fault(err)
	}
	if done.MatchedCount == 0 {
		return s.lost(ctx, before)
	}
	return s.generations.Move(ctx, before.Owner)
}

// keep keeps a revision before another one takes its place. Somebody slow must not
// put what they read back over what was kept later: of one revision the state of the
// highest version stays.
func (s *Store) keep(ctx context.Context, p past) error {
	_, err := s.pastRevisions.InsertOne(ctx, p)
	if !mongodb.IsDuplicate(err) {
		return mongodb.Fault(err)
	}
	older := bson.D{
		{Key: "_id", Value: p.Key},
		{Key: "owner", Value: p.Owner},
		{Key: "version", Value: bson.D{{Key: "$lt", Value: p.Version}}},
	}
	_, err = s.pastRevisions.ReplaceOne(ctx, older, p)
	return mongodb.Fault(err)
}

// lost says what came before a replacement. If that was a deletion, it may have
// looked for past revisions before one was kept.
func (s *Store) lost(ctx context.Context, before latest) error {
	now, err := s.live(ctx, before.Owner, before.Key.ID)
	if errs.Is(err, errs.KindNotFound) || err == nil && now.Born != before.Born {
		if err := s.purgeRevisions(ctx, before); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return errs.Stale("assessment")
}
