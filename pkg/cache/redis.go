package cache

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	goredis "github.com/redis/go-redis/v9"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis"
)

// redisPrefix begins every key. Each operation is on one key, so a cluster may spread
// them.
const redisPrefix = redis.Prefix + "cache:"

const (
	// rest is how long a server that did not answer is not asked: a request that can
	// do without it should not wait for it, and all those after it even less.
	rest = time.Second

	// warnEvery keeps a log readable while the server is away.
	warnEvery = time.Minute
)

// Redis is the Cache of several processes together.
type Redis struct {
	client *redis.Client
	clock  clockwork.Clock
	log    *slog.Logger

	restUntil, warnAfter atomic.Int64 // by the clock, in nanoseconds since 1970
}

// NewRedis returns a cache in Redis. It logs when that is away.
func NewRedis(client *redis.Client, clock clockwork.Clock, log *slog.Logger) *Redis {
	return &Redis{client: client, clock: clock, log: log}
}

// Get implements Cache.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, bool) {
	if r.resting() {
		return nil, false
	}
	value, err := r.client.Get(ctx, redisPrefix+key).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, false
	}
	r.note(ctx, err)
	return value, err == nil
}

// Set implements Cache.
func (r *Redis) Set(ctx context.Context, key string, value []byte, ttl time.Duration) {
	if r.resting() {
		return
	}
	if ttl < time.Millisecond || len(value) > MaxValue {
		r.note(ctx, r.client.Del(ctx, redisPrefix+key).Err())
		return
	}
	r.note(ctx, r.client.Set(ctx, redisPrefix+key, value, ttl).Err())
}

// Delete implements Cache. It asks the server even while others do without it.
func (r *Redis) Delete(ctx context.Context, key string) error {
	err := r.client.Del(ctx, redisPrefix+key).Err()
	return redis.Fault(ctx, err, errs.Unavailable("CACHE_UNAVAILABLE", "the cache cannot be reached now", time.Second))
}

func (r *Redis) resting() bool { return r.clock.Now().UnixNano() < r.restUntil.Load() }

// note remembers what an error says about the server. One that answered, if only that
// it is full, need not rest.
func (r *Redis) note(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	now := r.clock.Now()
	if _, answered := errors.AsType[goredis.Error](err); !answered {
		r.restUntil.Store(now.Add(rest).UnixNano())
	}
	after := r.warnAfter.Load()
	if now.UnixNano() >= after && r.warnAfter.CompareAndSwap(after, now.Add(warnEvery).UnixNano()) {
		r.log.WarnContext(ctx, "the cache is away, and is done without", "err", err)
	}
}
