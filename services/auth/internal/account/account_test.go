package account_test

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/crypto/bcrypt"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/password"
	"github.com/inframind/inframind/services/auth/internal/store/sqlite"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

const (
	email = "Ada@Example.com"
	plain = "correct horse battery"
)

// setting is a store, on which accounts of several costs can be opened.
type setting struct {
	t     *testing.T
	store *sqlite.Store
	clock *clockwork.FakeClock
	queue *password.Queue
	ids   int
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "auth.db"), noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // some tests have closed it
	return &setting{t: t, store: store, clock: clockwork.NewFakeClock(), queue: password.NewQueue(1)}
}

func (s *setting) accounts(cost int) *account.Accounts {
	s.t.Helper()
	hasher, err := password.NewHasher(cost, s.queue)
	if err != nil {
		s.t.Fatal(err)
	}
	return account.New(s.store, hasher, s.clock, func(prefix string) string {
		s.ids++
		return fmt.Sprintf("%s_%d", prefix, s.ids)
	})
}

func (s *setting) register(a *account.Accounts) {
	s.t.Helper()
	if err := a.Register(s.t.Context(), email, plain, "Ada"); err != nil {
		s.t.Fatal(err)
	}
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	if e, ok := errs.From(err); !ok || e.Reason != reason {
		t.Errorf("error %v, want %s", err, reason)
	}
}

func TestWhoRegistersCanSignIn(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	s.register(accounts)
	want := account.Account{ID: "acc_1", Email: "ada@example.com", DisplayName: "Ada", CreateTime: clock.Now(s.clock)}
	for _, spelling := range []string{email, "ada@example.com", " ADA@EXAMPLE.COM\n"} {
		if got, err := accounts.Authenticate(t.Context(), spelling, plain); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("as %q: %+v, %v; want %+v", spelling, got, err, want)
		}
	}
	if got, err := accounts.Account(t.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("by ID: %+v, %v; want %+v", got, err, want)
	}
}

func TestAnUnknownAddressAndAWrongPasswordAreAnsweredAlike(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	s.register(accounts)
	_, unknown := accounts.Authenticate(t.Context(), "bob@example.com", plain)
	_, wrong := accounts.Authenticate(t.Context(), email, plain+"!")
	wantReason(t, unknown, "INVALID_CREDENTIALS")
	wantReason(t, wrong, "INVALID_CREDENTIALS")
	if unknown.Error() != wrong.Error() {
		t.Errorf("answers %q and %q", unknown, wrong)
	}
}

func TestASecondRegistrationOfAnAddressIsAnsweredAlikeAndChangesNothing(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	s.register(accounts)
	if err := accounts.Register(t.Context(), "ADA@example.com", "another password", "Mallory"); err != nil {
		t.Errorf("the second registration: %v", err)
	}
	got, err := accounts.Authenticate(t.Context(), email, plain)
	if err != nil || got.DisplayName != "Ada" {
		t.Errorf("signed in as %+v, %v", got, err)
	}
	_, err = accounts.Authenticate(t.Context(), email, "another password")
	wantReason(t, err, "INVALID_CREDENTIALS")
}

// Where no hashing is done the answer comes a hundred times faster. A busy machine
// only makes a measurement longer, so the shortest of several is held against.
func TestTheWorkDoesNotTellWhetherThereIsAnAccount(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(10)
	first := time.Hour
	for i := range 5 {
		first = min(first, elapsed(func() {
			if err := accounts.Register(t.Context(), fmt.Sprint("ada", i, "@example.com"), plain, ""); err != nil {
				t.Fatal(err)
			}
		}))
	}
	const known = "ada0@example.com"
	for name, f := range map[string]func() error{
		"a second registration": func() error { return accounts.Register(t.Context(), known, plain, "") },
		"a wrong password":      func() error { _, err := accounts.Authenticate(t.Context(), known, plain+"!"); return err },
		"an unknown address":    func() error { _, err := accounts.Authenticate(t.Context(), "bob@example.com", plain); return err },
	} {
		if d := elapsed(func() { _ = f() }); d < first/4 {
			t.Errorf("%s took %v, a first registration %v", name, d, first)
		}
	}
}

