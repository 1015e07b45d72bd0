package session_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/services/auth/internal/session"
)

func TestASignOutRevokesAllTokensOfTheSessionForGood(t *testing.T) {
	s := newSetting(t)
	other := s.signIn()
	first := s.signIn()
	second := s.refresh(first)
	if err := s.End(t.Context(), s.access(second)); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"at once", "after a restart", "after another"} {
		if !s.revoked(first) || !s.revoked(second) {
			t.Errorf("%s an access token is good", when)
		}
		s.wantRefused(second.Refresh)
		if s.revoked(other) {
			t.Errorf("%s another session is revoked", when)
		}
		s.restart()
	}
	s.refresh(other)
}

func TestASignOutMayBeRepeated(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	for range 3 {
		if err := s.End(t.Context(), s.access(tokens)); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(time.Second)
	}
	if !s.revoked(tokens) {
		t.Error("the token is good")
	}
}

func TestARevocationLastsAsLongAsAnyTokenOfTheSession(t *testing.T) {
	s := newSetting(t)
	s.signIn()
	tokens := s.signIn()
	s.clock.Advance(10 * time.Minute)
	last := s.refresh(tokens)
	if err := s.End(t.Context(), s.access(tokens)); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(session.AccessLife - time.Microsecond)
	s.restart()
	if !s.revoked(last) {
		t.Error("the last token is good in its last moment")
	}
	s.clock.Advance(2 * time.Minute)
	if left, err := s.store.Revocations(t.Context(), s.clock.Now()); err != nil || len(left) != 0 {
		t.Errorf("left are %+v, %v; want none once all tokens have expired", left, err)
	}
}

// A revocation that is known and not durable is forgotten at the next restart.
func TestNothingIsRevokedThatIsNotDurable(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.wantReason(s.End(t.Context(), s.access(tokens)), "STORAGE_UNAVAILABLE")
	if s.revoked(tokens) {
		t.Error("it was revoked all the same")
	}
}

func TestASignOutThatCouldNotBeMadeKnownIsRepeated(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	s.revocations.failures = 1
	err := s.End(t.Context(), s.access(tokens))
	s.wantReason(err, "REVOCATIONS_UNAVAILABLE")
	if e, ok := errs.From(err); !ok || e.RetryAfter == 0 || strings.Contains(err.Error(), "10.0.0.7") {
		t.Errorf("error %v, want a retry delay and nothing of the cause", err)
	}
	s.wantRefused(tokens.Refresh) // it is durable, and this has made it known
	if !s.revoked(tokens) {
		t.Error("the access token is good after its refresh token was refused")
	}
	if err := s.End(t.Context(), s.access(tokens)); err != nil {
		t.Errorf("the repeat: %v", err)
	}
}

func TestASecondUseThatCouldNotBeMadeKnownIsToldSo(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	s.refresh(tokens)
	s.revocations.failures = 2
	for range 2 { // at the second the session has ended already
		_, err := s.Rotate(t.Context(), tokens.Refresh)
		s.wantReason(err, "REVOCATIONS_UNAVAILABLE")
	}
	s.wantRefused(tokens.Refresh)
	if !s.revoked(tokens) {
		t.Error("the access token is good")
	}
}

// hangUp is a store whose caller goes away as soon as the end is durable.
type hangUp struct {
	session.Store
	cancel context.CancelFunc
}

func (h hangUp) EndSession(ctx context.Context, id string, at time.Time, rs []revocation.Entry) error {
	defer h.cancel()
	return h.Store.EndSession(ctx, id, at, rs)
}

func TestASignOutIsFinishedForACallerWhoHangsUp(t *testing.T) {
	s := newSetting(t)
	tokens := s.signIn()
	ctx, cancel := context.WithCancel(t.Context())
	s.with(hangUp{s.store, cancel})
	if err := s.End(ctx, s.access(tokens)); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil || !s.revoked(tokens) {
		t.Error("the end is durable and nobody knows")
	}
}

func TestWithoutARestoreNoTokenIsCalledGood(t *testing.T) {
	s := newSetting(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.revocations = &flakyRevocations{Memory: revocation.NewMemory(s.clock)}
	s.with(s.store)
	s.wantReason(s.Restore(t.Context()), "STORAGE_UNAVAILABLE")
	_, err := s.revocations.Revoked(t.Context(), revocation.Query{SessionID: "ses_1"})
	if !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("Revoked = %v, want unavailable", err)
	}
}
