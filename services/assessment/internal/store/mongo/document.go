package mongo

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/record"
)

// key is the _id of an assessment. The order of its fields is part of it.
type key struct {
	Owner string `bson:"owner"`
	ID    string `bson:"id"`
}

// pastKey is the _id of a revision before the latest.
type pastKey struct {
	Owner    string        `bson:"owner"`
	ID       string        `bson:"id"`
	Born     bson.ObjectID `bson:"born"`
	Revision int32         `bson:"revision"`
}

// State is an assessment at one of its revisions. Times are microseconds since 1970
// in UTC: a date of MongoDB's has only milliseconds.
type State struct {
	Version   int64  `bson:"version"`
	Revision  int32  `bson:"revision"`
	Submitted int32  `bson:"submitted_revision"`
	Updated   int64  `bson:"updated_micros"`
	Content   string `bson:"content"` // the versioned JSON of the record package
}

// latest is an assessment at its latest revision, or what a deletion left of it.
type latest struct {
	Key   key    `bson:"_id"`
	Owner string `bson:"owner"`
	// Born is drawn for each insertion. An ID without a digest may come again after a
	// deletion, and what is left of its first life must not be taken for the second's.
	Born    bson.ObjectID `bson:"born"`
	Digest  string        `bson:"digest"` // of the request that made it; empty when that had no idempotency key
	Created int64         `bson:"created_micros"`
	Status  string        `bson:"status"` // of the latest revision
	Deleted bool          `bson:"deleted"`
	Purging bool          `bson:"purging"` // deleted, and past revisions may still be there
	State   `bson:",inline"`
}

// past is a revision before the latest.
type past struct {
	Key   pastKey `bson:"_id"`
	Owner string  `bson:"owner"`
	State `bson:",inline"`
}

// newLatest is a as it is inserted.
func newLatest(owner string, a assessment.Assessment, digest string) (latest, error) {
	s, err := newState(a)
	return latest{
		Key:     key{Owner: owner, ID: a.ID},
		Owner:   owner,
		Born:    bson.NewObjectID(),
		Digest:  digest,
		Created: a.Created.UnixMicro(),
		Status:  string(a.Status()),
		State:   s,
	}, err
}

func newState(a assessment.Assessment) (State, error) {
	content, err := record.Encode(a.Content)
	return State{
		Version:   a.Version,
		Revision:  a.Revision,
		Submitted: a.SubmittedRevision,
		Updated:   a.Updated.UnixMicro(),
		Content:   string(content),
	}, err
}

// past is l as it is kept when another revision follows it.
func (l latest) past() past {
	return past{Key: l.pastKey(l.Revision), Owner: l.Owner, State: l.State}
}

func (l latest) pastKey(revision int32) pastKey {
	return pastKey{Owner: l.Owner, ID: l.Key.ID, Born: l.Born, Revision: revision}
}

// unchanged finds l as long as nobody has written it since.
func (l latest) unchanged() bson.D {
	return bson.D{
		{Key: "_id", Value: l.Key},
		{Key: "owner", Value: l.Owner},
		{Key: "born", Value: l.Born},
		{Key: "version", Value: l.Version},
		{Key: "deleted", Value: false},
	}
}

// assessment decodes the content of l at the state s, its own or a past one. That it
// cannot be read is damage, which does not go away when the caller tries again.
func (l latest) assessment(s State) (assessment.Assessment, error) {
	content, err := record.Decode([]byte(s.Content))
	if err != nil {
		return assessment.Assessment{}, fmt.Errorf("assessment %s, revision %d: %w", l.Key.ID, s.Revision, err)
	}
	return assessment.Assessment{
		ID:                l.Key.ID,
		Version:           s.Version,
		Revision:          s.Revision,
		SubmittedRevision: s.Submitted,
		Created:           time.UnixMicro(l.Created).UTC(),
		Updated:           time.UnixMicro(s.Updated).UTC(),
		Content:           content,
	}, nil
}
