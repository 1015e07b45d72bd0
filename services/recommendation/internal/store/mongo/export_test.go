//go:build mongo

package mongo

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

// Lists are the filters of the first page of a list and of a later one.
var Lists = []bson.D{
	list("ann", "asm_1", answer.Cursor{}),
	list("ann", "asm_1", answer.Cursor{CreateTime: time.Unix(1, 0), ID: "rec_1"}),
}
