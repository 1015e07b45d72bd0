package redis

import (
	"context"
	"fmt"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// requireNoEviction asks every master for its policy by INFO and not by CONFIG GET:
// it says the same, and hosted servers and careful access lists refuse CONFIG. A
// server that does not say is refused too.
func requireNoEviction(ctx context.Context, client goredis.UniversalClient) error {
	if cluster, ok := client.(*goredis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
			return requireNoEvictionOf(ctx, master)
		})
	}
	return requireNoEvictionOf(ctx, client)
}

func requireNoEvictionOf(ctx context.Context, server goredis.Cmdable) error {
	info, err := server.Info(ctx, "memory").Result()
	if err != nil {
		return err
	}
	if policy := infoField(info, "maxmemory_policy"); policy != "noeviction" {
		return fmt.Errorf("its maxmemory-policy is %q and must be noeviction: a revocation that is evicted would let a token back in", policy)
	}
	return nil
}

// infoField is a line of what INFO says; "" if it is not there.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
