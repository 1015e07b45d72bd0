package mongo

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/pkg/mongodb"
)

// The collections. Both may be sharded by owner: it is in every filter of a request
// and leads the indexes that requests use, and an _id begins with it, so that it is
// unique over all shards.
const (
	assessments   = "assessments"
	pastRevisions = "past_revisions"
)

// The indexes beside those on _id.
const (
	byAge          = "by_age"
	byStatusAndAge = "by_status_and_age"
	byPurging      = "by_purging"
	byLife         = "by_life"
)

var schema = mongodb.Schema{Version: 1, Indexes: []mongodb.Index{
	// In the order in which lists are read, and without what was deleted.
	{
		Collection: assessments, Name: byAge,
		Keys:  bson.D{{Key: "owner", Value: 1}, {Key: "created_micros", Value: -1}, {Key: "_id.id", Value: -1}},
		Where: bson.D{{Key: "deleted", Value: false}},
	},
	{
		Collection: assessments, Name: byStatusAndAge,
		Keys:  bson.D{{Key: "owner", Value: 1}, {Key: "status", Value: 1}, {Key: "created_micros", Value: -1}, {Key: "_id.id", Value: -1}},
		Where: bson.D{{Key: "deleted", Value: false}},
	},
	// Nearly always empty: what crashes left of deletions.
	{
		Collection: assessments, Name: byPurging,
		Keys:  bson.D{{Key: "purging", Value: 1}},
		Where: bson.D{{Key: "purging", Value: true}},
	},
	{
		Collection: pastRevisions, Name: byLife,
		Keys: bson.D{{Key: "owner", Value: 1}, {Key: "_id.born", Value: 1}},
	},
}}
