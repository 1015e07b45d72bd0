package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

func wantKeys(t *testing.T, s Store, want ...signingkey.Record) {
	t.Helper()
	if got, err := s.SigningKeys(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("keys %+v, %v\nwant %+v", got, err, want)
	}
}

var signingKeys = map[string]func(t *testing.T, s Store){
	"keys come back as they were kept, by generation": func(t *testing.T, s Store) {
		wantKeys(t, s)
		first := signingkey.Record{ID: "b", Generation: 1, Sealed: []byte{0, 1, 255}, CreateTime: start}
		second := signingkey.Record{ID: "a", Generation: 2, Sealed: []byte{2}, CreateTime: start.Add(time.Hour)}
		must(t, s.ClaimSigningKey(t.Context(), second))
		must(t, s.ClaimSigningKey(t.Context(), first))
		wantKeys(t, s, first, second)
	},
	"of many who claim a generation at once one succeeds": func(t *testing.T, s Store) {
		together(t, func(i int) (bool, error) {
			return true, s.ClaimSigningKey(t.Context(), signingkey.Record{ID: fmt.Sprint(i), Generation: 1, Sealed: []byte{byte(i)}, CreateTime: start})
		})
		keys, err := s.SigningKeys(t.Context())
		must(t, err)
		if len(keys) != 1 || fmt.Sprint(keys[0].Sealed[0]) != keys[0].ID {
			t.Errorf("keys %+v, want one, as one writer gave it", keys)
		}
	},
	"a key is sealed anew only if it is still as it was": func(t *testing.T, s Store) {
		first := signingkey.Record{ID: "a", Generation: 1, Sealed: []byte("old"), CreateTime: start}
		second := signingkey.Record{ID: "b", Generation: 2, Sealed: []byte("old"), CreateTime: start}
		must(t, s.ClaimSigningKey(t.Context(), first))
		must(t, s.ClaimSigningKey(t.Context(), second))
		must(t, s.ResealSigningKey(t.Context(), "a", []byte("old"), []byte("new")))
		must(t, s.ResealSigningKey(t.Context(), "a", []byte("old"), []byte("newer")))
		first.Sealed = []byte("new")
		wantKeys(t, s, first, second)
	},
}
