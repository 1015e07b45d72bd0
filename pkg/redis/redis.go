// Package redis opens the connection that limits, revocations and caches share when
// several processes count, revoke and cache together.
//
// Nothing lives only in Redis, yet while a revocation is in there it must stay: the
// server is refused if it may evict keys to make room.
//
// Every operation of the platform is one round trip on keys of one slot, so it runs
// the same on a single server, behind sentinels and in a cluster. All keys begin
// with Prefix. A user with these rights can do everything that is done here:
//
//	+ping +info +time +get +set +del +eval +evalsha ~inframind:*
//
// and in a cluster also +cluster|slots.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
)

// Prefix is what every key begins with.
const Prefix = "inframind:"

// Client is the connections to Redis. It may be used by several goroutines.
type Client struct{ goredis.UniversalClient }

// Open connects, and refuses a server that cannot be used: one that does not answer,
// does not know the user, or may evict keys. No error contains a secret.
func Open(ctx context.Context, c Config, tracer trace.TracerProvider) (*Client, error) {
	if faults := append(c.TLS.Validate(), c.Validate()...); len(faults) > 0 {
		return nil, &config.Faults{List: faults}
	}
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	// Its own log is a line of plain text for every failed dial, amid our JSON. Whatever
	// goes wrong is returned to the caller as well.
	logging.Disable()
	client := &Client{goredis.NewUniversalClient(options)}
	client.AddHook(newSpans(tracer))
	if err := requireNoEviction(ctx, client.UniversalClient); err != nil {
		where := strings.Join(c.addresses(), ", ")
		return nil, errors.Join(fmt.Errorf("redis at %s: %w", where, explain(err)), client.Close())
	}
	return client, nil
}

// Ready says whether Redis answers now.
func (c *Client) Ready(ctx context.Context) error {
	return Fault(ctx, c.Ping(ctx).Err(), errs.Unavailable("REDIS_UNAVAILABLE", "Redis cannot be reached now", time.Second))
}
