package revocation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/revocation/revocationtest"
)

func TestMemory(t *testing.T) {
	revocationtest.Run(t, func(clock *clockwork.FakeClock) revocation.Store { return revocation.NewMemory(clock) })
}

func TestMemoryDropsExpiredEntriesWithLaterRevocations(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := revocation.NewMemory(clock)
	for i := range 10_000 {
		revoke(t, m, fmt.Sprint("early ", i), clock.Now().Add(time.Minute))
	}
	clock.Advance(time.Minute)
	for i := range 200 {
		revoke(t, m, fmt.Sprint("late ", i), clock.Now().Add(time.Minute))
	}
	if m.Len() != 200 {
		t.Errorf("%d entries are held, want the 200 that have not expired", m.Len())
	}
}

func TestMemoryDropsAnEntryThatWasProlongedOnlyAfterItsLastTime(t *testing.T) {
	clock := clockwork.NewFakeClock()
	m := revocation.NewMemory(clock)
	revoke(t, m, "x", clock.Now().Add(time.Minute))
	revoke(t, m, "x", clock.Now().Add(time.Hour))
	clock.Advance(2 * time.Minute)
	revoke(t, m, "y", clock.Now().Add(time.Minute))
	if m.Len() != 2 {
		t.Errorf("%d entries are held, want 2", m.Len())
	}
	clock.Advance(time.Hour)
	revoke(t, m, "z", clock.Now().Add(time.Minute))
	if m.Len() != 1 {
		t.Errorf("%d entries are held, want 1", m.Len())
	}
}

func TestMemoryAnswersWithoutAllocating(t *testing.T) {
	m, q := filled(t)
	if n := testing.AllocsPerRun(100, func() { _, _ = m.Revoked(t.Context(), q) }); n != 0 {
		t.Errorf("Revoked allocates %v times", n)
	}
}

func BenchmarkMemoryRevoked(b *testing.B) {
	m, q := filled(b)
	ctx := b.Context()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if revoked, err := m.Revoked(ctx, q); err != nil || revoked {
				b.Error(revoked, err)
			}
		}
	})
}

func filled(tb testing.TB) (*revocation.Memory, revocation.Query) {
	tb.Helper()
	clock := clockwork.NewRealClock()
	m := revocation.NewMemory(clock)
	for i := range 10_000 {
		revoke(tb, m, fmt.Sprint("token ", i), clock.Now().Add(time.Hour))
	}
	if err := m.Restore(tb.Context(), nil); err != nil {
		tb.Fatal(err)
	}
	return m, revocation.Query{TokenHash: "t", SessionID: "s", Subject: "u", KeyID: "k", IssuedAt: clock.Now()}
}

func revoke(tb testing.TB, s revocation.Store, token string, expires time.Time) {
	tb.Helper()
	if err := s.Revoke(tb.Context(), revocation.Entry{Kind: revocation.Token, ID: token, ExpiresAt: expires}); err != nil {
		tb.Fatal(err)
	}
}
