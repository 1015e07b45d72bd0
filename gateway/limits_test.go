package gateway_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func login(email string) string { return fmt.Sprintf(`{"email":%q,"password":"x"}`, email) }

// behindProxy makes the address of the client whatever the test says.
func behindProxy(s *setup) { s.config.TrustedProxies = []string{"127.0.0.0/8"} }

func TestLoginsAreLimitedByAddressAndAccount(t *testing.T) {
	p := newPlatform(t, behindProxy)
	post := func(email, ip string) answer {
		return p.send("POST", "/api/v1/auth/login", login(email), "X-Forwarded-For: "+ip)
	}
	for i := range 5 {
		a := post("ada@example.com", "203.0.113.1")
		if a.StatusCode != http.StatusOK {
			t.Fatalf("sign-in %d: %d %s", i+1, a.StatusCode, a.body)
		}
		if got, want := a.Header.Get("RateLimit"), fmt.Sprintf(`"login-ip-and-account";r=%d;t=`, 4-i); !strings.HasPrefix(got, want) {
			t.Errorf("sign-in %d: RateLimit %s, want %s", i+1, got, want)
		}
		if got := a.Header.Get("RateLimit-Policy"); got != `"login-ip-and-account";q=5;w=60, "login-ip";q=60;w=60` {
			t.Errorf("RateLimit-Policy %s", got)
		}
	}
	a := post(" ADA@example.com", "203.0.113.1") // the same account, written otherwise
	if d := a.problem(t); d.Status != http.StatusTooManyRequests || d.Reason != "RATE_LIMITED" {
		t.Errorf("the sixth: %s", a.body)
	}
	if got := a.Header.Get("Retry-After"); got == "" || got == "0" {
		t.Errorf("Retry-After %q", got)
	}
	if n := p.auth.count(); n != 5 {
		t.Errorf("auth was called %d times", n)
	}
	if a := post("bob@example.com", "203.0.113.1"); a.StatusCode != http.StatusOK {
		t.Errorf("another account: %d", a.StatusCode)
	}
	if a := post("ada@example.com", "203.0.113.2"); a.StatusCode != http.StatusOK {
		t.Errorf("another address: %d", a.StatusCode)
	}
	p.clock.Advance(2 * time.Minute)
	if a := post("ada@example.com", "203.0.113.1"); a.StatusCode != http.StatusOK {
		t.Errorf("two minutes later: %d", a.StatusCode)
	}
}

func TestOneAddressCannotTryManyAccounts(t *testing.T) {
	p := newPlatform(t, behindProxy)
	// An IPv6 client has a whole /64 of addresses.
	for i := range 60 {
		a := p.send("POST", "/api/v1/auth/login", login(fmt.Sprintf("u%d@example.com", i)), fmt.Sprintf("X-Forwarded-For: 2001:db8:0:1::%x", i+1))
		if a.StatusCode != http.StatusOK {
			t.Fatalf("account %d: %d", i+1, a.StatusCode)
		}
	}
	a := p.send("POST", "/api/v1/auth/login", login("u60@example.com"), "X-Forwarded-For: 2001:db8:0:1:ffff::1")
	if a.StatusCode != http.StatusTooManyRequests || !strings.HasPrefix(a.Header.Get("RateLimit"), `"login-ip";r=0;t=`) {
		t.Errorf("the 61st: %d %s", a.StatusCode, a.Header.Get("RateLimit"))
	}
	if a := p.send("POST", "/api/v1/auth/login", login("u60@example.com"), "X-Forwarded-For: 2001:db8:0:2::1"); a.StatusCode != http.StatusOK {
		t.Errorf("the network beside it: %d", a.StatusCode)
	}
}

func TestRegistrationsAreThreeAnHourForAnAddress(t *testing.T) {
	p := newPlatform(t)
	post := func() answer {
		return p.send("POST", "/api/v1/auth/register", `{"email":"a@example.com","password":"a long enough password"}`)
	}
	for i := range 3 {
		if a := post(); a.StatusCode != http.StatusAccepted || a.Header.Get("RateLimit-Policy") != `"register";q=3;w=3600` {
			t.Fatalf("%d: %d %v", i+1, a.StatusCode, a.Header)
		}
	}
	if a := post(); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the fourth: %d", a.StatusCode)
	}
	p.clock.Advance(30 * time.Minute)
	if a := post(); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("half an hour later: %d", a.StatusCode)
	}
	p.clock.Advance(90 * time.Minute)
	if a := post(); a.StatusCode != http.StatusAccepted {
		t.Errorf("two hours later: %d", a.StatusCode)
	}
}

func TestARequestOfABadFormIsNotCounted(t *testing.T) {
	p := newPlatform(t)
	for range 10 {
		p.send("POST", "/api/v1/auth/register", `{"email":5}`)
	}
	if a := p.send("POST", "/api/v1/auth/register", `{"email":"a@example.com","password":"a long enough password"}`); a.StatusCode != http.StatusAccepted {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestAMethodWithoutLimitsHasNoLimitHeaders(t *testing.T) {
	p := newPlatform(t)
	if h := p.send("GET", "/api/v1/auth/me", "", p.signedIn()).Header; h.Get("RateLimit") != "" || h.Get("RateLimit-Policy") != "" {
		t.Errorf("%v", h)
	}
}

func TestWhatCannotBeCountedIsNotLetThrough(t *testing.T) {
	p := newPlatform(t, func(s *setup) {
		s.deps.Limiter = brokenLimiter{func() error { return errors.New("counter at 10.0.0.7 is away") }}
	})
	a := p.send("POST", "/api/v1/auth/login", login("ada@example.com"))
	if d := a.problem(t); d.Status != http.StatusServiceUnavailable || d.Reason != "RATE_LIMITS_UNAVAILABLE" ||
		a.Header.Get("Retry-After") != "1" || strings.Contains(a.body, "10.0.0.7") {
		t.Errorf("%s %v", a.body, a.Header)
	}
	if n := p.auth.count(); n != 0 {
		t.Errorf("auth was called %d times", n)
	}
}

func TestLimitsCanBeSwitchedOffInDevelopment(t *testing.T) {
	p := newPlatform(t, func(s *setup) { s.config.RateLimitEnabled = false })
	for range 10 {
		if a := p.send("POST", "/api/v1/auth/login", login("ada@example.com")); a.StatusCode != http.StatusOK || a.Header.Get("RateLimit") != "" {
			t.Fatalf("%d %v", a.StatusCode, a.Header)
		}
	}
}
