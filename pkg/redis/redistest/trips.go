package redistest

import (
	"context"
	"sync/atomic"

	goredis "github.com/redis/go-redis/v9"

	"github.com/inframind/inframind/pkg/redis"
)

// CountTrips counts how often the client waits for an answer from now on.
func CountTrips(client *redis.Client) *atomic.Int64 {
	t := &trips{}
	client.AddHook(t)
	return &t.n
}

type trips struct{ n atomic.Int64 }

// DialHook implements redis.Hook.
func (*trips) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (t *trips) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (t *trips) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		t.n.Add(1)
		return next(ctx, cmds)
	}
}
