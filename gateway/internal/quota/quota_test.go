package quota_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/inframind/inframind/gateway/internal/quota"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// limited is a method with the given limits, each of two requests a minute.
func limited(keys ...policyv1.RateLimitKey) policy.Method {
	m := policy.Method{
		FullName: "/inframind.test.v1.TestService/RunReport",
		Policy:   &policyv1.Policy{},
		Input:    (&authv1.LoginRequest{}).ProtoReflect().Descriptor(),
	}
	for _, k := range keys {
		m.Policy.RateLimits = append(m.Policy.RateLimits, &policyv1.RateLimit{
			Requests: 2, Window: durationpb.New(time.Minute), Key: k, AccountField: "email",
		})
	}
	return m
}

func TestAUsersLimitFollowsThePersonAndNotTheAddress(t *testing.T) {
	clock := clockwork.NewFakeClock()
	issuer := testkit.NewIssuer(t, clock)
	enforcer := quota.NewEnforcer(limit.NewMemory(clock, 100), token.NewVerifier(issuer, clock))
	plan := quota.Compile(limited(policyv1.RateLimitKey_RATE_LIMIT_KEY_USER))
	take := func(raw, addr string) error {
		client := quota.Client{Addr: netip.MustParseAddr(addr), Token: raw}
		return enforcer.Take(t.Context(), plan, client, (&authv1.LoginRequest{}).ProtoReflect(), http.Header{})
	}
	ada, adaAgain, bob := issuer.Token("usr_ada", "ses_1"), issuer.Token("usr_ada", "ses_2"), issuer.Token("usr_bob", "ses_3")
	for _, c := range []struct {
		raw, addr string
		refused   bool
	}{
		{ada, "203.0.113.1", false},
		{adaAgain, "203.0.113.2", false},
		{ada, "203.0.113.3", true},
		{bob, "203.0.113.1", false},
		{"forged", "203.0.113.9", false}, // counted by its address until the service refuses it
		{"forged too", "203.0.113.9", false},
		{"and again", "203.0.113.9", true},
	} {
		if err := take(c.raw, c.addr); errs.Is(err, errs.KindExhausted) != c.refused {
			t.Errorf("%.10s from %s: %v", c.raw, c.addr, err)
		}
	}
}

func TestARefusedRequestIsCountedNowhere(t *testing.T) {
	clock := clockwork.NewFakeClock()
	enforcer := quota.NewEnforcer(limit.NewMemory(clock, 100), token.NewVerifier(testkit.NewIssuer(t, clock), clock))
	plan := quota.Compile(limited(policyv1.RateLimitKey_RATE_LIMIT_KEY_IP_AND_ACCOUNT, policyv1.RateLimitKey_RATE_LIMIT_KEY_IP))
	header := http.Header{}
	take := func(email string) error {
		client := quota.Client{Addr: netip.MustParseAddr("203.0.113.1")}
		return enforcer.Take(t.Context(), plan, client, (&authv1.LoginRequest{Email: email}).ProtoReflect(), header)
	}
	for i, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		if err := take(email); errs.Is(err, errs.KindExhausted) != (i == 2) {
			t.Errorf("%s: %v", email, err)
		}
	}
	clock.Advance(2 * time.Minute)
	for range 2 { // c's refused request did not use up c's own limit
		if err := take("c@example.com"); err != nil {
			t.Error(err)
		}
	}
	if got := header["Ratelimit-Policy"][0]; got != `"run-report-ip-and-account";q=2;w=60, "run-report-ip";q=2;w=60` {
		t.Errorf("RateLimit-Policy %s", got)
	}
}

func TestLimitsByAccountAloneAreNotTheGateways(t *testing.T) {
	if p := quota.Compile(limited(policyv1.RateLimitKey_RATE_LIMIT_KEY_ACCOUNT)); p != nil {
		t.Errorf("%+v", p)
	}
	if p := quota.Compile(limited()); p != nil {
		t.Errorf("%+v", p)
	}
}
