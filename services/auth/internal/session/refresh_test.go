package session_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/token"
	"github.com/inframind/inframind/services/auth/internal/session"
)

func TestASignInGivesTokensThatEveryServiceVerifies(t *testing.T) {
	s := newSetting(t)
	now := clock.Now(s.clock)
	tokens := s.signIn()
	kid, _ := s.keys.SigningKey(t.Context())
	want := token.Claims{
		Subject: ada.ID, SessionID: "ses_1", KeyID: kid, Roles: []string{"admin"},
		IssuedAt: now, ExpiresAt: now.Add(15 * time.Minute), ProvedAt: now,
	}
	got := s.claims(tokens)
	got.Hash = ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("claims %+v\nwant   %+v", got, want)
	}
	if !tokens.AccessExpiry.Equal(want.ExpiresAt) || !tokens.RefreshExpiry.Equal(now.Add(7*24*time.Hour)) {
		t.Errorf("expire at %v and %v", tokens.AccessExpiry, tokens.RefreshExpiry)
	}
	if s.revoked(tokens) {
		t.Error("they are revoked")
	}
}

func TestARefreshGivesTheSessionsNextTokens(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	signedIn := clock.Now(s.clock)
	seen := map[string]bool{tokens.Refresh: true, tokens.Access: true}
	for range 5 {
		s.clock.Advance(time.Hour)
		tokens = s.refresh(tokens)
		if seen[tokens.Refresh] || seen[tokens.Access] {
			t.Fatal("a token was handed out twice")
		}
		seen[tokens.Refresh], seen[tokens.Access] = true, true
		c := s.claims(tokens)
		if c.SessionID != "ses_1" || !c.IssuedAt.Equal(clock.Now(s.clock)) || !c.ProvedAt.Equal(signedIn) {
			t.Errorf("claims %+v, want the same session, from now, proved at the sign-in", c)
		}
	}
}

func TestARefreshTakesUpWhatTheAccountMayDoNow(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	demoted := ada
	demoted.Roles = nil
	s.accounts[ada.ID] = demoted
	tokens = s.refresh(tokens)
	if roles := s.claims(tokens).Roles; len(roles) != 0 {
		t.Errorf("roles %v, want none", roles)
	}
	delete(s.accounts, ada.ID)
	s.wantRefused(tokens.Refresh)
}

func TestASecondUseOfARefreshTokenEndsItsSession(t *testing.T) {
	s := newSetting(t)
	other := s.signIn()
	stolen := s.signIn()
	second := s.refresh(stolen)
	third := s.refresh(second)

	s.wantRefused(stolen.Refresh)
	s.wantRefused(third.Refresh)
	for i := range 2 {
		if !s.revoked(stolen) || !s.revoked(third) {
			t.Errorf("round %d: access tokens of the session are good", i)
		}
		if s.revoked(other) {
			t.Errorf("round %d: another session is revoked", i)
		}
		s.restart()
		s.wantRefused(third.Refresh)
	}
	s.refresh(other)
}

func TestOfManyWhoUseATokenAtOnceOneWinsAndTheSessionEnds(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	var (
		wg    sync.WaitGroup
		won   atomic.Int32
		begin = make(chan struct{})
	)
	for range 16 {
		wg.Go(func() {
			<-begin
			switch _, err := s.Rotate(t.Context(), tokens.Refresh); {
			case err == nil:
				won.Add(1)
			case !errs.Is(err, errs.KindUnauthenticated):
				t.Errorf("refused with %v", err)
			}
		})
	}
	close(begin)
	wg.Wait()
	if won.Load() != 1 || !s.revoked(tokens) {
		t.Errorf("%d won, revoked %t; want one and true", won.Load(), s.revoked(tokens))
	}
}

func TestASessionExpiresWhenItIsNotUsed(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	s.clock.Advance(session.IdleLife - time.Microsecond)
	tokens = s.refresh(tokens)
	s.clock.Advance(session.IdleLife)
	s.wantRefused(tokens.Refresh)
}

func TestASessionExpiresAtLastHoweverOftenItIsUsed(t *testing.T) {
	s := newSetting(t)
	end := clock.Now(s.clock).Add(session.MaxLife)
	tokens := s.signIn()
	for range 5 {
		s.clock.Advance(5 * 24 * time.Hour)
		tokens = s.refresh(tokens)
	}
	if !tokens.RefreshExpiry.Equal(end) {
		t.Errorf("the refresh token expires at %v, want %v", tokens.RefreshExpiry, end)
	}
	s.clock.Advance(5*24*time.Hour - time.Microsecond)
	tokens = s.refresh(tokens)
	s.clock.Advance(time.Microsecond)
	s.wantRefused(tokens.Refresh)
}

// The client would be left with a token that is used up and no answer.
func TestARefreshThatFailsMidwayLeavesTheTokenGood(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	s.random.failures = 1
	if _, err := s.Rotate(t.Context(), tokens.Refresh); err == nil || errs.Is(err, errs.KindUnauthenticated) {
		t.Errorf("without randomness: %v", err)
	}
	s.refresh(tokens)
}

func TestWhatIsNoRefreshTokenIsRefusedWithoutALookUp(t *testing.T) {
	s := newSetting(t)
	genuine := s.signIn().Refresh
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Rotate(t.Context(), genuine)
	s.wantReason(err, "STORAGE_UNAVAILABLE")
	for _, raw := range []string{
		"", "imr_", genuine[4:], "imx_" + genuine[4:], genuine[:len(genuine)-1], genuine + "A", " " + genuine,
		strings.Repeat("x", 512), "imr_" + strings.Repeat("=", 43), genuine[:20] + "\n" + genuine[21:],
	} {
		s.wantRefused(raw)
	}
}

func FuzzRefreshToken(f *testing.F) {
	f.Add("")
	f.Add("imr_" + strings.Repeat("A", 43))
	f.Add("imr_" + strings.Repeat("A", 42) + "B") // with bits that no encoder writes
	f.Add("imr_" + strings.Repeat("\n", 43))
	s := newSetting(f)
	f.Fuzz(func(t *testing.T, raw string) {
		_, err := s.Rotate(t.Context(), raw)
		if e, ok := errs.From(err); !ok || e.Reason != "INVALID_REFRESH_TOKEN" {
			t.Errorf("Rotate(%q) = %v, want INVALID_REFRESH_TOKEN", raw, err)
		}
	})
}

func TestNoTokenIsInTheFile(t *testing.T) {
	s := newSetting(t)
	tokens := s.refresh(s.signIn())
	secret, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(tokens.Refresh, "imr_"))
	if err != nil || len(secret) != 32 {
		t.Fatalf("the token %q has %d bytes, %v", tokens.Refresh, len(secret), err)
	}
	hash := sha256.Sum256([]byte(tokens.Refresh))
	var found bool
	for _, path := range []string{s.path, s.path + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(content, hash[:])
		for _, leak := range [][]byte{secret, []byte(tokens.Refresh), []byte(tokens.Access)} {
			if bytes.Contains(content, leak) {
				t.Errorf("%s contains a token", filepath.Base(path))
			}
		}
	}
	if !found {
		t.Error("the files do not contain the token's hash: they are not those that were written")
	}
}
