package token_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/token"
)

// publisher stands for auth.
type publisher struct {
	keys    map[string]ed25519.PublicKey
	fault   error
	fetched atomic.Int32
	during  func(ctx context.Context) error
}

func (p *publisher) fetch(ctx context.Context) (map[string]ed25519.PublicKey, error) {
	p.fetched.Add(1)
	if p.during != nil {
		if err := p.during(ctx); err != nil {
			return nil, err
		}
	}
	return p.keys, p.fault
}

func (p *publisher) publish(kids ...string) {
	p.keys = map[string]ed25519.PublicKey{}
	for _, kid := range kids {
		p.keys[kid] = ed25519.PublicKey(kid)
	}
}

func TestKeysAreFetchedWhenOneIsNotKnown(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	keys := token.NewJWKS(auth.fetch, clock)
	for range 3 {
		if key, err := keys.Key(t.Context(), "a"); err != nil || string(key) != "a" {
			t.Fatalf("got %q, %v", key, err)
		}
	}
	if n := auth.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	auth.publish("b")
	clock.Advance(10 * time.Second)
	if _, err := keys.Key(t.Context(), "b"); err != nil {
		t.Errorf("a new key is not found: %v", err)
	}
	if _, err := keys.Key(t.Context(), "a"); !errs.Is(err, errs.KindNotFound) {
		t.Errorf("a key that is published no more: %v", err)
	}
}

func TestKeysThatNobodyHasAreFetchedOnceInTenSeconds(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	keys := token.NewJWKS(auth.fetch, clock)
	for second := range 20 {
		for _, kid := range []string{"x", "y"} {
			if _, err := keys.Key(t.Context(), kid); !errs.Is(err, errs.KindNotFound) {
				t.Fatalf("got %v", err)
			}
		}
		if n := auth.fetched.Load(); n != int32(second/10+1) {
			t.Fatalf("fetched %d times in %d s", n, second)
		}
		clock.Advance(time.Second)
	}
}

func TestKnownKeysGoOnWorkingWhileAuthIsAway(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	keys := token.NewJWKS(auth.fetch, clock)
	if _, err := keys.Key(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for name, away := range map[string]func(){
		"it fails":          func() { auth.keys, auth.fault = nil, errors.New("connection refused") },
		"it has no key yet": func() { auth.keys, auth.fault = nil, nil },
	} {
		away()
		clock.Advance(time.Hour)
		if _, err := keys.Key(t.Context(), "new"); !errs.Is(err, errs.KindNotFound) {
			t.Errorf("%s: an unknown key: %v", name, err)
		}
		if _, err := keys.Key(t.Context(), "a"); err != nil {
			t.Errorf("%s: the known key: %v", name, err)
		}
	}
}

func TestWithoutAnyKeyTheAnswerIsUnavailable(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{fault: errors.New("connection refused")}
	keys := token.NewJWKS(auth.fetch, clock)
	for _, wait := range []time.Duration{10 * time.Second, 6 * time.Second} {
		_, err := keys.Key(t.Context(), "a")
		e, ok := errs.From(err)
		if !ok || e.Kind != errs.KindUnavailable || e.RetryAfter != wait {
			t.Errorf("got %v (%+v), want unavailable for %v", err, e, wait)
		}
		clock.Advance(4 * time.Second)
	}
	if n := auth.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	auth.fault = nil
	auth.publish("a")
	clock.Advance(2 * time.Second)
	if _, err := keys.Key(t.Context(), "a"); err != nil {
		t.Errorf("when auth is back: %v", err)
	}
}

func TestCallersWhoComeTogetherShareOneFetch(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	waiting := make(chan struct{})
	auth.during = func(context.Context) error { <-waiting; return nil }
	keys := token.NewJWKS(auth.fetch, clock)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if _, err := keys.Key(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		})
	}
	close(waiting)
	callers.Wait()
	if n := auth.fetched.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

func TestACallerWhoGoesAwayLeavesTheFetchToTheNext(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	keys := token.NewJWKS(auth.fetch, clock)
	ctx, cancel := context.WithCancel(t.Context())
	auth.during = func(ctx context.Context) error { cancel(); return ctx.Err() }
	if _, err := keys.Key(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("the one who went away: %v", err)
	}
	auth.during = nil
	if _, err := keys.Key(t.Context(), "a"); err != nil {
		t.Errorf("the next: %v", err)
	}
}

func TestACallerWaitsNoLongerThanItsContext(t *testing.T) {
	clock, auth := clockwork.NewFakeClockAt(start), &publisher{}
	auth.publish("a")
	fetching, waiting := make(chan struct{}), make(chan struct{})
	auth.during = func(context.Context) error { close(fetching); <-waiting; return nil }
	keys := token.NewJWKS(auth.fetch, clock)
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := keys.Key(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	})
	<-fetching
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := keys.Key(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(waiting)
	first.Wait()
}
