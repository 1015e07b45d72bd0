package storetest

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/password"
)

var accounts = map[string]func(t *testing.T, s Store){
	"an account is found as it was kept": func(t *testing.T, s Store) {
		for i, a := range []account.Account{
			{ID: "acc_1", Email: "ada@example.com", EmailVerified: true, DisplayName: "Ada Ω 'quoted'", Roles: []string{"admin", "other"}, CreateTime: start},
			{ID: "acc_2", Email: "bob@example.com", CreateTime: start.Add(1)},
		} {
			a.CreateTime = a.CreateTime.Truncate(1000)
			hash := password.Hash(fmt.Sprintf("hash %d", i))
			must(t, s.CreateAccount(t.Context(), a, hash))
			byID, err := s.Account(t.Context(), a.ID)
			must(t, err)
			byEmail, gotHash, err := s.AccountByEmail(t.Context(), a.Email)
			must(t, err)
			if !reflect.DeepEqual(byID, a) || !reflect.DeepEqual(byEmail, a) || gotHash != hash {
				t.Errorf("by ID %+v, by e-mail %+v with %q; want %+v with %q", byID, byEmail, gotHash, a, hash)
			}
		}
	},
	"an unknown account is not found": func(t *testing.T, s Store) {
		must(t, s.CreateAccount(t.Context(), account.Account{ID: "acc_1", Email: "ada@example.com", CreateTime: start}, "h"))
		_, err := s.Account(t.Context(), "acc_2")
		wantKind(t, err, errs.KindNotFound)
		_, _, err = s.AccountByEmail(t.Context(), "ada@example.co")
		wantKind(t, err, errs.KindNotFound)
	},
	"an address has one account, the first": func(t *testing.T, s Store) {
		must(t, s.CreateAccount(t.Context(), account.Account{ID: "acc_1", Email: "ada@example.com", CreateTime: start}, "first"))
		err := s.CreateAccount(t.Context(), account.Account{ID: "acc_2", Email: "ada@example.com", CreateTime: start}, "second")
		wantKind(t, err, errs.KindConflict)
		a, hash, err := s.AccountByEmail(t.Context(), "ada@example.com")
		must(t, err)
		if a.ID != "acc_1" || hash != "first" {
			t.Errorf("the address has %s with %q", a.ID, hash)
		}
		_, err = s.Account(t.Context(), "acc_2")
		wantKind(t, err, errs.KindNotFound)
	},
	"of many who register an address at once one succeeds": func(t *testing.T, s Store) {
		won := together(t, func(i int) (bool, error) {
			err := s.CreateAccount(t.Context(), account.Account{ID: fmt.Sprint("acc_", i), Email: "ada@example.com", CreateTime: start}, "h")
			if errs.Is(err, errs.KindConflict) {
				return false, nil
			}
			return err == nil, err
		})
		if won != 1 {
			t.Errorf("%d of %d succeeded", won, writers)
		}
	},
	"a password hash is replaced only if it is still the one": func(t *testing.T, s Store) {
		must(t, s.CreateAccount(t.Context(), account.Account{ID: "acc_1", Email: "ada@example.com", CreateTime: start}, "old"))
		must(t, s.CreateAccount(t.Context(), account.Account{ID: "acc_2", Email: "bob@example.com", CreateTime: start}, "old"))
		must(t, s.ReplacePasswordHash(t.Context(), "acc_1", "old", "new"))
		must(t, s.ReplacePasswordHash(t.Context(), "acc_1", "old", "newer"))
		for email, want := range map[string]password.Hash{"ada@example.com": "new", "bob@example.com": "old"} {
			if _, got, err := s.AccountByEmail(t.Context(), email); err != nil || got != want {
				t.Errorf("%s has %q, %v; want %q", email, got, err, want)
			}
		}
	},
}
