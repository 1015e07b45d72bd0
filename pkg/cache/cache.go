// Package cache keeps values that are cheap to lose: Local for one process and any
// type, Cache for bytes that several processes may share, and Summaries, which never
// shows an owner anything older than their last write.
package cache

import (
	"context"
	"time"
)

// MaxValue is how many bytes a value may have. Larger ones are not kept: the store
// that they would fill holds more important things.
const MaxValue = 64 << 10

// Cache keeps small values for a time. Its methods may be called at the same time.
//
// A cache that is away fails nobody's request: there is nothing in it, and what is
// set is not kept. For that reason nothing may depend on a value being gone. What can
// become wrong must be under a key that is not asked for any more once it is, as
// Summaries has it.
type Cache interface {
	// Get returns what was set for the key and is still there. It is the caller's.
	Get(ctx context.Context, key string) ([]byte, bool)

	// Set keeps a value for ttl, or nothing if that is not positive.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)

	// Delete forgets a key. It is errs.KindUnavailable when the key may still be there.
	Delete(ctx context.Context, key string) error
}
