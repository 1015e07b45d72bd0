package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/session"
)

// opened is a session as a sign-in makes it.
func opened(n byte) session.Session {
	return session.Session{
		ID: fmt.Sprint("ses_", n), AccountID: "acc_1", Current: session.TokenHash{n},
		CreateTime: start, ExpireTime: start.Add(session.IdleLife),
	}
}

// next is the session after one more refresh.
func next(s session.Session, token session.TokenHash) session.Session {
	s.Current, s.ExpireTime = token, s.ExpireTime.Add(time.Hour)
	return s
}

func wantSession(t *testing.T, s Store, token session.TokenHash, want session.Session) {
	t.Helper()
	if got, err := s.SessionByRefreshToken(t.Context(), token); err != nil || got != want {
		t.Errorf("session %+v, %v\nwant    %+v", got, err, want)
	}
}

var sessions = map[string]func(t *testing.T, s Store){
	"a session is found by its token, as it was kept": func(t *testing.T, s Store) {
		first, second := opened(1), opened(2)
		must(t, s.OpenSession(t.Context(), first))
		must(t, s.OpenSession(t.Context(), second))
		wantSession(t, s, first.Current, first)
		wantSession(t, s, second.Current, second)
		_, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{3})
		wantKind(t, err, errs.KindNotFound)
	},
	"a rotated session is found by its old tokens and its new one": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		second := next(first, session.TokenHash{1, 2})
		third := next(second, session.TokenHash{1, 3})
		for _, step := range []struct {
			used session.TokenHash
			next session.Session
		}{{first.Current, second}, {second.Current, third}} {
			if won, err := s.RotateRefreshToken(t.Context(), step.used, step.next, start); !won || err != nil {
				t.Fatalf("rotate: %t, %v", won, err)
			}
		}
		for _, token := range []session.TokenHash{first.Current, second.Current, third.Current} {
			wantSession(t, s, token, third)
		}
	},
	"a used token, or another session's, rotates nothing": func(t *testing.T, s Store) {
		first, other := opened(1), opened(2)
		must(t, s.OpenSession(t.Context(), first))
		must(t, s.OpenSession(t.Context(), other))
		second := next(first, session.TokenHash{1, 2})
		if won, err := s.RotateRefreshToken(t.Context(), first.Current, second, start); !won || err != nil {
			t.Fatalf("rotate: %t, %v", won, err)
		}
		for _, used := range []session.TokenHash{first.Current, other.Current} {
			lost := next(first, session.TokenHash{1, 3})
			if won, err := s.RotateRefreshToken(t.Context(), used, lost, start); won || err != nil {
				t.Errorf("rotate by %x: %t, %v; want false", used[:2], won, err)
			}
			_, err := s.SessionByRefreshToken(t.Context(), lost.Current)
			wantKind(t, err, errs.KindNotFound)
		}
		wantSession(t, s, second.Current, second)
		wantSession(t, s, other.Current, other)
	},
	"of many who use a token at once one succeeds": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		won := together(t, func(i int) (bool, error) {
			return s.RotateRefreshToken(t.Context(), first.Current, next(first, session.TokenHash{1, byte(i + 1)}), start)
		})
		if won != 1 {
			t.Errorf("%d of %d succeeded", won, writers)
		}
	},
	"an ended session stays ended at the first end and does not rotate": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		must(t, s.EndSession(t.Context(), first.ID, start.Add(time.Minute), nil))
		must(t, s.EndSession(t.Context(), first.ID, start.Add(time.Hour), nil))
		if won, err := s.RotateRefreshToken(t.Context(), first.Current, next(first, session.TokenHash{1, 2}), start); won || err != nil {
			t.Errorf("rotate: %t, %v; want false", won, err)
		}
		ended := first
		ended.EndTime = start.Add(time.Minute)
		wantSession(t, s, first.Current, ended)
	},
	"many may end a session at once, while it is refreshed": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		together(t, func(i int) (bool, error) {
			if i == 0 {
				return s.RotateRefreshToken(t.Context(), first.Current, next(first, session.TokenHash{1, 2}), start)
			}
			return true, s.EndSession(t.Context(), first.ID, start.Add(time.Minute), nil)
		})
		got, err := s.SessionByRefreshToken(t.Context(), first.Current)
		must(t, err)
		if !got.EndTime.Equal(start.Add(time.Minute)) {
			t.Errorf("ended at %v, want %v", got.EndTime, start.Add(time.Minute))
		}
	},
	"the end of an unknown session is no error": func(t *testing.T, s Store) {
		must(t, s.EndSession(t.Context(), "ses_unknown", start, nil))
	},
	"expired sessions are dropped by those that are opened later": func(t *testing.T, s Store) {
		for n := range byte(40) {
			must(t, s.OpenSession(t.Context(), opened(n)))
		}
		for n := range byte(40) {
			later := opened(100 + n)
			later.CreateTime, later.ExpireTime = start.Add(session.IdleLife), start.Add(2*session.IdleLife)
			must(t, s.OpenSession(t.Context(), later))
		}
		for n := range byte(40) {
			_, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{n})
			wantKind(t, err, errs.KindNotFound)
			if _, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{100 + n}); err != nil {
				t.Errorf("session %d, which is alive: %v", 100+n, err)
			}
		}
	},
	"old tokens of a living session are dropped by its refreshes": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		second := next(first, session.TokenHash{1, 2})
		third := next(second, session.TokenHash{1, 3})
		_, err := s.RotateRefreshToken(t.Context(), first.Current, second, start)
		must(t, err)
		won, err := s.RotateRefreshToken(t.Context(), second.Current, third, first.ExpireTime)
		if !won || err != nil {
			t.Fatalf("rotate: %t, %v", won, err)
		}
		_, err = s.SessionByRefreshToken(t.Context(), first.Current)
		wantKind(t, err, errs.KindNotFound)
		wantSession(t, s, second.Current, third)
		wantSession(t, s, third.Current, third)
	},
}
