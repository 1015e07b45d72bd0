package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// want checks a call's outcome by code and reason.
func want(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	st := status.Convert(err)
	if st.Code() != code {
		t.Errorf("got %v, want %v", st, code)
	}
	if code != codes.OK && errs.Reason(st) != reason {
		t.Errorf("got the reason %s (%s), want %s", errs.Reason(st), st.Message(), reason)
	}
}

func TestWhoMayCall(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	signed := func(change func(*token.Claims)) string {
		c := issuer.Claims("usr_1", "ses_1")
		change(&c)
		return issuer.Sign(c)
	}
	person := issuer.Token("usr_1", "ses_1")
	admin := issuer.Token("usr_2", "ses_2", "auditor", "admin")
	scoped := func(scopes ...string) string { return signed(func(c *token.Claims) { c.Scopes = scopes }) }
	proved := func(at time.Time) string { return signed(func(c *token.Claims) { c.ProvedAt = at }) }
	expired := signed(func(c *token.Claims) { c.ExpiresAt = noon })

	for name, c := range map[string]struct {
		method, from, token string
		code                codes.Code
		reason              string
	}{
		"anyone calls a public method":                        {"Public", "gateway", "", codes.OK, ""},
		"a public method does not look at the token":          {"Public", "gateway", "nonsense", codes.OK, ""},
		"a person calls a method for people":                  {"User", "gateway", person, codes.OK, ""},
		"a person calls through another service":              {"User", "dashboard", person, codes.OK, ""},
		"nobody calls a method for people":                    {"User", "gateway", "", codes.Unauthenticated, "MISSING_TOKEN"},
		"a service is no person":                              {"User", "training", "", codes.Unauthenticated, "MISSING_TOKEN"},
		"a token has to look like one":                        {"User", "gateway", "nonsense", codes.Unauthenticated, "MALFORMED_TOKEN"},
		"a token has its time":                                {"User", "gateway", expired, codes.Unauthenticated, "EXPIRED_TOKEN"},
		"a token is auth's":                                   {"User", "gateway", testkit.NewIssuer(t, clock).Token("usr_1", "ses_1"), codes.Unauthenticated, "INVALID_TOKEN"},
		"an admin calls a method for admins":                  {"Admin", "gateway", admin, codes.OK, ""},
		"a person is no admin":                                {"Admin", "gateway", person, codes.PermissionDenied, "ADMIN_REQUIRED"},
		"nobody is no admin":                                  {"Admin", "gateway", "", codes.Unauthenticated, "MISSING_TOKEN"},
		"a named service calls a method for services":         {"Service", "training", "", codes.OK, ""},
		"so does the other one":                               {"Service", "dashboard", "", codes.OK, ""},
		"another service does not":                            {"Service", "assessment", "", codes.PermissionDenied, "SERVICE_NOT_ALLOWED"},
		"an admin does not call a method for services":        {"Service", "gateway", admin, codes.PermissionDenied, "SERVICE_NOT_ALLOWED"},
		"a session has every scope":                           {"Scoped", "gateway", person, codes.OK, ""},
		"a scoped token has its own":                          {"Scoped", "gateway", scoped("probe:read", "x"), codes.OK, ""},
		"a scoped token has no other":                         {"Scoped", "gateway", scoped("x"), codes.PermissionDenied, "SCOPE_REQUIRED"},
		"a token of no scope has none":                        {"Scoped", "gateway", signed(func(c *token.Claims) { c.Scopes = []string{} }), codes.PermissionDenied, "SCOPE_REQUIRED"},
		"a person who has just signed in has stepped up":      {"StepUp", "gateway", person, codes.OK, ""},
		"five minutes are just":                               {"StepUp", "gateway", proved(noon.Add(-5 * time.Minute)), codes.OK, ""},
		"more are not":                                        {"StepUp", "gateway", proved(noon.Add(-5*time.Minute - time.Microsecond)), codes.PermissionDenied, "STEP_UP_REQUIRED"},
		"a token that states no proof of presence shows none": {"StepUp", "gateway", proved(time.Time{}), codes.PermissionDenied, "STEP_UP_REQUIRED"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := testkit.Serve(t, "probe", answers().register, testkit.WithIssuer(issuer), testkit.WithCaller(c.from))
			// The authorization is set by hand, so that it is sent to every method.
			ctx := t.Context()
			if c.token != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.token)
			}
			want(t, invoke(ctx, conn, c.method), c.code, c.reason)
		})
	}
}

func TestWhatAuthorizationMayLookLike(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	conn := testkit.Serve(t, "probe", answers().register, testkit.WithIssuer(issuer))
	raw := issuer.Token("usr_1", "ses_1")
	for name, c := range map[string]struct {
		values []string
		reason string
	}{
		"the scheme in any case": {[]string{"bEARER " + raw}, ""},
		"another scheme":         {[]string{"Basic " + raw}, "MALFORMED_TOKEN"},
		"no scheme":              {[]string{raw}, "MALFORMED_TOKEN"},
		"only a scheme":          {[]string{"Bearer "}, "MISSING_TOKEN"},
		"two people":             {[]string{"Bearer " + raw, "Bearer " + issuer.Token("usr_2", "ses_2")}, "MALFORMED_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			for _, v := range c.values {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", v)
			}
			code := codes.Unauthenticated
			if c.reason == "" {
				code = codes.OK
			}
			want(t, invoke(ctx, conn, "User"), code, c.reason)
		})
	}
}

