package limit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"
	goredis "github.com/redis/go-redis/v9"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis"
)

// redisPrefix begins every counter's key. Any two counters may be taken together, so
// a cluster must have all of them in one slot: hence one tag.
const redisPrefix = redis.Prefix + "{limit}:"

// Redis is the Limiter of several processes together. A take is one round trip.
//
// The time is the server's, so that gateways whose clocks differ count in the same
// windows. A counter goes by itself when it counts nothing any more, and a refused
// take makes none.
//
// When the server cannot be asked, Take is errs.KindUnavailable. A take whose answer
// got lost may have been counted, and is counted again when it is tried again: that
// can refuse too early, never too late. A server that was restarted empty starts
// from nothing.
type Redis struct {
	client *redis.Client
	clock  clockwork.Clock // nil: the server's
}

// RedisOption changes how NewRedis counts.
type RedisOption func(*Redis)

// WithClock counts by a clock of the process, for tests on a server whose time
// cannot be set.
func WithClock(clock clockwork.Clock) RedisOption { return func(r *Redis) { r.clock = clock } }

// NewRedis returns a limiter that counts in Redis.
func NewRedis(client *redis.Client, opts ...RedisOption) *Redis {
	r := &Redis{client: client}
	for _, opt := range opts {
		opt(r)
	}
	return r
}

// take counts once in each of KEYS, or in none. A counter is the number of its fixed
// window, the requests of the window before, and its own, as usage has them.
//
// ARGV is the time in milliseconds, or nothing for the server's; then for each key
// the length of its window and the fewest requests that a check of it allows. The
// reply is 1 or 0 for allowed, then for each key the requests before and now, and how
// far the window has come.
var take = goredis.NewScript(`
local now = tonumber(ARGV[1])
if not now then
	local time = redis.call('TIME')
	now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local counters, allowed = {}, 1
for i, key in ipairs(KEYS) do
	local window, requests = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
	local c = {index = math.floor(now / window), elapsed = now % window, previous = 0, current = 0}
	local held = redis.call('GET', key)
	if held then
		local index, previous, current = string.match(held, '^(%d+) (%d+) (%d+)$')
		index = tonumber(index)
		if index >= c.index then
			-- A time that stepped back finds the window at its beginning.
			if index > c.index then c.index, c.elapsed = index, 0 end
			c.previous, c.current = tonumber(previous), tonumber(current)
		elseif index == c.index - 1 then
			c.previous = tonumber(current)
		end
	end
	if c.previous * (window - c.elapsed) + c.current * window + window > requests * window then
		allowed = 0
	end
	counters[i] = c
end

local reply = {allowed}
for i, key in ipairs(KEYS) do
	local c = counters[i]
	if allowed == 1 then
		c.current = c.current + 1
		redis.call('SET', key, c.index .. ' ' .. c.previous .. ' ' .. c.current, 'PX', 2 * ARGV[2 * i] - c.elapsed)
	end
	reply[#reply + 1] = c.previous
	reply[#reply + 1] = c.current
	reply[#reply + 1] = c.elapsed
end
return reply
`)

// Take implements Limiter.
func (r *Redis) Take(ctx context.Context, checks ...Check) (Result, error) {
	for _, c := range checks {
		if err := c.Validate(); err != nil {
			return Result{}, err
		}
	}
	if len(checks) == 0 {
		return Result{Allowed: true}, nil
	}
	counters := distinct(checks)
	keys, args := make([]string, len(counters)), make([]any, 1, 1+2*len(counters))
	args[0] = r.now()
	for i, c := range counters {
		keys[i] = redisKey(c)
		args = append(args, c.Window.Milliseconds(), c.Requests)
	}
	reply, err := take.Run(ctx, r.client, keys, args...).Int64Slice()
	if err == nil && len(reply) != 1+3*len(counters) {
		err = fmt.Errorf("limit: %d numbers for %d counters", len(reply), len(counters))
	}
	if err != nil {
		return Result{}, redis.Fault(ctx, err, errs.Unavailable("RATE_LIMITS_UNAVAILABLE", "requests cannot be counted now", time.Second))
	}
	return outcome(checks, counters, reply[0] == 1, reply[1:]), nil
}

// now is empty for the server's time.
func (r *Redis) now() string {
	if r.clock == nil {
		return ""
	}
	return strconv.FormatInt(r.clock.Now().UnixMilli(), 10)
}

func redisKey(c Check) string {
	return redisPrefix + strconv.FormatInt(c.Window.Milliseconds(), 10) + ":" + c.Key
}

// distinct has each counter that the checks name once, with the fewest requests that
// one of them allows: the others allow what that one does.
func distinct(checks []Check) []Check {
	counters := make([]Check, 0, len(checks))
	for _, c := range checks {
		if i := counterOf(counters, c); i < 0 {
			counters = append(counters, c)
		} else {
			counters[i].Requests = min(counters[i].Requests, c.Requests)
		}
	}
	return counters
}

// outcome is the tightest of the checks' results. The numbers are three for each of
// the counters, as they are now.
func outcome(checks, counters []Check, allowed bool, numbers []int64) Result {
	var tightest Result
	for i, c := range checks {
		n := numbers[3*counterOf(counters, c):]
		u := usage{previous: n[0], current: n[1], elapsed: n[2], window: c.Window.Milliseconds()}
		if r := u.result(c, allowed || u.fits(int64(c.Requests))); i == 0 || r.tighter(tightest) {
			tightest = r
		}
	}
	return tightest
}
