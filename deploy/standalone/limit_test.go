package standalone_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	standalone "github.com/inframind/inframind/deploy/standalone"
)

// newLimited starts a platform that counts requests, by a clock that stands still.
func newLimited(t *testing.T) (*platform, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClock()
	return newPlatform(t, func(o *standalone.Options) {
		o.Environ = []string{"BCRYPT_ROUNDS=10"}
		o.Clock = clock
	}), clock
}

// mustWait wants the answer that a limit gives, and returns when it may be tried
// again.
func (a answer) mustWait(t *testing.T, limit string, within time.Duration) time.Duration {
	t.Helper()
	a.problem(t, http.StatusTooManyRequests, "RATE_LIMITED")
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	after := time.Duration(seconds) * time.Second
	if err != nil || after <= 0 || after > within {
		t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
	}
	if got := a.Header.Get("RateLimit"); !strings.HasPrefix(got, `"`+limit+`";r=0;t=`) {
		t.Errorf("RateLimit %s", got)
	}
	return after
}

func TestTheSixthSignInWithinAMinuteWaits(t *testing.T) {
	p, clock := newLimited(t)
	s := p.newSession(t) // the first
	login := func(who person) answer {
		t.Helper()
		return p.send(t, http.MethodPost, "/api/v1/auth/login", who.credentials())
	}
	wrong := person{p, strings.ToUpper(s.email), rand.Text()} // the same account
	for n := 2; n <= 5; n++ {
		a := login(wrong)
		a.problem(t, http.StatusUnauthorized, "INVALID_CREDENTIALS")
		if got, want := a.Header.Get("RateLimit"), fmt.Sprintf(`"login-ip-and-account";r=%d;`, 5-n); !strings.HasPrefix(got, want) {
			t.Errorf("sign-in %d: RateLimit %s, want %s", n, got, want)
		}
	}
	after := login(s.person).mustWait(t, "login-ip-and-account", 2*time.Minute)
	a := login(wrong)
	a.mustWait(t, "login-ip-and-account", 2*time.Minute)
	if got := a.Header.Get("RateLimit-Policy"); got != `"login-ip-and-account";q=5;w=60, "login-ip";q=60;w=60` {
		t.Errorf("RateLimit-Policy %s", got)
	}

	// Others behind the same address, and what is signed in already, go on.
	login(person{p, "nobody@example.com", rand.Text()}).problem(t, http.StatusUnauthorized, "INVALID_CREDENTIALS")
	s.send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK)
	s.renew(t).want(t, http.StatusOK)

	clock.Advance(after - time.Second)
	login(s.person).mustWait(t, "login-ip-and-account", time.Minute)
	clock.Advance(time.Second)
	login(s.person).want(t, http.StatusOK)
}

func TestOneAddressOpensThreeAccountsAnHour(t *testing.T) {
	p, clock := newLimited(t)
	register := func() answer {
		t.Helper()
		who := person{p, "person-" + rand.Text() + "@example.com", rand.Text()}
		return p.send(t, http.MethodPost, "/api/v1/auth/register", who.credentials())
	}
	for n := 1; n <= 3; n++ {
		a := register().want(t, http.StatusAccepted)
		if got, want := a.Header.Get("RateLimit"), fmt.Sprintf(`"register";r=%d;`, 3-n); !strings.HasPrefix(got, want) {
			t.Errorf("account %d: RateLimit %s, want %s", n, got, want)
		}
	}
	after := register().mustWait(t, "register", 2*time.Hour)
	// A proxy that nobody trusts cannot say that it is somebody else.
	p.send(t, http.MethodPost, "/api/v1/auth/register", person{p, "eve@example.com", rand.Text()}.credentials(),
		"X-Forwarded-For: 203.0.113.9").mustWait(t, "register", 2*time.Hour)
	clock.Advance(after)
	register().want(t, http.StatusAccepted)
}

func TestTheAddressAloneIsCountedMoreWidely(t *testing.T) {
	p, _ := newLimited(t)
	for n := range 60 {
		// Refused for its shape, and counted: whoever guesses must not get more tries.
		p.send(t, http.MethodPost, "/api/v1/auth/login", fmt.Sprintf(`{"email":"person-%d@example.com","password":""}`, n)).
			problem(t, http.StatusBadRequest, "INVALID_REQUEST")
	}
	p.send(t, http.MethodPost, "/api/v1/auth/login", person{p, "last@example.com", rand.Text()}.credentials()).
		mustWait(t, "login-ip", 2*time.Minute)
}
