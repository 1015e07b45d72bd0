package redis

import (
	"context"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	"github.com/inframind/inframind/pkg/errs"
)

// Fault turns what the client says into the typed error of whoever asked: away is
// what it means for them that Redis cannot be used. If the caller's context has
// ended, that is the error: it says nothing about Redis.
func Fault(ctx context.Context, err error, away *errs.Error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("redis: %w", ctx.Err())
	default:
		return away.Wrap(err)
	}
}

// explain says in the words of an operator why the server cannot be used at start.
func explain(err error) error {
	for prefix, meaning := range map[string]string{
		"WRONGPASS": "it refuses the user name or the password",
		"NOAUTH":    "it wants a password; set INFRA_MIND_REDIS_PASSWORD",
		"NOPERM":    "the user lacks a right",
		"LOADING":   "it is still loading its data",
	} {
		if goredis.HasErrorPrefix(err, prefix) {
			return fmt.Errorf("%s: %w", meaning, err)
		}
	}
	return err
}
