// Package revocationtest is the suite that every revocation.Store passes.
package revocationtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// token is what the queries ask about: of session s1, issued at start.
var token = revocation.Query{TokenHash: "t1", SessionID: "s1", Subject: "u1", KeyID: "k1", IssuedAt: start}

// Run runs the suite. newStore returns an empty store that nothing was restored
// into and that reads the time from clock.
func Run(t *testing.T, newStore func(clock *clockwork.FakeClock) revocation.Store) {
	fresh := func(*testing.T) *fixture {
		clock := clockwork.NewFakeClockAt(start)
		return &fixture{Store: newStore(clock), clock: clock}
	}
	restored := func(t *testing.T) *fixture {
		f := fresh(t)
		f.restore(t)
		return f
	}

	t.Run("nothing can be said before the restore", func(t *testing.T) {
		f := fresh(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Token, ID: "t1", ExpiresAt: start.Add(time.Hour)})
		f.wantUnavailable(t)
	})
	t.Run("a restore of nothing lets the store answer", func(t *testing.T) {
		restored(t).want(t, token, false)
		f := fresh(t)
		if err := f.Restore(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		f.want(t, token, false)
	})
	t.Run("a restore of many puts every one back", func(t *testing.T) {
		f := fresh(t)
		entries := make([]revocation.Entry, 2500)
		for i := range entries {
			entries[i] = revocation.Entry{Kind: revocation.Token, ID: fmt.Sprint("many ", i), ExpiresAt: start.Add(time.Hour)}
		}
		f.restore(t, entries...)
		for _, i := range []int{0, 1, 499, 500, 999, 1000, 2499} {
			f.want(t, revocation.Query{TokenHash: entries[i].ID, IssuedAt: start}, true)
		}
	})
	t.Run("what is revoked while a restore loads stays revoked", func(t *testing.T) {
		f := fresh(t)
		err := f.Restore(t.Context(), loading(nil, func() {
			f.revoke(t, revocation.Entry{Kind: revocation.Session, ID: "s1", ExpiresAt: start.Add(time.Hour)})
			f.wantUnavailable(t)
		}))
		if err != nil {
			t.Fatal(err)
		}
		f.want(t, token, true)
	})
	t.Run("a store that answers goes on while it is restored again", func(t *testing.T) {
		f := restored(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Session, ID: "s1", ExpiresAt: start.Add(time.Hour)})
		away := errors.New("the database is away")
		if err := f.Restore(t.Context(), loading(away, func() { f.want(t, token, true) })); err == nil {
			t.Fatal("a restore that could not load succeeded")
		}
		f.want(t, token, true)
	})
	t.Run("a restore keeps what was revoked before it", func(t *testing.T) {
		f := fresh(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Session, ID: "s1", ExpiresAt: start.Add(time.Hour)})
		f.restore(t, revocation.Entry{Kind: revocation.Token, ID: "t2", ExpiresAt: start.Add(time.Hour)})
		f.want(t, token, true)
		f.want(t, revocation.Query{TokenHash: "t2", IssuedAt: start}, true)
	})
	t.Run("a failed restore does not let the store answer", func(t *testing.T) {
		f := fresh(t)
		away := errors.New("the database is away")
		for _, load := range []revocation.Load{
			func(context.Context) ([]revocation.Entry, error) {
				return []revocation.Entry{{Kind: revocation.Token}}, nil
			},
			func(context.Context) ([]revocation.Entry, error) { return nil, away },
		} {
			if err := f.Restore(t.Context(), load); err == nil {
				t.Error("a restore without all its entries succeeded")
			}
			f.wantUnavailable(t)
		}
		err := f.Restore(t.Context(), func(context.Context) ([]revocation.Entry, error) { return nil, away })
		if !errors.Is(err, away) {
			t.Errorf("got %v, which does not say why", err)
		}
	})

	for _, e := range []revocation.Entry{
		{Kind: revocation.Token, ID: "t1"},
		{Kind: revocation.Session, ID: "s1"},
		{Kind: revocation.Subject, ID: "u1", Before: start.Add(time.Microsecond)},
		{Kind: revocation.Key, ID: "k1"},
	} {
		t.Run(fmt.Sprintf("kind %d concerns its own tokens until it expires", e.Kind), func(t *testing.T) {
			f := restored(t)
			e.ExpiresAt = start.Add(time.Minute)
			f.revoke(t, e)
			f.want(t, token, true)
			f.want(t, revocation.Query{TokenHash: "t2", SessionID: "s2", Subject: "u2", KeyID: "k2", IssuedAt: start}, false)
			// The same text under another kind is another thing.
			f.want(t, revocation.Query{TokenHash: "u1", SessionID: "k1", Subject: "s1", KeyID: "t1", IssuedAt: start}, false)
			f.clock.Advance(time.Minute - time.Millisecond)
			f.want(t, token, true)
			f.clock.Advance(time.Millisecond)
			f.want(t, token, false)
		})
		t.Run(fmt.Sprintf("kind %d without an expiry stays", e.Kind), func(t *testing.T) {
			f := restored(t)
			e.ExpiresAt = time.Time{}
			f.revoke(t, e)
			f.clock.Advance(10 * 365 * 24 * time.Hour)
			f.want(t, token, true)
		})
		t.Run(fmt.Sprintf("kind %d keeps the longer of two times", e.Kind), func(t *testing.T) {
			f := restored(t)
			short, long := e, e
			short.ExpiresAt, long.ExpiresAt = start.Add(time.Minute), start.Add(time.Hour)
			f.revoke(t, short, long)
			f.revoke(t, short)
			f.clock.Advance(2 * time.Minute)
			f.revoke(t, revocation.Entry{Kind: revocation.Token, ID: "other", ExpiresAt: start.Add(time.Hour)})
			f.want(t, token, true)
		})
		t.Run(fmt.Sprintf("kind %d stays when one of two entries has no expiry", e.Kind), func(t *testing.T) {
			short, forever := e, e
			short.ExpiresAt, forever.ExpiresAt = start.Add(time.Minute), time.Time{}
			for _, entries := range [][]revocation.Entry{{short, forever}, {forever, short}} {
				f := restored(t)
				f.revoke(t, entries[0])
				f.revoke(t, entries[1])
				f.clock.Advance(time.Hour)
				f.want(t, token, true)
			}
		})
		t.Run(fmt.Sprintf("kind %d can be revoked again after it expired", e.Kind), func(t *testing.T) {
			f := restored(t)
			e.ExpiresAt = start.Add(time.Minute)
			f.revoke(t, e)
			f.clock.Advance(time.Hour)
			f.want(t, token, false)
			e.ExpiresAt = start.Add(2 * time.Hour)
			f.revoke(t, e)
			f.want(t, token, true)
		})
	}

	t.Run("a subject keeps the tokens of the moment itself and later", func(t *testing.T) {
		f := restored(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Subject, ID: "u1", Before: start, ExpiresAt: start.Add(time.Hour)})
		f.want(t, token, false)
		before := token
		before.IssuedAt = start.Add(-time.Second)
		f.want(t, before, true)
	})
	t.Run("the later of a subject's moments counts", func(t *testing.T) {
		f := restored(t)
		late := revocation.Entry{Kind: revocation.Subject, ID: "u1", Before: start.Add(time.Minute), ExpiresAt: start.Add(time.Hour)}
		early := late
		early.Before = start.Add(-time.Minute)
		f.revoke(t, late)
		f.revoke(t, early)
		f.want(t, token, true)
	})
	t.Run("a subject's moment is forgotten when its entry has expired", func(t *testing.T) {
		f := restored(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Subject, ID: "u1", Before: start.Add(time.Second), ExpiresAt: start.Add(time.Minute)})
		f.clock.Advance(time.Minute)
		f.revoke(t, revocation.Entry{Kind: revocation.Subject, ID: "u1", Before: start, ExpiresAt: start.Add(time.Hour)})
		f.want(t, token, false)
	})
	t.Run("an entry that no token can match is refused, and the call with it", func(t *testing.T) {
		f := restored(t)
		good := revocation.Entry{Kind: revocation.Token, ID: "t1", ExpiresAt: start.Add(time.Hour)}
		for _, bad := range []revocation.Entry{
			{ID: "x"},
			{Kind: revocation.Key + 1, ID: "x"},
			{Kind: revocation.Session},
			{Kind: revocation.Subject, ID: "x"},
		} {
			if err := f.Revoke(t.Context(), good, bad); err == nil {
				t.Errorf("%+v was accepted", bad)
			}
		}
		f.want(t, token, false)
	})
	t.Run("an empty query field is not asked for", func(t *testing.T) {
		f := restored(t)
		f.revoke(t, revocation.Entry{Kind: revocation.Token, ID: "t1", ExpiresAt: start.Add(time.Hour)})
		f.want(t, revocation.Query{IssuedAt: start}, false)
	})
	t.Run("entries revoked at the same time are all there", func(t *testing.T) {
		f := restored(t)
		var wg sync.WaitGroup
		id := func(i int) string { return fmt.Sprintf("t%d", i) }
		for i := range 100 {
			wg.Go(func() {
				e := revocation.Entry{Kind: revocation.Token, ID: id(i), ExpiresAt: start.Add(time.Hour)}
				if err := f.Revoke(t.Context(), e); err != nil {
					t.Error(err)
				}
				// Whoever was told that it is revoked finds it revoked.
				f.want(t, revocation.Query{TokenHash: id(i), IssuedAt: start}, true)
			})
		}
		wg.Wait()
		for i := range 100 {
			f.want(t, revocation.Query{TokenHash: id(i), IssuedAt: start}, true)
		}
	})
}

