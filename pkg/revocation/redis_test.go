package revocation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis/redistest"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/revocation/revocationtest"
)

func TestRedis(t *testing.T) {
	mini := redistest.NewMini(t)
	client := redistest.Open(t, mini)
	revocationtest.Run(t, func(clock *clockwork.FakeClock) revocation.Store {
		mini.Flush()
		return revocation.NewRedis(client, clock)
	})
}

// ended is what the tests here revoke, and asked a token it concerns.
var (
	ended = revocation.Entry{Kind: revocation.Session, ID: "s1"}
	asked = revocation.Query{TokenHash: "t1", SessionID: "s1", Subject: "u1", KeyID: "k1"}
	other = revocation.Query{TokenHash: "t2", SessionID: "s2", Subject: "u2", KeyID: "k1"}
)

// durable is a Load of entries that somebody else keeps.
func durable(entries ...revocation.Entry) revocation.Load {
	return func(context.Context) ([]revocation.Entry, error) { return entries, nil }
}

func TestRedisAnswersNothingAfterALossUntilItIsRestored(t *testing.T) {
	for name, lose := range map[string]func(*redistest.Mini){
		"everything was flushed":             (*redistest.Mini).Flush,
		"the server came back with its keys": func(m *redistest.Mini) { m.Stop(); m.Restart() },
		"another server took over":           (*redistest.Mini).NewRun,
	} {
		t.Run(name, func(t *testing.T) {
			mini := redistest.NewMini(t)
			s := revocation.NewRedis(redistest.Open(t, mini), clockwork.NewFakeClock())
			restore(t, s)
			mustRevoke(t, s, ended)
			wantRevoked(t, s, asked, true)

			lose(mini)
			for _, q := range []revocation.Query{asked, other} {
				wantUnavailable(t, s, q)
			}
			if whole, err := s.Restored(t.Context()); err != nil || whole {
				t.Errorf("Restored is %t, %v", whole, err)
			}
			restore(t, s, ended)
			wantRevoked(t, s, asked, true)
			wantRevoked(t, s, other, false)
			if whole, err := s.Restored(t.Context()); err != nil || !whole {
				t.Errorf("after the restore Restored is %t, %v", whole, err)
			}
		})
	}
}

func TestRedisIsNotTakenForWholeWhenItLosesSomethingDuringTheRestore(t *testing.T) {
	for name, lose := range map[string]func(*redistest.Mini){
		"flushed":   (*redistest.Mini).Flush,
		"restarted": (*redistest.Mini).NewRun,
	} {
		t.Run(name, func(t *testing.T) {
			mini := redistest.NewMini(t)
			s := revocation.NewRedis(redistest.Open(t, mini), clockwork.NewFakeClock())
			err := s.Restore(t.Context(), func(ctx context.Context) ([]revocation.Entry, error) {
				// Becomes durable after the load has read, and is lost with the rest.
				err := s.Revoke(ctx, ended)
				lose(mini)
				return nil, err
			})
			if !errs.Is(err, errs.KindUnavailable) {
				t.Errorf("the restore says %v", err)
			}
			wantUnavailable(t, s, asked)
		})
	}
}

func TestOneRestoreServesEveryProcess(t *testing.T) {
	mini := redistest.NewMini(t)
	clock := clockwork.NewFakeClock()
	auth := revocation.NewRedis(redistest.Open(t, mini), clock)
	gateway := revocation.NewRedis(redistest.Open(t, mini), clock)
	restore(t, auth)
	mustRevoke(t, auth, ended)
	wantRevoked(t, gateway, asked, true)
	wantRevoked(t, gateway, other, false)
}

func TestTwoRestoresAtTheSameTimeBothSucceed(t *testing.T) {
	mini := redistest.NewMini(t)
	clock := clockwork.NewFakeClock()
	one := revocation.NewRedis(redistest.Open(t, mini), clock)
	two := revocation.NewRedis(redistest.Open(t, mini), clock)
	err := one.Restore(t.Context(), func(ctx context.Context) ([]revocation.Entry, error) {
		return nil, two.Restore(ctx, durable(ended))
	})
	if err != nil {
		t.Fatal(err)
	}
	wantRevoked(t, one, asked, true)
	if keys := mini.Keys(); len(keys) != 2 {
		t.Errorf("%q is held, want the entry and the marker", keys)
	}
}

