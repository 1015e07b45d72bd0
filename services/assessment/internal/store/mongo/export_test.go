//go:build mongo

package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// Query is what is asked of a collection, and the index that answers it.
type Query struct {
	Collection, Index string
	Filter, Sort      bson.D
}

// Queries are those by another index than that on _id.
func Queries() []Query {
	after := assessment.Cursor{Created: time.Unix(1, 0), ID: "a"}
	var all []Query
	for status, index := range map[assessment.Status]string{"": byAge, assessment.StatusDraft: byStatusAndAge} {
		for _, cursor := range []assessment.Cursor{{}, after} {
			all = append(all, Query{assessments, index, page("ann", assessment.Query{Status: status, After: cursor}), newestFirst})
		}
	}
	return append(all,
		Query{assessments, byPurging, purging, bson.D{}},
		Query{pastRevisions, byLife, life(latest{Owner: "ann"}), bson.D{}})
}

// Slow is somebody who has read an assessment and takes their time.
type Slow struct {
	store  *Store
	before latest
}

// Slow reads an assessment.
func (s *Store) Slow(ctx context.Context, owner, id string) (Slow, error) {
	l, err := s.live(ctx, owner, id)
	return Slow{s, l}, err
}

// Replace puts a in the place of what was read.
func (s Slow) Replace(ctx context.Context, a assessment.Assessment) error {
	return s.store.follow(ctx, s.before, a)
}

// KeepLate keeps a revision of an assessment as somebody does who read it when it had
// that version, and writes only now.
func (s *Store) KeepLate(ctx context.Context, owner, id string, revision int32, version int64) error {
	l, err := s.live(ctx, owner, id)
	if err != nil {
		return err
	}
	return s.keep(ctx, past{
		Key:   l.pastKey(revision),
		Owner: owner,
		State: State{Version: version, Revision: revision, Content: `{"v":1,"title":"late"}`},
	})
}
