// Package storetest is what every store of the service must do, also when many use
// it at the same time.
package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

// Store is all that the service keeps.
type Store interface {
	account.Store
	session.Store
	signingkey.Store
}

// writers is how many come at the same time.
const writers = 16

// start is a moment with microseconds, the finest that a store gives back. It is far
// ahead, since a database may let go what has expired by its own clock.
var start = time.Date(2126, 5, 4, 3, 2, 1, 234567000, time.UTC)

// Run runs the suite. newStore returns an empty store, which the test's end closes.
func Run(t *testing.T, newStore func(t *testing.T) Store) {
	t.Helper()
	for _, suite := range []struct {
		name  string
		tests map[string]func(t *testing.T, s Store)
	}{
		{"accounts", accounts},
		{"sessions", sessions},
		{"revocations", revocations},
		{"signing keys", signingKeys},
	} {
		for name, test := range suite.tests {
			t.Run(suite.name+"/"+name, func(t *testing.T) { test(t, newStore(t)) })
		}
	}
}

// together runs f for every writer at once and returns how often it said true.
func together(t *testing.T, f func(writer int) (bool, error)) int {
	t.Helper()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		count int
		begin = make(chan struct{})
	)
	for i := range writers {
		wg.Go(func() {
			<-begin
			ok, err := f(i)
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
			if ok {
				mu.Lock()
				defer mu.Unlock()
				count++
			}
		})
	}
	close(begin)
	wg.Wait()
	return count
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("error %v, want kind %v", err, kind)
	}
}
