package cache_test

import (
	"testing"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/cache/cachetest"
)

func TestMemory(t *testing.T) {
	cachetest.Run(t, func() (cache.Cache, cachetest.Pass) {
		clock := clockwork.NewFakeClock()
		return cache.NewMemory(1000, clock), clock.Advance
	})
}