func elapsed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func TestAPasswordOver72BytesIsRefusedByRegistrationAndSignIn(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	long := strings.Repeat("long", 25)
	if err := accounts.Register(t.Context(), email, long[:72], ""); err != nil {
		t.Fatal(err)
	}
	_, known := accounts.Authenticate(t.Context(), email, long)
	_, unknown := accounts.Authenticate(t.Context(), "bob@example.com", long)
	for name, err := range map[string]error{
		"registration":               accounts.Register(t.Context(), "bob@example.com", long, ""),
		"sign-in":                    known,
		"sign-in to another account": unknown,
	} {
		e, ok := errs.From(err)
		if !ok || e.Kind != errs.KindInvalid || len(e.Violations) != 1 || e.Violations[0].Field != "password" {
			t.Errorf("%s: %v, want a violation of password", name, err)
		}
	}
	if _, err := accounts.Authenticate(t.Context(), email, long[:72]); err != nil {
		t.Errorf("72 bytes: %v", err)
	}
}

func TestASignInHashesAnewAfterTheCostWasRaised(t *testing.T) {
	s := newSetting(t)
	s.register(s.accounts(bcrypt.MinCost))
	raised := s.accounts(bcrypt.MinCost + 1)
	costs := func() int {
		_, hash, err := s.store.AccountByEmail(t.Context(), "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		cost, err := bcrypt.Cost([]byte(hash))
		if err != nil {
			t.Fatal(err)
		}
		return cost
	}
	if _, err := raised.Authenticate(t.Context(), email, plain+"!"); err == nil || costs() != bcrypt.MinCost {
		t.Errorf("a wrong password: %v; the stored cost is %d", err, costs())
	}
	for range 2 {
		if _, err := raised.Authenticate(t.Context(), email, plain); err != nil || costs() != bcrypt.MinCost+1 {
			t.Errorf("signing in: %v; the stored cost is %d, want %d", err, costs(), bcrypt.MinCost+1)
		}
	}
}

func TestAFullQueueRefusesAlikeWithOrWithoutAnAccount(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	s.register(accounts)

	release := make(chan struct{})
	var wg sync.WaitGroup
	for range 33 {
		wg.Go(func() {
			// The probe below may have the last place for a moment.
			for errs.Is(s.queue.Do(t.Context(), func() { <-release }), errs.KindUnavailable) {
				runtime.Gosched()
			}
		})
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for !errs.Is(s.queue.Do(gone, func() {}), errs.KindUnavailable) {
		runtime.Gosched()
	}

	_, known := accounts.Authenticate(t.Context(), email, plain)
	_, unknown := accounts.Authenticate(t.Context(), "bob@example.com", plain)
	wantReason(t, known, "HASHING_QUEUE_FULL")
	wantReason(t, unknown, "HASHING_QUEUE_FULL")
	wantReason(t, accounts.Register(t.Context(), email, plain, ""), "HASHING_QUEUE_FULL")
	close(release)
	wg.Wait()
	if _, err := accounts.Authenticate(t.Context(), email, plain); err != nil {
		t.Errorf("after the rush: %v", err)
	}
}

func TestABrokenStoreIsUnavailableAndNotAWrongPassword(t *testing.T) {
	s := newSetting(t)
	accounts := s.accounts(bcrypt.MinCost)
	s.register(accounts)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := accounts.Authenticate(t.Context(), email, plain)
	wantReason(t, err, "STORAGE_UNAVAILABLE")
	wantReason(t, accounts.Register(t.Context(), email, plain, ""), "STORAGE_UNAVAILABLE")
}
