// Package clock rounds the time to what every store gives back.
package clock

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// Now is c's time in UTC, cut to whole microseconds and without the monotonic
// reading. Stores keep microseconds: a finer time would come back as another one,
// and an etag or a comparison made from it would not match any more.
func Now(c clockwork.Clock) time.Time {
	return c.Now().UTC().Truncate(time.Microsecond)
}
