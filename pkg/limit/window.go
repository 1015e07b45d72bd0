package limit

import "time"

// usage is what one counter holds at one moment. Times are in milliseconds and all
// arithmetic is whole numbers, so that another implementation can agree exactly.
type usage struct {
	previous, current int64 // requests in the fixed window before, and in this one
	elapsed, window   int64 // how far this one has come, of how much
}

// fits says whether one more request is within the limit.
func (u usage) fits(requests int64) bool {
	return u.weighted()+u.window <= requests*u.window
}

// weighted is the sliding window's requests, times the window.
func (u usage) weighted() int64 {
	return u.previous*(u.window-u.elapsed) + u.current*u.window
}

func (u usage) remaining(requests int64) int64 {
	return max(0, requests*u.window-u.weighted()) / u.window
}

// retryAfter is when one more request fits, if nothing else comes in between.
func (u usage) retryAfter(requests int64) int64 {
	if u.fits(requests) {
		return 0
	}
	if u.current < requests {
		return fadesTo(u.previous, requests-u.current-1, u.window) - u.elapsed
	}
	return u.window - u.elapsed + fadesTo(u.current, requests-1, u.window)
}

// fadesTo is how far a window must have come until the one before it, with that
// many requests, weighs no more than room.
func fadesTo(previous, room, window int64) int64 {
	if previous <= room {
		return 0
	}
	return window - room*window/previous
}

// resetAfter is when the counter is back at nothing.
func (u usage) resetAfter() int64 {
	switch {
	case u.current > 0:
		return 2*u.window - u.elapsed
	case u.previous > 0:
		return u.window - u.elapsed
	default:
		return 0
	}
}

func (u usage) result(c Check, allowed bool) Result {
	r := Result{
		Allowed:    allowed,
		Limit:      c.Requests,
		Remaining:  int(u.remaining(int64(c.Requests))),
		ResetAfter: time.Duration(u.resetAfter()) * time.Millisecond,
		Check:      c,
	}
	if !allowed {
		r.RetryAfter = time.Duration(u.retryAfter(int64(c.Requests))) * time.Millisecond
	}
	return r
}
