package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

type signingKeyDocument struct {
	Generation   int64  `bson:"_id"` // so that one process makes each
	KeyID        string `bson:"key_id"`
	Sealed       []byte `bson:"sealed"`
	CreateMicros int64  `bson:"create_micros"`
}

// SigningKeys implements signingkey.Store. They are few: one in a quarter of a year.
func (s *Store) SigningKeys(ctx context.Context) ([]signingkey.Record, error) {
	rows, err := s.signingKeys.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, mongodb.Fault(err)
	}
	defer func() { _ = rows.Close(ctx) }() // rows.Err says what went wrong
	var records []signingkey.Record
	for rows.Next(ctx) {
		d, err := mongodb.Decode[signingKeyDocument](rows.Current)
		if err != nil {
			return nil, fmt.Errorf("stored signing key %s: %w", rows.Current.Lookup("_id"), err)
		}
		records = append(records, signingkey.Record{
			ID: d.KeyID, Generation: int(d.Generation), Sealed: d.Sealed, CreateTime: instant(d.CreateMicros),
		})
	}
	return records, mongodb.Fault(rows.Err())
}

// ClaimSigningKey implements signingkey.Store.
func (s *Store) ClaimSigningKey(ctx context.Context, r signingkey.Record) error {
	_, err := s.signingKeys.InsertOne(ctx, signingKeyDocument{
		Generation: int64(r.Generation), KeyID: r.ID, Sealed: r.Sealed, CreateMicros: r.CreateTime.UnixMicro(),
	})
	if !mongodb.IsDuplicate(err) {
		return mongodb.Fault(err)
	}
	// The generation is taken, which is as good, or the ID by another generation.
	found := s.signingKeys.FindOne(ctx, bson.D{{Key: "_id", Value: int64(r.Generation)}}).Err()
	if errors.Is(found, mongo.ErrNoDocuments) {
		return err
	}
	return mongodb.Fault(found)
}

// ResealSigningKey implements signingkey.Store. It is answered by byKeyID.
func (s *Store) ResealSigningKey(ctx context.Context, id string, from, to []byte) error {
	_, err := s.signingKeys.UpdateOne(ctx,
		bson.D{{Key: "key_id", Value: id}, {Key: "sealed", Value: from}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "sealed", Value: to}}}})
	return mongodb.Fault(err)
}
