package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/revocation"
)

// revoke keeps revocations in the way there is: by ending a session.
func revoke(t *testing.T, s Store, at time.Time, entries ...revocation.Entry) {
	t.Helper()
	must(t, s.EndSession(t.Context(), "ses_unknown", at, entries))
}

func wantRevocations(t *testing.T, s Store, now time.Time, want ...revocation.Entry) {
	t.Helper()
	got, err := s.Revocations(t.Context(), now)
	must(t, err)
	order := func(a, b revocation.Entry) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) }
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Errorf("revocations %+v\nwant        %+v", got, want)
	}
}

var revocations = map[string]func(t *testing.T, s Store){
	"all kinds come back as they were kept, until they expire": func(t *testing.T, s Store) {
		soon, late := start.Add(time.Minute), start.Add(time.Hour)
		token := revocation.Entry{Kind: revocation.Token, ID: "same", ExpiresAt: soon}
		session := revocation.Entry{Kind: revocation.Session, ID: "same", ExpiresAt: late}
		subject := revocation.Entry{Kind: revocation.Subject, ID: "same", Before: start, ExpiresAt: late}
		key := revocation.Entry{Kind: revocation.Key, ID: "same"}
		revoke(t, s, start, token, session, subject, key)
		wantRevocations(t, s, start, token, session, subject, key)
		wantRevocations(t, s, soon, session, subject, key)
		wantRevocations(t, s, late, key)
		wantRevocations(t, s, late.AddDate(1000, 0, 0), key)
	},
	"of one that is kept twice the longer is kept": func(t *testing.T, s Store) {
		short := revocation.Entry{Kind: revocation.Session, ID: "ses_1", ExpiresAt: start.Add(time.Minute)}
		long := short
		long.ExpiresAt = start.Add(time.Hour)
		revoke(t, s, start, short, long)
		revoke(t, s, start, short)
		subject := revocation.Entry{Kind: revocation.Subject, ID: "acc_1", Before: start, ExpiresAt: start.Add(time.Hour)}
		earlier := subject
		earlier.Before = start.Add(-time.Minute)
		revoke(t, s, start, subject)
		revoke(t, s, start, earlier)
		wantRevocations(t, s, start, long, subject)
	},
	"they are kept with the end of the session or not at all": func(t *testing.T, s Store) {
		first := opened(1)
		must(t, s.OpenSession(t.Context(), first))
		entry := revocation.Entry{Kind: revocation.Session, ID: first.ID, ExpiresAt: start.Add(time.Hour)}
		must(t, s.EndSession(t.Context(), first.ID, start, []revocation.Entry{entry}))
		wantRevocations(t, s, start, entry)
		ended := first
		ended.EndTime = start
		wantSession(t, s, first.Current, ended)
	},
	"expired ones are dropped by those that follow": func(t *testing.T, s Store) {
		for n := range 40 {
			revoke(t, s, start, revocation.Entry{Kind: revocation.Token, ID: fmt.Sprint("old", n), ExpiresAt: start.Add(time.Minute)})
		}
		later := start.Add(time.Minute)
		var want []revocation.Entry
		for n := range 20 {
			e := revocation.Entry{Kind: revocation.Token, ID: fmt.Sprint("new", n), ExpiresAt: later.Add(time.Minute)}
			want = append(want, e)
			revoke(t, s, later, e)
		}
		wantRevocations(t, s, start, want...) // as of a moment when the old ones had not expired
	},
	"many keep the same one at once": func(t *testing.T, s Store) {
		together(t, func(i int) (bool, error) {
			return true, s.EndSession(t.Context(), "ses_1", start, []revocation.Entry{
				{Kind: revocation.Session, ID: "ses_1", ExpiresAt: start.Add(time.Duration(i+1) * time.Minute)},
			})
		})
		wantRevocations(t, s, start, revocation.Entry{Kind: revocation.Session, ID: "ses_1", ExpiresAt: start.Add(writers * time.Minute)})
	},
}
