package mongodb

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/inframind/inframind/pkg/errs"
)

// Fault turns what the driver says into a typed error whose text is safe to show.
//
// Not touched are: nil, an error that is typed already, the end of a context,
// mongo.ErrNoDocuments, a taken key, and a command that the server refuses as such.
// The last three are answers, which the store must translate; one that it does not
// expect is a bug and not a database that is away.
func Fault(err error) error {
	var typed *errs.Error
	switch {
	case err == nil,
		errors.As(err, &typed),
		errors.Is(err, context.Canceled),
		outOfTime(err),
		errors.Is(err, mongo.ErrNoDocuments),
		IsDuplicate(err),
		refusedCommand(err):
		return err
	case errors.Is(err, driver.ErrDeadlineWouldBeExceeded):
		return errs.Deadline("the request took too long").Wrap(err)
	}
	return errs.Unavailable("STORAGE_UNAVAILABLE", "the storage cannot be used now", time.Second).Wrap(err)
}

// outOfTime says whether the caller's time is up. A search for a server, and the
// wait for a connection to one, have a time of their own, whose end the driver
// reports in the same words.
func outOfTime(err error) bool {
	var (
		search topology.ServerSelectionError
		queue  topology.WaitQueueTimeoutError
	)
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &search) && !errors.As(err, &queue)
}

// IsDuplicate says whether err is of a document whose _id or unique key is taken,
// by an insertion or by a change.
func IsDuplicate(err error) bool { return mongo.IsDuplicateKeyError(err) }

// refusedCodes are a server's words for a command that is wrong and stays wrong.
var refusedCodes = []int{
	2,     // bad value
	9,     // failed to parse
	14,    // type mismatch
	66,    // immutable field
	10334, // document too large
}

func refusedCommand(err error) bool {
	var refused mongo.ServerError
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range refusedCodes {
		if refused.HasErrorCode(code) {
			return true
		}
	}
	return false
}