func TestRedisIsUnavailableWhileItCannotBeAskedOrUnderstood(t *testing.T) {
	mini := redistest.NewMini(t)
	s := revocation.NewRedis(redistest.Open(t, mini), clockwork.NewFakeClock())
	restore(t, s)
	mustRevoke(t, s, ended)
	for _, key := range mini.Keys() {
		if strings.HasSuffix(key, ended.ID) {
			if err := mini.Set(key, "damaged"); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantUnavailable(t, s, asked)
	wantRevoked(t, s, other, false)

	mini.Fail("LOADING Redis is loading the dataset in memory")
	wantUnavailable(t, s, other)
	mini.Fail("")
	mini.Stop()
	wantUnavailable(t, s, other)
	for what, err := range map[string]error{"Revoke": s.Revoke(t.Context(), ended), "Restore": s.Restore(t.Context(), nil)} {
		if !errs.Is(err, errs.KindUnavailable) {
			t.Errorf("%s says %v", what, err)
		}
	}
	if _, err := s.Restored(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("Restored says %v", err)
	}
}

func TestRedisTellsACallerWhoIsGoneFromAServerThatIsAway(t *testing.T) {
	s := revocation.NewRedis(redistest.Open(t, redistest.NewMini(t)), clockwork.NewFakeClock())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if revoked, err := s.Revoked(ctx, asked); !errors.Is(err, context.Canceled) || revoked {
		t.Errorf("got %t, %v", revoked, err)
	}
}

func TestRedisKeepsAnEntryALittleLongerThanItCounts(t *testing.T) {
	mini := redistest.NewMini(t)
	clock := clockwork.NewFakeClock()
	s := revocation.NewRedis(redistest.Open(t, mini), clock)
	restore(t, s)
	short, long, forever := ended, ended, ended
	short.ExpiresAt, long.ExpiresAt = clock.Now().Add(time.Minute), clock.Now().Add(time.Hour)
	forever.ID = "s2"
	mustRevoke(t, s, long, short, forever)
	slow := clockwork.NewFakeClockAt(clock.Now().Add(-30 * time.Second)) // of another process

	pass := func(d time.Duration) {
		clock.Advance(d)
		slow.Advance(d)
		mini.Pass(d)
	}
	pass(time.Hour + 20*time.Second)
	wantRevoked(t, s, asked, false)
	wantRevoked(t, revocation.NewRedis(redistest.Open(t, mini), slow), asked, true)
	pass(40 * time.Second)
	if keys := mini.Keys(); len(keys) != 2 {
		t.Errorf("%q is held, want the entry without an end and the marker", keys)
	}
	pass(1000 * time.Hour)
	wantRevoked(t, s, other, true)
}

func TestRedisKnowsThatItIsBehindUntilARestoreSucceeds(t *testing.T) {
	mini := redistest.NewMini(t)
	s := revocation.NewRedis(redistest.Open(t, mini), clockwork.NewFakeClock())
	wantWhole := func(want bool) {
		t.Helper()
		if whole, err := s.Restored(t.Context()); err != nil || whole != want {
			t.Errorf("Restored is %t, %v; want %t", whole, err, want)
		}
	}
	restore(t, s)
	wantWhole(true)
	mini.Fail("OOM command not allowed when used memory > 'maxmemory'.")
	if err := s.Revoke(t.Context(), ended); !errs.Is(err, errs.KindUnavailable) {
		t.Fatalf("a full server says %v", err)
	}
	mini.Fail("")
	wantWhole(false)
	away := errors.New("the database is away")
	if err := s.Restore(t.Context(), func(context.Context) ([]revocation.Entry, error) { return nil, away }); !errors.Is(err, away) {
		t.Fatal(err)
	}
	wantWhole(false)
	restore(t, s, ended)
	wantWhole(true)
}

func TestRedisHoldsNothingOfARestoreThatWasBrokenOff(t *testing.T) {
	mini := redistest.NewMini(t)
	s := revocation.NewRedis(redistest.Open(t, mini), clockwork.NewFakeClock())
	broken := errors.New("broken off")
	for range 10 {
		err := s.Restore(t.Context(), func(context.Context) ([]revocation.Entry, error) { return nil, broken })
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
	}
	mini.Pass(time.Hour)
	if keys := mini.Keys(); len(keys) != 0 {
		t.Errorf("%q is held", keys)
	}
}

func TestRedisNeedsOneTripALookUpAndOneARevocation(t *testing.T) {
	client := redistest.Open(t, redistest.NewMini(t))
	s := revocation.NewRedis(client, clockwork.NewFakeClock())
	restore(t, s, ended) // the server learns the scripts
	wantRevoked(t, s, asked, true)
	trips := redistest.CountTrips(client)
	for i := range 10 {
		wantRevoked(t, s, other, false)
		mustRevoke(t, s, revocation.Entry{Kind: revocation.Token, ID: fmt.Sprint("token ", i)}, ended)
	}
	if n := trips.Load(); n != 20 {
		t.Errorf("%d trips for 10 look-ups and 10 revocations", n)
	}
}

func BenchmarkRedisRevoked(b *testing.B) { benchmarkRedis(b, redistest.NewMini(b)) }

func benchmarkRedis(b *testing.B, server redistest.Server) {
	s := revocation.NewRedis(redistest.Open(b, server), clockwork.NewRealClock())
	restore(b, s, ended)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if revoked, err := s.Revoked(ctx, other); err != nil || revoked {
				b.Error(revoked, err)
			}
		}
	})
}

func restore(tb testing.TB, s revocation.Store, entries ...revocation.Entry) {
	tb.Helper()
	if err := s.Restore(tb.Context(), durable(entries...)); err != nil {
		tb.Fatal(err)
	}
}

func mustRevoke(tb testing.TB, s revocation.Store, entries ...revocation.Entry) {
	tb.Helper()
	if err := s.Revoke(tb.Context(), entries...); err != nil {
		tb.Fatal(err)
	}
}

func wantRevoked(tb testing.TB, s revocation.Store, q revocation.Query, want bool) {
	tb.Helper()
	if got, err := s.Revoked(tb.Context(), q); err != nil || got != want {
		tb.Errorf("Revoked(%+v) = %t, %v; want %t", q, got, err, want)
	}
}

func wantUnavailable(tb testing.TB, s revocation.Store, q revocation.Query) {
	tb.Helper()
	if got, err := s.Revoked(tb.Context(), q); !errs.Is(err, errs.KindUnavailable) || got {
		tb.Errorf("Revoked(%+v) = %t, %v; want unavailable", q, got, err)
	}
}