func TestARevokedTokenIsRefusedFromTheNextCallOn(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	verified, err := token.NewVerifier(issuer, clock).Verify(t.Context(), issuer.Token("usr_1", "ses_1"))
	if err != nil {
		t.Fatal(err)
	}
	later := noon.Add(time.Hour)
	for name, entry := range map[string]revocation.Entry{
		"by its hash":    {Kind: revocation.Token, ID: verified.Hash, ExpiresAt: later},
		"by its session": {Kind: revocation.Session, ID: "ses_1", ExpiresAt: later},
		"by its subject": {Kind: revocation.Subject, ID: "usr_1", Before: noon.Add(time.Microsecond), ExpiresAt: later},
		"by its key":     {Kind: revocation.Key, ID: testkit.KeyID, ExpiresAt: later},
	} {
		t.Run(name, func(t *testing.T) {
			revoked := testkit.NoRevocations(t, clock)
			conn := testkit.Serve(t, "probe", answers().register, testkit.WithIssuer(issuer), testkit.WithRevocations(revoked))
			ctx := issuer.Context(t.Context(), "usr_1", "ses_1")
			want(t, invoke(ctx, conn, "User"), codes.OK, "")
			if err := revoked.Revoke(t.Context(), entry); err != nil {
				t.Fatal(err)
			}
			want(t, invoke(ctx, conn, "User"), codes.Unauthenticated, "REVOKED_TOKEN")
			want(t, invoke(ctx, conn, "Public"), codes.OK, "")
		})
	}
}

// brokenStore is a revocation store whose driver fails.
type brokenStore struct{ revocation.Store }

func (brokenStore) Revoked(context.Context, revocation.Query) (bool, error) {
	return false, errors.New("dial tcp 10.0.0.7:6379: connection refused")
}

func TestWhileRevocationsAreAwayNobodyIsLetThrough(t *testing.T) {
	clock := clockwork.NewFakeClockAt(noon)
	issuer := testkit.NewIssuer(t, clock)
	for name, store := range map[string]revocation.Store{
		"it has not been restored": revocation.NewMemory(clock),
		"its driver fails":         brokenStore{},
	} {
		t.Run(name, func(t *testing.T) {
			conn := testkit.Serve(t, "probe", answers().register, testkit.WithIssuer(issuer), testkit.WithRevocations(store))
			ctx := issuer.Context(t.Context(), "usr_1", "ses_1")
			err := invoke(ctx, conn, "User")
			want(t, err, codes.Unavailable, "REVOCATIONS_UNAVAILABLE")
			if _, _, retry := errs.FromStatus(status.Convert(err)); retry != time.Second {
				t.Errorf("it is worth trying again after %v", retry)
			}
			want(t, invoke(ctx, conn, "Public"), codes.OK, "")
		})
	}
}

func TestAHandlerKnowsItsCaller(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	var got rpc.Caller
	var subject string
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		got, _ = rpc.CallerFrom(ctx)
		subject = rpc.Subject(ctx)
		return &response{}, nil
	}
	raw := issuer.Token("usr_1", "ses_1", "admin")
	sent := rpc.Caller{RequestID: "req_7", RawToken: raw, ClientIP: "2001:db8::7"}

	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer))
	want(t, invoke(rpc.WithCaller(t.Context(), sent), conn, "User"), codes.OK, "")
	if got.Service != "gateway" || got.RequestID != "req_7" || got.RawToken != raw || got.ClientIP != "2001:db8::7" {
		t.Errorf("the caller is %+v", got)
	}
	if subject != "usr_1" || got.Claims.SessionID != "ses_1" || !got.Claims.HasRole("admin") {
		t.Errorf("%q calls with %+v", subject, got.Claims)
	}

	want(t, invoke(rpc.WithCaller(t.Context(), sent), conn, "Public"), codes.OK, "")
	if subject != "" || got.RawToken != "" || got.RequestID != "req_7" {
		t.Errorf("a public method knows the caller as %+v", got)
	}
}

func TestOutsideOfACallThereIsNoCaller(t *testing.T) {
	if c, ok := rpc.CallerFrom(t.Context()); ok {
		t.Errorf("got %+v", c)
	}
	if s := rpc.Subject(t.Context()); s != "" {
		t.Errorf("got the subject %q", s)
	}
	if k := rpc.IdempotencyKey(t.Context()); k != "" {
		t.Errorf("got the key %q", k)
	}
}

func TestTheClientsAddressIsTakenFromTheGatewayAlone(t *testing.T) {
	for name, c := range map[string]struct{ from, sent, want string }{
		"the gateway says it":     {"gateway", "192.0.2.7", "192.0.2.7"},
		"another service says it": {"training", "192.0.2.7", ""},
		"it is no address":        {"gateway", "somewhere", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := "unasked"
			p := answers()
			p.unary = func(ctx context.Context, _ *request) (*response, error) {
				caller, _ := rpc.CallerFrom(ctx)
				got = caller.ClientIP
				return &response{}, nil
			}
			conn := testkit.Serve(t, "probe", p.register, testkit.WithCaller(c.from))
			ctx := metadata.AppendToOutgoingContext(t.Context(), "x-forwarded-client-ip", c.sent)
			want(t, invoke(ctx, conn, "Public"), codes.OK, "")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryCallHasARequestID(t *testing.T) {
	var got string
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		caller, _ := rpc.CallerFrom(ctx)
		got = caller.RequestID
		return &response{}, nil
	}
	conn := testkit.Serve(t, "probe", p.register)
	seen := map[string]bool{}
	for _, sent := range []string{"", "", "two words", strings.Repeat("x", 129)} {
		ctx := t.Context()
		if sent != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "x-request-id", sent)
		}
		want(t, invoke(ctx, conn, "Public"), codes.OK, "")
		if len(got) != len("req_")+26 || seen[got] {
			t.Errorf("for %q the request ID is %q", sent, got)
		}
		seen[got] = true
	}
}
