package cache

import (
	"bytes"
	"context"
	"time"

	"github.com/jonboulle/clockwork"
)

// Memory is the Cache of a single process.
type Memory struct{ values *Local[string, []byte] }

// NewMemory returns an empty cache for about maxEntries values.
func NewMemory(maxEntries int, clock clockwork.Clock) *Memory {
	return &Memory{NewLocal[string, []byte](maxEntries, clock)}
}

// Get implements Cache.
func (m *Memory) Get(_ context.Context, key string) ([]byte, bool) {
	value, ok := m.values.Get(key)
	return bytes.Clone(value), ok
}

// Set implements Cache.
func (m *Memory) Set(_ context.Context, key string, value []byte, ttl time.Duration) {
	if len(value) > MaxValue {
		ttl = 0
	}
	m.values.Set(key, append([]byte{}, value...), ttl)
}

// Delete implements Cache.
func (m *Memory) Delete(_ context.Context, key string) error {
	m.values.Delete(key)
	return nil
}
