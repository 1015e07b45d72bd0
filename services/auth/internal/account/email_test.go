package account_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/services/auth/internal/account"
)

func TestSpellingsOfAnAddressAreOne(t *testing.T) {
	for _, c := range []struct{ spelling, want string }{
		{"ada@example.com", "ada@example.com"},
		{"Ada@EXAMPLE.com", "ada@example.com"},
		{"\tada@example.com ", "ada@example.com"},
		{"ada+tag@example.com", "ada+tag@example.com"},
		{"a.da@example.com", "a.da@example.com"},
		{"re\u0301ne\u0301e@exemple.fr", "r\u00e9n\u00e9e@exemple.fr"},
		{"RE\u0301N\u00c9E@exemple.fr", "r\u00e9n\u00e9e@exemple.fr"},
	} {
		if got := account.NormalizeEmail(c.spelling); got != c.want {
			t.Errorf("NormalizeEmail(%q) = %q, want %q", c.spelling, got, c.want)
		}
	}
}

func TestTheOneSpellingIsItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := account.NormalizeEmail(rapid.String().Draw(t, "address"))
		if twice := account.NormalizeEmail(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.StringMatching(`[a-zA-Z0-9.+_-]{1,20}@[a-zA-Z0-9-]{1,20}\.[a-zA-Z]{2,6}`).Draw(t, "address")
		if lower, upper := account.NormalizeEmail(address), account.NormalizeEmail(strings.ToUpper(address)); lower != upper {
			t.Fatalf("%q and its upper case are %q and %q", address, lower, upper)
		}
	})
}
