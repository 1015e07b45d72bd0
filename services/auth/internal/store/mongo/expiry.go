package mongo

import (
	"context"
	"fmt"
	"math"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/inframind/inframind/pkg/mongodb"
)

// Expiry is a moment twice: exactly, and as a date, by whose index what has expired is
// found. A date has no microseconds; stored and asked for they are cut off alike.
type Expiry struct {
	Micros int64     `bson:"expire_micros"`
	At     time.Time `bson:"expire_at"`
}

// never is the expiry of what does not expire. It has a date as well, so that $max
// makes the longer of two out of both fields alike.
const never = math.MaxInt64

var neverDate = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func expiry(micros int64) Expiry {
	if micros == never {
		return Expiry{Micros: never, At: neverDate}
	}
	return Expiry{Micros: micros, At: instant(micros)}
}

// expired finds what has expired by a moment, by byExpireAt: narrowed by the date,
// and then decided exactly.
func expired(at time.Time) bson.D {
	return bson.D{
		{Key: "expire_at", Value: bson.D{{Key: "$lte", Value: at}}},
		{Key: "expire_micros", Value: bson.D{{Key: "$lte", Value: at.UnixMicro()}}},
	}
}

// unexpired finds, by byExpireAt, what is not known to have expired by a moment; the
// last millisecond is left to the caller. What has no date, or a damaged one, is among
// it.
func unexpired(at time.Time) bson.D {
	return bson.D{{Key: "expire_at", Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$lt", Value: at}}}}}}
}

// dropAtOnce bounds how many expired documents of a collection one call drops. It is
// more than a call adds, so what has expired does not pile up, and few enough that
// nobody waits for it.
const dropAtOnce = 16

// drop deletes some of what has expired at a moment. The call that does it has done
// its own work by then, and does not fail for this: the next one drops the more.
func (s *Store) drop(ctx context.Context, at time.Time, from ...*mongo.Collection) {
	for _, c := range from {
		if err := dropSome(ctx, c, at); err != nil {
			s.log.WarnContext(ctx, "expired documents could not be dropped", "collection", c.Name(), "error", err)
		}
	}
}

func dropSome(ctx context.Context, from *mongo.Collection, at time.Time) error {
	rows, err := from.Find(ctx, expired(at), options.Find().
		SetSort(bson.D{{Key: "expire_at", Value: 1}}).
		SetLimit(dropAtOnce).
		SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return mongodb.Fault(err)
	}
	var found []struct {
		ID bson.RawValue `bson:"_id"`
	}
	if err := rows.All(ctx, &found); err != nil {
		return fmt.Errorf("list expired documents: %w", mongodb.Fault(err))
	}
	if len(found) == 0 {
		return nil
	}
	ids := make(bson.A, len(found))
	for i, f := range found {
		ids[i] = f.ID
	}
	// One may have been prolonged since it was found.
	filter := append(bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}, expired(at)...)
	_, err = from.DeleteMany(ctx, filter)
	return mongodb.Fault(err)
}
