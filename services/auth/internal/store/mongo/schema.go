package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/mongodb"
)

// The collections. An account owns itself, so accounts are found by their _id, and
// the others by what a caller shows: each may be sharded by its _id, but for accounts,
// whose addresses must be unique over all.
const (
	accounts      = "accounts"
	sessions      = "sessions"
	refreshTokens = "refresh_tokens"
	revocations   = "revocations"
	signingKeys   = "signing_keys"
)

// The indexes beside those on _id.
const (
	byEmail    = "by_email"
	byExpireAt = "by_expire_at"
	byKeyID    = "by_key_id"
)

// serverMargin is how long after its expiry the server lets a document be. A call
// drops what has expired by the service's clock; by then nobody looks at it by any
// clock that is less than this behind.
const serverMargin = time.Hour

var schema = mongodb.Schema{Version: 1, Indexes: []mongodb.Index{
	{Collection: accounts, Name: byEmail, Keys: bson.D{{Key: "email", Value: 1}}, Unique: true},
	{Collection: sessions, Name: byExpireAt, Keys: bson.D{{Key: "expire_at", Value: 1}}, ExpireAfter: serverMargin},
	{Collection: refreshTokens, Name: byExpireAt, Keys: bson.D{{Key: "expire_at", Value: 1}}, ExpireAfter: serverMargin},
	{Collection: revocations, Name: byExpireAt, Keys: bson.D{{Key: "expire_at", Value: 1}}, ExpireAfter: serverMargin},
	{Collection: signingKeys, Name: byKeyID, Keys: bson.D{{Key: "key_id", Value: 1}}, Unique: true},
}}
