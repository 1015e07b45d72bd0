package standalone_test

import (
	"net/http"
	"slices"
	"testing"

	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

func TestASessionEndsAtEveryService(t *testing.T) {
	who := newPlatform(t).newSession(t).person
	t.Run("by logout, also after a restart", func(t *testing.T) { logout(t, who) })
	t.Run("with all the tokens it was refreshed to", func(t *testing.T) { logoutAfterRefresh(t, who) })
	t.Run("when a refresh token is used twice", func(t *testing.T) { refreshTwice(t, who) })
}

func logout(t *testing.T, who person) {
	ended, other := who.signIn(t), who.signIn(t)

	// Each request is one that works before, and logout is the last of them.
	all := personal(t)
	last := slices.IndexFunc(all, func(m method) bool { return m.FullName == authv1.AuthService_Logout_FullMethodName })
	for _, m := range append(slices.Delete(slices.Clone(all), last, last+1), all[last]) {
		a := m.ask(t, ended, other.newBelongings(t))
		if m.Policy.GetAccess() == policyv1.Access_ACCESS_ADMIN {
			a.problem(t, http.StatusForbidden, "ADMIN_REQUIRED")
			continue
		}
		if a.StatusCode >= http.StatusBadRequest {
			t.Errorf("%s before the logout: %d %s", m.FullName, a.StatusCode, a.body)
		}
	}

	check := func(when string) {
		t.Helper()
		his := other.newBelongings(t)
		for _, m := range all {
			got := m.ask(t, ended, his).problem(t, http.StatusUnauthorized, "REVOKED_TOKEN")
			if t.Failed() {
				t.Fatalf("%s %s: %+v", m.FullName, when, got)
			}
		}
		ended.renew(t).problem(t, http.StatusUnauthorized, "INVALID_REFRESH_TOKEN")
		other.send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK)
		other.send(t, http.MethodGet, "/api/v1/recommendations/"+his.set, "").want(t, http.StatusOK)
	}
	check("after the logout")
	who.platform.restart(t)
	check("after a restart")

	var renewed authv1.RefreshResponse
	other.renew(t).want(t, http.StatusOK).into(t, &renewed)
	other.access = renewed.GetTokens().GetAccessToken()
	other.send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK)
}

func logoutAfterRefresh(t *testing.T, who person) {
	first := who.signIn(t)
	var renewed authv1.RefreshResponse
	first.renew(t).want(t, http.StatusOK).into(t, &renewed)
	second := first
	second.access, second.refresh = renewed.GetTokens().GetAccessToken(), renewed.GetTokens().GetRefreshToken()
	if second.access == first.access || second.refresh == first.refresh {
		t.Fatal("the refresh gave out a token again")
	}
	for _, s := range []session{first, second} {
		s.send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK)
	}
	second.send(t, http.MethodPost, "/api/v1/auth/logout", "").want(t, http.StatusNoContent)
	for _, s := range []session{first, second} {
		s.send(t, http.MethodGet, assessments, "").problem(t, http.StatusUnauthorized, "REVOKED_TOKEN")
		s.renew(t).problem(t, http.StatusUnauthorized, "INVALID_REFRESH_TOKEN")
	}
}

func refreshTwice(t *testing.T, who person) {
	s := who.signIn(t)
	var renewed authv1.RefreshResponse
	s.renew(t).want(t, http.StatusOK).into(t, &renewed)
	s.renew(t).problem(t, http.StatusUnauthorized, "INVALID_REFRESH_TOKEN")
	next := session{s.person, renewed.GetTokens().GetAccessToken(), renewed.GetTokens().GetRefreshToken()}
	next.send(t, http.MethodGet, assessments, "").problem(t, http.StatusUnauthorized, "REVOKED_TOKEN")
	next.renew(t).problem(t, http.StatusUnauthorized, "INVALID_REFRESH_TOKEN")
}
