package revocation_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/redis/redistest"
	"github.com/inframind/inframind/pkg/revocation"
)

// database is what auth has made durable. It can be away.
type database struct {
	mu      sync.Mutex
	entries []revocation.Entry
	away    bool
	loads   chan struct{} // receives after each load
}

func newDatabase(entries ...revocation.Entry) *database {
	return &database{entries: entries, loads: make(chan struct{}, 100)}
}

func (d *database) load(context.Context) ([]revocation.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { d.loads <- struct{}{} }()
	if d.away {
		return nil, errors.New("the database is away")
	}
	return d.entries, nil
}

func (d *database) set(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
}

// kept is a store on a server of its own, with Keep running.
type kept struct {
	*revocation.Redis
	mini  *redistest.Mini
	clock *clockwork.FakeClock
	log   *lines
}

func keep(t *testing.T, d *database) *kept {
	t.Helper()
	k := &kept{mini: redistest.NewMini(t), clock: clockwork.NewFakeClock(), log: &lines{come: make(chan string, 100)}}
	k.Redis = revocation.NewRedis(redistest.Open(t, k.mini), k.clock)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- revocation.Keep(ctx, k.Redis, d.load, k.clock, slog.New(slog.NewTextHandler(k.log, nil)))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Keep ended with %v", err)
		}
	})
	return k
}

// tick lets a check fall due.
func (k *kept) tick(t *testing.T) {
	t.Helper()
	if err := k.clock.BlockUntilContext(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	k.clock.Advance(time.Second)
}

// lines is a log whose lines can be waited for.
type lines struct{ come chan string }

func (l *lines) Write(line []byte) (int, error) {
	l.come <- string(line)
	return len(line), nil
}

func (l *lines) wait(t *testing.T, part string) {
	t.Helper()
	select {
	case line := <-l.come:
		if !strings.Contains(line, part) {
			t.Fatalf("the log says %q, not %q", line, part)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("the log never says %q", part)
	}
}

const (
	putBack = "were put back"
	inVain  = "cannot be put back"
)

func TestKeepPutsBackWhatWasFlushedAtItsNextCheck(t *testing.T) {
	k := keep(t, newDatabase(ended))
	k.tick(t)
	k.log.wait(t, putBack)
	k.mini.Flush()
	k.tick(t)
	k.log.wait(t, putBack)
	wantRevoked(t, k, asked, true)
	wantRevoked(t, k, other, false)
}

func TestKeepPutsBackAtOnceWhenALookUpFindsTheLoss(t *testing.T) {
	k := keep(t, newDatabase(ended))
	wantUnavailable(t, k, asked)
	k.log.wait(t, putBack) // the clock stands still
	wantRevoked(t, k, asked, true)
}

func TestKeepLoadsNothingWhileNothingIsLost(t *testing.T) {
	d := newDatabase(ended)
	k := keep(t, d)
	k.tick(t)
	k.log.wait(t, putBack)
	for range 5 {
		k.tick(t)
		wantRevoked(t, k, other, false)
	}
	if n := len(d.loads); n != 1 {
		t.Errorf("%d loads, want the first one only", n)
	}
}

func TestKeepTriesUntilTheDatabaseIsBackAndSaysSoOnce(t *testing.T) {
	d := newDatabase(ended)
	d.set(true)
	k := keep(t, d)
	wantUnavailable(t, k, asked)
	<-d.loads
	k.log.wait(t, inVain)
	for range 3 {
		for range 10 {
			wantUnavailable(t, k, asked) // which must not make it try more often
		}
		k.tick(t)
		<-d.loads
	}
	d.set(false)
	k.tick(t)
	k.log.wait(t, putBack)
	if n := len(d.loads); n != 1 {
		t.Errorf("%d loads more than one a tick", n-1)
	}
	wantRevoked(t, k, asked, true)
}

func TestKeepMakesKnownWhatCouldOnlyBeMadeDurable(t *testing.T) {
	d := newDatabase()
	k := keep(t, d)
	k.tick(t)
	k.log.wait(t, putBack)
	d.mu.Lock()
	d.entries = append(d.entries, ended)
	d.mu.Unlock()
	k.mini.Fail("OOM command not allowed when used memory > 'maxmemory'.")
	if err := k.Revoke(t.Context(), ended); err == nil {
		t.Fatal("a full server took a revocation")
	}
	k.log.wait(t, inVain)
	k.mini.Fail("")
	wantRevoked(t, k, asked, false) // nobody was told that it is
	k.tick(t)
	k.log.wait(t, putBack)
	wantRevoked(t, k, asked, true)
}

func TestKeepHasNothingToDoForAStoreInMemory(t *testing.T) {
	clock := clockwork.NewFakeClock()
	if err := revocation.Keep(t.Context(), revocation.NewMemory(clock), nil, clock, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