// loading is a load that takes a while: long enough for something to be done.
func loading(err error, do func()) revocation.Load {
	return func(context.Context) ([]revocation.Entry, error) {
		do()
		return nil, err
	}
}

type fixture struct {
	revocation.Store
	clock *clockwork.FakeClock
}

func (f *fixture) restore(t *testing.T, entries ...revocation.Entry) {
	t.Helper()
	load := func(context.Context) ([]revocation.Entry, error) { return entries, nil }
	if err := f.Restore(t.Context(), load); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) wantUnavailable(t *testing.T) {
	t.Helper()
	if revoked, err := f.Revoked(t.Context(), token); !errs.Is(err, errs.KindUnavailable) || revoked {
		t.Fatalf("got %t, %v; want unavailable", revoked, err)
	}
}

func (f *fixture) revoke(t *testing.T, entries ...revocation.Entry) {
	t.Helper()
	if err := f.Revoke(t.Context(), entries...); err != nil {
		t.Fatal(err)
	}
}

// want reports with Error, because it is also called beside the test's goroutine.
func (f *fixture) want(t *testing.T, q revocation.Query, want bool) {
	t.Helper()
	if got, err := f.Revoked(t.Context(), q); err != nil || got != want {
		t.Errorf("Revoked(%+v) = %t, %v; want %t", q, got, err, want)
	}
}
