package standalone_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	standalone "github.com/inframind/inframind/deploy/standalone"
	"github.com/inframind/inframind/pkg/testkit"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
)

// lifetime is that of an access token.
const lifetime = 15 * time.Minute

func TestATokenThatIsNoneOfOursIsRefused(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	header, rest, _ := strings.Cut(s.access, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	other := p.newSession(t)
	_, otherRest, _ := strings.Cut(other.access, ".")
	otherPayload, _, _ := strings.Cut(otherRest, ".")
	for name, c := range map[string]struct{ authorization, reason string }{
		"a word":                      {"Bearer nonsense", "MALFORMED_TOKEN"},
		"two parts":                   {"Bearer " + header + "." + payload, "MALFORMED_TOKEN"},
		"no part has anything":        {"Bearer ..", "MALFORMED_TOKEN"},
		"another scheme":              {"Basic YWRhOnBhc3N3b3Jk", "MALFORMED_TOKEN"},
		"no token":                    {"Bearer ", "MALFORMED_TOKEN"},
		"two tokens":                  {"Bearer " + s.access + " " + s.access, "MALFORMED_TOKEN"},
		"the refresh token":           {"Bearer " + s.refresh, "MALFORMED_TOKEN"},
		"somebody else's payload":     {"Bearer " + header + "." + otherPayload + "." + signature, "INVALID_TOKEN"},
		"no signature":                {"Bearer " + header + "." + payload + ".", "INVALID_TOKEN"},
		"unsigned by its own account": {"Bearer eyJhbGciOiJub25lIn0." + payload + ".", "INVALID_TOKEN"},
		"the key of another":          {"Bearer " + testkit.NewIssuer(t, clockwork.NewRealClock()).Token("acc_1", "ses_1"), "INVALID_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			a := p.send(t, http.MethodGet, assessments, "", "Authorization: "+c.authorization)
			a.problem(t, http.StatusUnauthorized, c.reason)
			if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `Bearer realm="inframind"`) {
				t.Errorf("WWW-Authenticate %q", got)
			}
			p.send(t, http.MethodPost, assessments, draft, "Authorization: "+c.authorization).want(t, http.StatusUnauthorized)
		})
	}
	s.hasNothing(t)
	other.hasNothing(t)
}

func TestATokenEndsWithItsTimeAndARefreshGoesOn(t *testing.T) {
	clock := clockwork.NewFakeClock()
	p := newPlatform(t, func(o *standalone.Options) { o.Clock = clock })
	s := p.newSession(t)
	clock.Advance(lifetime - time.Second)
	s.send(t, http.MethodGet, assessments, "").want(t, http.StatusOK)
	clock.Advance(time.Second)
	for _, c := range []request{
		{verb: http.MethodGet, path: "/api/v1/auth/me"},
		{verb: http.MethodPost, path: assessments, body: draft},
		{verb: http.MethodGet, path: "/api/v1/recommendations/rec_1"},
	} {
		s.send(t, c.verb, c.path, c.body).problem(t, http.StatusUnauthorized, "EXPIRED_TOKEN")
	}
	var renewed authv1.RefreshResponse
	s.renew(t).want(t, http.StatusOK).into(t, &renewed)
	s.access, s.refresh = renewed.GetTokens().GetAccessToken(), renewed.GetTokens().GetRefreshToken()
	if at := renewed.GetTokens().GetAccessExpireTime().AsTime(); !at.Equal(clock.Now().Truncate(time.Microsecond).Add(lifetime)) {
		t.Errorf("expires at %v", at)
	}
	s.hasNothing(t)

	clock.Advance(7 * 24 * time.Hour) // unused for longer than a refresh token lives
	s.renew(t).problem(t, http.StatusUnauthorized, "INVALID_REFRESH_TOKEN")
}
