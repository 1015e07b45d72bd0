package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/jonboulle/clockwork"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
	"github.com/inframind/inframind/services/auth/internal/store/sqlite"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

// directory is accounts by ID, whose roles a test can change.
type directory map[string]account.Account

func (d directory) Account(_ context.Context, id string) (account.Account, error) {
	a, ok := d[id]
	if !ok {
		return account.Account{}, errs.NotFound("account", id)
	}
	return a, nil
}

// flakyRevocations fail as often as they are told to.
type flakyRevocations struct {
	*revocation.Memory
	failures int
}

func (f *flakyRevocations) Revoke(ctx context.Context, entries ...revocation.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.failures > 0 {
		f.failures--
		return errors.New("dial tcp 10.0.0.7:6379: connection refused")
	}
	return f.Memory.Revoke(ctx, entries...)
}

// flakyRandom fails as often as it is told to.
type flakyRandom struct{ failures int }

func (f *flakyRandom) Read(p []byte) (int, error) {
	if f.failures > 0 {
		f.failures--
		return 0, io.ErrUnexpectedEOF
	}
	return rand.Read(p)
}

// setting is sessions on a real store, by a clock that the test moves.
type setting struct {
	t           testing.TB
	path        string
	store       *sqlite.Store
	clock       *clockwork.FakeClock
	accounts    directory
	keys        *signingkey.Ring
	revocations *flakyRevocations
	random      *flakyRandom
	verifier    *token.Verifier
	ids         int
	*session.Sessions
}

var ada = account.Account{ID: "acc_ada", Email: "ada@example.com", Roles: []string{"admin"}}

func newSetting(t testing.TB) *setting {
	t.Helper()
	s := &setting{
		t:        t,
		path:     filepath.Join(t.TempDir(), "auth.db"),
		clock:    clockwork.NewFakeClock(),
		accounts: directory{ada.ID: ada},
		random:   &flakyRandom{},
	}
	s.start()
	return s
}

// start opens everything on the store's file, as the process does.
func (s *setting) start() {
	s.t.Helper()
	store, err := sqlite.Open(s.t.Context(), s.path, noop.NewTracerProvider())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = store.Close() }) // some tests have closed it
	s.store = store
	s.keys, err = signingkey.Open(s.t.Context(),
		signingkey.Secrets{Current: config.NewSecret("a secret of 32 characters or more")},
		signingkey.Deps{Store: store, Clock: s.clock, Random: s.random, Log: slog.New(slog.DiscardHandler), TokenLife: session.AccessLife})
	if err != nil {
		s.t.Fatal(err)
	}
	s.verifier = token.NewVerifier(s.keys, s.clock)
	s.revocations = &flakyRevocations{Memory: revocation.NewMemory(s.clock)}
	s.with(store)
	if err := s.Restore(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// with makes the sessions use a store that stands before the real one.
func (s *setting) with(store session.Store) {
	s.Sessions = session.New(session.Deps{
		Store:       store,
		Accounts:    s.accounts,
		Signer:      s.keys,
		Revocations: s.revocations,
		Clock:       s.clock,
		Random:      s.random,
		NewID: func(prefix string) string {
			s.ids++
			return fmt.Sprintf("%s_%d", prefix, s.ids)
		},
	})
}

// restart is a crash and a start: what was only in memory is gone.
func (s *setting) restart() {
	s.t.Helper()
	if err := s.store.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.start()
}

func (s *setting) signIn() session.Tokens {
	s.t.Helper()
	tokens, err := s.Open(s.t.Context(), s.accounts[ada.ID])
	if err != nil {
		s.t.Fatal(err)
	}
	return tokens
}

func (s *setting) refresh(tokens session.Tokens) session.Tokens {
	s.t.Helper()
	next, err := s.Rotate(s.t.Context(), tokens.Refresh)
	if err != nil {
		s.t.Fatal(err)
	}
	return next
}

func (s *setting) claims(tokens session.Tokens) token.Claims {
	s.t.Helper()
	claims, err := s.verifier.Verify(s.t.Context(), tokens.Access)
	if err != nil {
		s.t.Fatal(err)
	}
	return claims
}

// access is what the handler of Logout hands to End.
func (s *setting) access(tokens session.Tokens) session.AccessToken {
	s.t.Helper()
	c := s.claims(tokens)
	return session.AccessToken{SessionID: c.SessionID, Hash: c.Hash, ExpiresAt: c.ExpiresAt}
}

// revoked asks as the interceptor of every service does.
func (s *setting) revoked(tokens session.Tokens) bool {
	s.t.Helper()
	c := s.claims(tokens)
	revoked, err := s.revocations.Revoked(s.t.Context(), revocation.Query{
		TokenHash: c.Hash, SessionID: c.SessionID, Subject: c.Subject, KeyID: c.KeyID, IssuedAt: c.IssuedAt,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return revoked
}

func (s *setting) wantRefused(raw string) {
	s.t.Helper()
	_, err := s.Rotate(s.t.Context(), raw)
	s.wantReason(err, "INVALID_REFRESH_TOKEN")
}

func (s *setting) wantReason(err error, reason string) {
	s.t.Helper()
	if e, ok := errs.From(err); !ok || e.Reason != reason {
		s.t.Errorf("error %v, want %s", err, reason)
	}
}
