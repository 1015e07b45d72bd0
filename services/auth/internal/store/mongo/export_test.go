//go:build mongo

package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Query is what is asked of a collection, and the index that answers it.
type Query struct {
	Collection, Index string
	Filter            bson.D
}

// Queries are those by another index than that on _id.
func Queries() []Query {
	now := time.Now()
	return []Query{
		{accounts, byEmail, bson.D{{Key: "email", Value: "ada@example.com"}}},
		{sessions, byExpireAt, expired(now)},
		{refreshTokens, byExpireAt, expired(now)},
		{revocations, byExpireAt, expired(now)},
		{revocations, byExpireAt, unexpired(now)},
		{signingKeys, byKeyID, bson.D{{Key: "key_id", Value: "a"}, {Key: "sealed", Value: []byte("a")}}},
	}
}
