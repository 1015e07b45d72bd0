package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/revocation"
)

// revocationKey is the _id of a revocation. The order of its fields is part of it.
type revocationKey struct {
	Kind string `bson:"kind"`
	ID   string `bson:"id"`
}

type revocationDocument struct {
	Key          revocationKey `bson:"_id"`
	BeforeMicros int64         `bson:"before_micros"` // of a subject: tokens issued before it; 0 elsewhere
	Expiry       `bson:",inline"`
}

// Revocations implements session.Store. One that is damaged is an error and not left
// out: it may be the one that counts.
func (s *Store) Revocations(ctx context.Context, now time.Time) ([]revocation.Entry, error) {
	rows, err := s.revocations.Find(ctx, unexpired(now))
	if err != nil {
		return nil, mongodb.Fault(err)
	}
	defer func() { _ = rows.Close(ctx) }() // rows.Err says what went wrong
	var entries []revocation.Entry
	for rows.Next(ctx) {
		d, err := mongodb.Decode[revocationDocument](rows.Current)
		if err != nil {
			return nil, fmt.Errorf("stored revocation %s: %w", rows.Current.Lookup("_id"), err)
		}
		if d.Micros <= now.UnixMicro() {
			continue
		}
		e, err := d.entry()
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, mongodb.Fault(rows.Err())
}

func (d revocationDocument) entry() (revocation.Entry, error) {
	kind, err := kindNamed(d.Key.Kind)
	e := revocation.Entry{Kind: kind, ID: d.Key.ID, Before: fromOptional(d.BeforeMicros)}
	if d.Micros != never {
		e.ExpiresAt = instant(d.Micros)
	}
	return e, err
}

// keepRevocations keeps revocations; of one that is there already, the longer of the
// two.
func (s *Store) keepRevocations(ctx context.Context, rs []revocation.Entry) error {
	if len(rs) == 0 {
		return nil
	}
	writes := make([]mongo.WriteModel, len(rs))
	for i, r := range rs {
		e := expiry(never)
		if !r.ExpiresAt.IsZero() {
			e = expiry(r.ExpiresAt.UnixMicro())
		}
		writes[i] = mongo.NewUpdateOneModel().
			SetUpsert(true).
			SetFilter(bson.D{{Key: "_id", Value: revocationKey{Kind: kinds[r.Kind], ID: r.ID}}}).
			SetUpdate(bson.D{{Key: "$max", Value: bson.D{
				{Key: "before_micros", Value: optional(r.Before)},
				{Key: "expire_micros", Value: e.Micros},
				{Key: "expire_at", Value: e.At},
			}}})
	}
	_, err := s.revocations.BulkWrite(ctx, writes)
	for mongodb.IsDuplicate(err) { // somebody inserted one of them at the same time: now it is there
		_, err = s.revocations.BulkWrite(ctx, writes)
	}
	return mongodb.Fault(err)
}
