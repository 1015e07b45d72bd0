package token

import (
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
)

// fetchEvery is the least time between two fetches. Anyone can make up a key's ID;
// that must not make everyone ask auth.
const fetchEvery = 10 * time.Second

// JWKS is the KeySource of the services that are not auth: its published keys,
// fetched when a token names one that is not known yet.
type JWKS struct {
	fetch func(ctx context.Context) (map[string]ed25519.PublicKey, error)
	clock clockwork.Clock

	mu   sync.RWMutex
	keys map[string]ed25519.PublicKey

	turn    chan struct{} // holds one element while somebody fetches
	fetched time.Time     // when the last fetch ended; guarded by turn
}

// NewJWKS returns a key source that has no keys until it is asked for one.
func NewJWKS(fetch func(ctx context.Context) (map[string]ed25519.PublicKey, error), clock clockwork.Clock) *JWKS {
	return &JWKS{fetch: fetch, clock: clock, turn: make(chan struct{}, 1)}
}

// Key implements KeySource. While auth is away the keys that are known go on
// working; only a service that never had any is Unavailable.
func (j *JWKS) Key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	if key, ok := j.known(kid); ok {
		return key, nil
	}
	select {
	case j.turn <- struct{}{}:
		defer func() { <-j.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// Whoever had the turn before may have brought the key.
	if key, ok := j.known(kid); ok {
		return key, nil
	}
	var fault error
	if wait := j.wait(); wait <= 0 {
		fault = j.refresh(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if key, ok := j.known(kid); ok {
			return key, nil
		}
	}
	if !j.any() {
		unavailable := errs.Unavailable("KEYS_UNAVAILABLE", "access tokens cannot be verified now", max(j.wait(), time.Second))
		return nil, unavailable.Wrap(fault)
	}
	return nil, errs.NotFound("key", kid)
}

// refresh replaces the keys by those that auth has now. A caller who went away
// while fetching does not count as a fetch: the next in turn tries.
func (j *JWKS) refresh(ctx context.Context) error {
	keys, err := j.fetch(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	j.fetched = j.clock.Now()
	if err != nil || len(keys) == 0 {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keys = keys
	return nil
}

// wait is how long it is until the next fetch is due.
func (j *JWKS) wait() time.Duration {
	if j.fetched.IsZero() {
		return 0
	}
	return j.fetched.Add(fetchEvery).Sub(j.clock.Now())
}

func (j *JWKS) known(kid string) (ed25519.PublicKey, bool) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	key, ok := j.keys[kid]
	return key, ok
}

func (j *JWKS) any() bool {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return len(j.keys) > 0
}
