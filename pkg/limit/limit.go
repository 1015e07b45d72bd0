// Package limit counts requests against sliding-window rate limits.
//
// The window slides by weighting two fixed ones: with a limit of 100 a minute, 40
// seconds into a minute, the requests of the minute before count a third. That
// needs two numbers a key, and refuses at most as if the earlier requests had been
// spread evenly.
package limit

import (
	"context"
	"fmt"
	"time"
)

// Check is one limit for one key.
type Check struct {
	Key      string        // who and what is counted; with the window it names the counter
	Requests int           // how many are allowed
	Window   time.Duration // within this time; whole milliseconds
}

// Result is the outcome of all checks of a take, told by the tightest of them: of
// the refusing checks the one that refuses longest, else the one with the least
// remaining.
type Result struct {
	Allowed    bool
	Limit      int           // Check.Requests; 0: there is no limit
	Remaining  int           // how many more would be allowed now
	ResetAfter time.Duration // until all of Limit would be allowed again
	RetryAfter time.Duration // when refused: until one more would be allowed
	Check      Check
}

// Limiter counts. Its methods may be called at the same time.
type Limiter interface {
	// Take counts one request against every check, or, when a check refuses it,
	// against none. A counter named by several checks counts it once.
	Take(ctx context.Context, checks ...Check) (Result, error)
}

// Validate says what is wrong with a check that cannot be counted.
func (c Check) Validate() error {
	switch {
	case c.Key == "":
		return fmt.Errorf("limit: a check without a key")
	case c.Requests < 1:
		return fmt.Errorf("limit: %d requests for %q", c.Requests, c.Key)
	case c.Window < time.Millisecond || c.Window%time.Millisecond != 0:
		return fmt.Errorf("limit: window %s for %q", c.Window, c.Key)
	}
	return nil
}

// Unlimited returns the limiter that lets everything through.
func Unlimited() Limiter { return unlimited{} }

type unlimited struct{}

func (unlimited) Take(context.Context, ...Check) (Result, error) {
	return Result{Allowed: true}, nil
}

// tighter says whether a tells the caller more than b.
func (a Result) tighter(b Result) bool {
	switch {
	case a.Allowed != b.Allowed:
		return !a.Allowed
	case !a.Allowed && a.RetryAfter != b.RetryAfter:
		return a.RetryAfter > b.RetryAfter
	case a.Remaining != b.Remaining:
		return a.Remaining < b.Remaining
	default:
		return a.ResetAfter > b.ResetAfter
	}
}
