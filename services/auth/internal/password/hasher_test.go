package password_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/password"
)

func newHasher(t *testing.T, cost int) *password.Hasher {
	t.Helper()
	h, err := password.NewHasher(cost, password.NewQueue(1))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func hash(t *testing.T, h *password.Hasher, plain string) password.Hash {
	t.Helper()
	got, err := h.Hash(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOnlyThePasswordMatchesItsHash(t *testing.T) {
	const composed, decomposed = "caf\u00e9 au lait, sans sucre", "cafe\u0301 au lait, sans sucre"
	h := newHasher(t, bcrypt.MinCost)
	for _, c := range []struct {
		name, set, tried string
		want             bool
	}{
		{"the same", "correct horse battery", "correct horse battery", true},
		{"another", "correct horse battery", "correct horse batterY", false},
		{"empty", "correct horse battery", "", false},
		{"composed and decomposed letters", composed, decomposed, true},
		{"the last of 72 bytes counts", strings.Repeat("a", 72), strings.Repeat("a", 71) + "b", false},
		{"72 bytes", strings.Repeat("a", 72), strings.Repeat("a", 72), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := h.Matches(t.Context(), hash(t, h, c.set), c.tried)
			if err != nil || got != c.want {
				t.Errorf("Matches = %t, %v; want %t", got, err, c.want)
			}
		})
	}
}

func TestAHashHasTheCostItWasAskedForAndASaltOfItsOwn(t *testing.T) {
	h := newHasher(t, bcrypt.MinCost+1)
	first, second := hash(t, h, "correct horse battery"), hash(t, h, "correct horse battery")
	if cost, err := bcrypt.Cost([]byte(first)); err != nil || cost != bcrypt.MinCost+1 {
		t.Errorf("cost %d, %v; want %d", cost, err, bcrypt.MinCost+1)
	}
	if first == second {
		t.Error("two hashes of one password are the same")
	}
}

// bcrypt would silently compare the first 72 bytes only.
func TestAPasswordOver72BytesIsRefusedEverywhere(t *testing.T) {
	h := newHasher(t, bcrypt.MinCost)
	long := strings.Repeat("a", 100)
	stored := hash(t, h, long[:72])
	_, hashErr := h.Hash(t.Context(), long)
	_, matchErr := h.Matches(t.Context(), stored, long)
	for name, err := range map[string]error{"Hash": hashErr, "Matches": matchErr, "Decoy": h.Decoy(t.Context(), long)} {
		e, ok := errs.From(err)
		if !ok || e.Kind != errs.KindInvalid || len(e.Violations) != 1 {
			t.Errorf("%s = %v, want one violation", name, err)
			continue
		}
		if v := e.Violations[0]; v.Field != "password" || v.Rule != "string.max_bytes" {
			t.Errorf("%s: violation %+v, want password, string.max_bytes", name, v)
		}
	}
}

// A malformed decoy would be turned down at once, and the time would tell that
// there is no account. compare makes every error but a mismatch an error.
func TestADecoyIsWorkedThroughAtEveryCost(t *testing.T) {
	for cost := bcrypt.MinCost; cost <= bcrypt.MinCost+2; cost++ {
		if err := newHasher(t, cost).Decoy(t.Context(), "correct horse battery"); err != nil {
			t.Errorf("cost %d: %v", cost, err)
		}
	}
}

func TestAHashOfALowerCostStillMatchesAndIsOutdated(t *testing.T) {
	old := hash(t, newHasher(t, bcrypt.MinCost), "correct horse battery")
	now := newHasher(t, bcrypt.MinCost+2)
	if ok, err := now.Matches(t.Context(), old, "correct horse battery"); !ok || err != nil {
		t.Errorf("Matches = %t, %v", ok, err)
	}
	if ok, err := now.Matches(t.Context(), old, "incorrect horse battery"); ok || err != nil {
		t.Errorf("another password: Matches = %t, %v", ok, err)
	}
	if !now.Outdated(old) {
		t.Error("a hash of a lower cost is not outdated")
	}
	if fresh := hash(t, now, "correct horse battery"); now.Outdated(fresh) {
		t.Error("a fresh hash is outdated")
	}
}

// Accounts whose hash is from before the cost was raised would answer faster than
// none, and so be told apart. A sixty-fourth of the work is not mistaken for noise.
func TestAHashOfALowerCostTakesTheWorkOfADecoy(t *testing.T) {
	old := hash(t, newHasher(t, bcrypt.MinCost), "correct horse battery")
	now := newHasher(t, bcrypt.MinCost+6)
	matches := elapsed(func() { _, _ = now.Matches(t.Context(), old, "another horse battery") })
	decoy := time.Hour
	for range 5 { // a busy machine only makes a measurement longer
		decoy = min(decoy, elapsed(func() { _ = now.Decoy(t.Context(), "another horse battery") }))
	}
	if matches < decoy/4 {
		t.Errorf("a check against an old hash took %v, a decoy %v", matches, decoy)
	}
}

func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func TestABrokenStoredHashIsAnErrorAndNotAMismatch(t *testing.T) {
	h := newHasher(t, bcrypt.MinCost)
	for _, broken := range []password.Hash{"", "$2a$04$short", "plain text", "$2a$99$" + password.Hash(strings.Repeat(".", 53))} {
		if ok, err := h.Matches(t.Context(), broken, "correct horse battery"); ok || err == nil {
			t.Errorf("Matches(%q) = %t, %v; want an error", broken, ok, err)
		}
	}
}

func TestAnImpossibleCostIsRefused(t *testing.T) {
	for _, cost := range []int{0, bcrypt.MinCost - 1, bcrypt.MaxCost + 1} {
		if _, err := password.NewHasher(cost, password.NewQueue(1)); err == nil {
			t.Errorf("cost %d was accepted", cost)
		}
	}
}
