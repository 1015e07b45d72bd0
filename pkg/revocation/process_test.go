//go:build redis

package revocation_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis/redistest"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/revocation/revocationtest"
)

func TestRedisServer(t *testing.T) {
	p := redistest.Start(t)
	client := redistest.Open(t, p)
	revocationtest.Run(t, func(clock *clockwork.FakeClock) revocation.Store {
		p.Flush()
		return revocation.NewRedis(client, clock)
	})
}

// A snapshot has the marker and not what was revoked after it.
func TestRedisServerThatComesBackFromASnapshotIsNotTakenForWhole(t *testing.T) {
	p := redistest.Start(t)
	s := revocation.NewRedis(redistest.Open(t, p), clockwork.NewRealClock())
	restore(t, s)
	p.Do("SAVE")
	mustRevoke(t, s, ended)
	p.Kill()
	wantUnavailable(t, s, asked)
	p.Restart()
	if n := p.Do("DBSIZE"); n != int64(1) {
		t.Fatalf("%v keys are back, want the marker of the snapshot", n)
	}
	wantUnavailable(t, s, asked)
	wantUnavailable(t, s, other)
	restore(t, s, ended)
	wantRevoked(t, s, asked, true)
	wantRevoked(t, s, other, false)
}

func TestRedisServerWithALogOfItsWritesIsNotTakenForWholeEither(t *testing.T) {
	p := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	s := revocation.NewRedis(redistest.Open(t, p), clockwork.NewRealClock())
	restore(t, s)
	mustRevoke(t, s, ended)
	p.Kill()
	p.Restart()
	wantUnavailable(t, s, asked)
	restore(t, s)
	wantRevoked(t, s, asked, true) // the log had it
}

func TestAReplicaThatTakesOverIsNotTakenForWhole(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.Start(t)
	restore(t, revocation.NewRedis(redistest.Open(t, master), clockwork.NewRealClock()))
	replica.Do("REPLICAOF", "127.0.0.1", fmt.Sprint(master.Port()))
	master.Do("WAIT", 1, 10_000)
	replica.Eventually(func() bool { return replica.Do("DBSIZE") == int64(1) })
	replica.Do("REPLICAOF", "NO", "ONE")

	s := revocation.NewRedis(redistest.Open(t, replica), clockwork.NewRealClock())
	wantUnavailable(t, s, other)
	restore(t, s, ended)
	wantRevoked(t, s, asked, true)
}

func TestRedisServerFlushedUnderLoadNeverLetsARevokedTokenIn(t *testing.T) {
	p := redistest.Start(t)
	clock := clockwork.NewRealClock()
	d := newDatabase(ended)
	auth := revocation.NewRedis(redistest.Open(t, p), clock)
	restore(t, auth, ended)

	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = revocation.Keep(ctx, auth, d.load, clock, slog.New(slog.DiscardHandler)) })
	gateway := revocation.NewRedis(redistest.Open(t, p), clock)
	var refused, unavailable int
	load := t.Context()
	wg.Go(func() {
		for ctx.Err() == nil {
			switch revoked, err := gateway.Revoked(load, asked); {
			case errs.Is(err, errs.KindUnavailable):
				unavailable++
			case err != nil || !revoked:
				t.Errorf("a revoked token: %t, %v", revoked, err)
				return
			default:
				refused++
			}
		}
	})
	for range 3 {
		p.Flush()
		<-d.loads
		p.Eventually(func() bool { whole, err := auth.Restored(t.Context()); return err == nil && whole })
	}
	cancel()
	wg.Wait()
	if refused == 0 || unavailable == 0 {
		t.Errorf("the token was refused %d times, and %d times nothing could be said", refused, unavailable)
	}
}

func TestRedisServerThatHangsLetsNobodyIn(t *testing.T) {
	p := redistest.Start(t)
	s := revocation.NewRedis(redistest.Open(t, p, redistest.Impatient), clockwork.NewRealClock())
	restore(t, s, ended)
	p.Pause()
	for _, q := range []revocation.Query{asked, other} {
		started := time.Now()
		wantUnavailable(t, s, q)
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("it took %s", took)
		}
	}
	p.Resume()
	wantRevoked(t, s, asked, true)
	wantRevoked(t, s, other, false)
}

func TestRedisServerThatIsFullLearnsLaterWhatItCouldNotTake(t *testing.T) {
	p := redistest.Start(t)
	s := revocation.NewRedis(redistest.Open(t, p), clockwork.NewRealClock())
	restore(t, s)
	p.Fill()
	if err := s.Revoke(t.Context(), ended); !errs.Is(err, errs.KindUnavailable) {
		t.Fatalf("a full server says %v", err)
	}
	wantRevoked(t, s, other, false) // it still answers
	if whole, err := s.Restored(t.Context()); err != nil || whole {
		t.Errorf("Restored is %t, %v", whole, err)
	}
	if err := s.Restore(t.Context(), durable(ended)); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("a restore into a full server says %v", err)
	}
	p.Drain()
	if whole, err := s.Restored(t.Context()); err != nil || whole {
		t.Errorf("with room again Restored is %t, %v", whole, err)
	}
	restore(t, s, ended)
	wantRevoked(t, s, asked, true)
}

func BenchmarkRedisServerRevoked(b *testing.B) { benchmarkRedis(b, redistest.Start(b)) }

func BenchmarkRedisServerRestore(b *testing.B) {
	s := revocation.NewRedis(redistest.Open(b, redistest.Start(b)), clockwork.NewRealClock())
	entries := make([]revocation.Entry, 10_000)
	for i := range entries {
		entries[i] = revocation.Entry{Kind: revocation.Token, ID: fmt.Sprintf("%064d", i), ExpiresAt: time.Now().Add(time.Hour)}
	}
	for b.Loop() {
		restore(b, s, entries...)
	}
	b.ReportMetric(float64(len(entries)*b.N)/b.Elapsed().Seconds(), "entries/s")
}
