package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/services/auth/internal/session"
)

type sessionDocument struct {
	ID           string           `bson:"_id"`
	AccountID    string           `bson:"account_id"`
	Current      string           `bson:"current"` // hex SHA-256 of the one refresh token that works
	CreateMicros int64            `bson:"create_micros"`
	EndMicros    int64            `bson:"end_micros"` // 0: not ended
	Expiry       `bson:",inline"` // of the current token
}

// tokenDocument is a refresh token that a session has or had, so that a second use
// is seen.
type tokenDocument struct {
	Hash      string `bson:"_id"` // hex SHA-256
	SessionID string `bson:"session_id"`
	Expiry    `bson:",inline"`
}

// OpenSession implements session.Store.
func (s *Store) OpenSession(ctx context.Context, o session.Session) error {
	if err := s.keepToken(ctx, o); err != nil {
		return err
	}
	_, err := s.sessions.InsertOne(ctx, sessionDocument{
		ID:           o.ID,
		AccountID:    o.AccountID,
		Current:      encodeHash(o.Current),
		CreateMicros: o.CreateTime.UnixMicro(),
		EndMicros:    optional(o.EndTime),
		Expiry:       expiry(o.ExpireTime.UnixMicro()),
	})
	if err != nil {
		return mongodb.Fault(err)
	}
	s.drop(ctx, o.CreateTime, s.refreshTokens, s.sessions)
	return nil
}

// keepToken keeps the token that a session has, or will have.
func (s *Store) keepToken(ctx context.Context, of session.Session) error {
	_, err := s.refreshTokens.InsertOne(ctx, tokenDocument{
		Hash: encodeHash(of.Current), SessionID: of.ID, Expiry: expiry(of.ExpireTime.UnixMicro()),
	})
	return mongodb.Fault(err)
}

// SessionByRefreshToken implements session.Store.
func (s *Store) SessionByRefreshToken(ctx context.Context, h session.TokenHash) (session.Session, error) {
	raw, err := s.refreshTokens.FindOne(ctx, bson.D{{Key: "_id", Value: encodeHash(h)}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return session.Session{}, errs.NotFound("session", "")
	}
	if err != nil {
		return session.Session{}, mongodb.Fault(err)
	}
	t, err := mongodb.Decode[tokenDocument](raw)
	if err != nil {
		return session.Session{}, fmt.Errorf("stored refresh token: %w", err)
	}
	raw, err = s.sessions.FindOne(ctx, bson.D{{Key: "_id", Value: t.SessionID}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) { // dropped, or not there yet
		return session.Session{}, errs.NotFound("session", "")
	}
	if err != nil {
		return session.Session{}, mongodb.Fault(err)
	}
	found, err := mongodb.Decode[sessionDocument](raw)
	if err != nil {
		return session.Session{}, fmt.Errorf("stored session %s: %w", t.SessionID, err)
	}
	current, err := decodeHash(found.Current)
	if err != nil {
		return session.Session{}, fmt.Errorf("stored session %s: %w", t.SessionID, err)
	}
	return session.Session{
		ID:         found.ID,
		AccountID:  found.AccountID,
		Current:    current,
		CreateTime: instant(found.CreateMicros),
		ExpireTime: instant(found.Micros),
		EndTime:    fromOptional(found.EndMicros),
	}, nil
}

// RotateRefreshToken implements session.Store.
func (s *Store) RotateRefreshToken(ctx context.Context, used session.TokenHash, next session.Session, at time.Time) (bool, error) {
	if err := s.keepToken(ctx, next); err != nil {
		return false, err
	}
	e := expiry(next.ExpireTime.UnixMicro())
	done, err := s.sessions.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: next.ID}, {Key: "current", Value: encodeHash(used)}, notEnded},
		bson.D{{Key: "$set", Value: bson.D{
			{Key: "current", Value: encodeHash(next.Current)},
			{Key: "expire_micros", Value: e.Micros},
			{Key: "expire_at", Value: e.At},
		}}})
	if err != nil {
		return false, mongodb.Fault(err) // it may have been done: the token must stay
	}
	if done.MatchedCount == 0 {
		_, err := s.refreshTokens.DeleteOne(ctx, bson.D{{Key: "_id", Value: encodeHash(next.Current)}})
		return false, mongodb.Fault(err)
	}
	s.drop(ctx, at, s.refreshTokens)
	return true, nil
}

var notEnded = bson.E{Key: "end_micros", Value: int64(0)}

// EndSession implements session.Store.
func (s *Store) EndSession(ctx context.Context, id string, at time.Time, rs []revocation.Entry) error {
	if err := s.keepRevocations(ctx, rs); err != nil {
		return err
	}
	_, err := s.sessions.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: id}, notEnded},
		bson.D{{Key: "$set", Value: bson.D{{Key: "end_micros", Value: at.UnixMicro()}}}})
	if err != nil {
		return mongodb.Fault(err)
	}
	s.drop(ctx, at, s.revocations)
	return nil
}
