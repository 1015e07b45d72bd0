package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/config"
)

func TestEveryAnswerHasARequestID(t *testing.T) {
	p := newPlatform(t)
	for given, kept := range map[string]bool{
		"abc-123_X.y~z":         true,
		strings.Repeat("r", 64): true,
		strings.Repeat("r", 65): false,
		"two words":             false,
		"<script>":              false,
		"é":                     false,
	} {
		for _, path := range []string{"/api/v1/auth/me", "/nothing", "/docs"} {
			got := p.send("GET", path, "", "X-Request-ID: "+given).Header.Get("X-Request-ID")
			if got == "" || len(got) > 64 || kept != (got == given) {
				t.Errorf("%s with %q: %q", path, given, got)
			}
		}
	}
	first, second := p.send("GET", "/nothing", ""), p.send("GET", "/nothing", "")
	if first.Header.Get("X-Request-ID") == second.Header.Get("X-Request-ID") {
		t.Error("two requests have the same new ID")
	}
}

func TestServicesLearnAboutTheClientWhatTheyNeedAndNoMore(t *testing.T) {
	p := newPlatform(t)
	a := p.send("POST", "/api/v1/assessments", draft, p.signedIn(), "X-Request-ID: r-1", "Idempotency-Key: k-1",
		"X-Forwarded-For: 203.0.113.9", "X-Forwarded-Client-IP: 203.0.113.9", "X-Forwarded-Host: evil.example",
		"Grpc-Metadata-X-Request-Id: r-2", "Grpc-Metadata-Authorization: Bearer x", "Cookie: a=b", "TE: trailers")
	if a.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	got := p.assessments.received.caller
	if got.RequestID != "r-1" || got.ClientIP != "127.0.0.1" || got.Claims.Subject != "usr_ada" || got.Service != "gateway" {
		t.Errorf("%+v", got)
	}
	md := p.assessments.metadata
	if !slices.Equal(md["idempotency-key"], []string{"k-1"}) {
		t.Errorf("idempotency-key %v", md["idempotency-key"])
	}
	known := []string{"authorization", "x-request-id", "idempotency-key", "x-forwarded-client-ip", "traceparent", "content-type", ":authority", "user-agent", "grpc-accept-encoding"}
	for name := range md {
		if !slices.Contains(known, name) {
			t.Errorf("%s: %v goes along", name, md[name])
		}
	}
	for name := range a.Header {
		if strings.HasPrefix(name, "Grpc-") || name == "Trailer" {
			t.Errorf("the answer has %s", name)
		}
	}
}

func TestAnAnonymousCallTakesNoTokenAlong(t *testing.T) {
	p := newPlatform(t)
	p.send("POST", "/api/v1/auth/login", `{"email":"a@example.com","password":"x"}`, p.signedIn())
	if got := p.auth.metadata["authorization"]; got != nil {
		t.Errorf("authorization %v", got)
	}
}

func TestForwardedAddressesAreBelievedFromTrustedProxiesAlone(t *testing.T) {
	for _, c := range []struct {
		trusted   []string
		forwarded []string
		want      string
	}{
		{nil, []string{"203.0.113.9"}, "127.0.0.1"},
		{[]string{"10.0.0.0/8"}, []string{"203.0.113.9"}, "127.0.0.1"},
		{[]string{"127.0.0.0/8"}, nil, "127.0.0.1"},
		{[]string{"127.0.0.0/8"}, []string{"203.0.113.9"}, "203.0.113.9"},
		{[]string{"127.0.0.0/8"}, []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"}, // the client wrote the first
		{[]string{"127.0.0.0/8", "10.0.0.0/8"}, []string{"1.1.1.1", "203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		{[]string{"127.0.0.0/8", "10.0.0.0/8"}, []string{"10.4.4.4,10.1.2.3"}, "10.4.4.4"},
		{[]string{"127.0.0.0/8"}, []string{"unknown"}, "127.0.0.1"},
		{[]string{"127.0.0.0/8"}, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{[]string{"127.0.0.0/8"}, []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{[]string{"127.0.0.0/8"}, []string{"203.0.113.9:4711"}, "203.0.113.9"},
	} {
		p := newPlatform(t, func(s *setup) { s.config.TrustedProxies = c.trusted })
		var headers []string
		for _, f := range c.forwarded {
			headers = append(headers, "X-Forwarded-For: "+f)
		}
		p.send("GET", "/api/v1/auth/me", "", append(headers, p.signedIn())...)
		if got := p.auth.received.caller.ClientIP; got != c.want {
			t.Errorf("trusted %v, forwarded %v: %s, want %s", c.trusted, c.forwarded, got, c.want)
		}
	}
}

func TestAnAnswerOfTheAPIIsNoPage(t *testing.T) {
	p := newPlatform(t)
	for _, path := range []string{"/api/v1/auth/me", "/nothing", "/health"} {
		h := p.send("GET", path, "").Header
		for name, want := range map[string]string{
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "no-store",
			"Referrer-Policy":         "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s: %q", path, name, h.Get(name))
			}
		}
	}
}

func preflight(p *platform, origin, method, headers string) answer {
	return p.send("OPTIONS", "/api/v1/assessments/asm_1", "", "Origin: "+origin,
		"Access-Control-Request-Method: "+method, "Access-Control-Request-Headers: "+headers)
}

func TestPagesOfListedOriginsMayCall(t *testing.T) {
	const app = "https://app.example.com"
	p := newPlatform(t, func(s *setup) { s.config.CORSOrigins = []string{app, "http://localhost:3000"} })
	headers := []string{
		"accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match",
		"last-event-id", "origin", "traceparent", "x-request-id", "x-requested-with",
	}
	a := preflight(p, app, "PATCH", strings.Join(headers, ","))
	if a.StatusCode != http.StatusNoContent || a.Header.Get("Access-Control-Allow-Origin") != app ||
		a.Header.Get("Access-Control-Allow-Methods") != "PATCH" || a.Header.Get("Access-Control-Max-Age") != "3600" {
		t.Errorf("preflight: %d %v", a.StatusCode, a.Header)
	}
	if got := a.Header.Get("Access-Control-Allow-Headers"); got != strings.Join(headers, ",") {
		t.Errorf("allowed headers %s", got)
	}
	a = p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn(), "Origin: "+app)
	if a.StatusCode != http.StatusOK || a.Header.Get("Access-Control-Allow-Origin") != app ||
		!slices.Contains(a.Header.Values("Vary"), "Origin") ||
		a.Header.Get("Access-Control-Expose-Headers") != "Etag, X-Request-Id, Retry-After, Ratelimit, Ratelimit-Policy" {
		t.Errorf("call: %d %v", a.StatusCode, a.Header)
	}
	for _, h := range []http.Header{a.Header, preflight(p, app, "GET", "").Header} {
		if h.Get("Access-Control-Allow-Credentials") != "" {
			t.Error("credentials are allowed")
		}
	}
	if a = p.send("GET", "/api/v1/nothing", "", "Origin: "+app); a.Header.Get("Access-Control-Allow-Origin") != app {
		t.Error("a page cannot read why its call failed")
	}
}

func TestOtherPagesMayNot(t *testing.T) {
	listed := newPlatform(t, func(s *setup) { s.config.CORSOrigins = []string{"https://app.example.com"} })
	none := newPlatform(t)
	for origin, p := range map[string]*platform{
		"https://evil.example":         listed,
		"https://app.example.com.evil": listed,
		"http://app.example.com":       listed,
		"https://APP.example.com":      listed,
		"null":                         listed,
		"https://app.example.com":      none,
		"http://localhost:3000":        none,
	} {
		if a := preflight(p, origin, "PATCH", "authorization"); a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("preflight of %s: %v", origin, a.Header)
		}
		if a := p.send("GET", "/health", "", "Origin: "+origin); a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("call of %s: %v", origin, a.Header)
		}
	}
	for what, a := range map[string]answer{
		"another header": preflight(listed, "https://app.example.com", "GET", "x-api-key"),
		"another method": preflight(listed, "https://app.example.com", "PUT", "authorization"),
	} {
		if a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", what, a.Header)
		}
	}
}

func TestTheConfigurationIsRefusedWithAllItsFaults(t *testing.T) {
	for _, c := range []struct {
		environ []string
		want    []string // the variables with a fault
	}{
		{[]string{"ENVIRONMENT=development"}, nil},
		{[]string{"ENVIRONMENT=production", "INFRA_MIND_CORS_ORIGINS=https://app.example.com"}, nil},
		{[]string{"ENVIRONMENT=development", "RATE_LIMIT_ENABLED=false"}, nil},
		{[]string{}, []string{"ENVIRONMENT"}},
		{[]string{"ENVIRONMENT=production"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
		{
			[]string{"ENVIRONMENT=production", "INFRA_MIND_CORS_ORIGINS=*", "RATE_LIMIT_ENABLED=false", "INFRA_MIND_TRUSTED_PROXIES=10.0.0.1"},
			[]string{"INFRA_MIND_CORS_ORIGINS", "INFRA_MIND_TRUSTED_PROXIES", "RATE_LIMIT_ENABLED"},
		},
		{[]string{"ENVIRONMENT=development", "INFRA_MIND_CORS_ORIGINS=*"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
		{[]string{"ENVIRONMENT=development", "INFRA_MIND_CORS_ORIGINS=https://*.example.com"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
		{[]string{"ENVIRONMENT=development", "INFRA_MIND_CORS_ORIGINS=https://example.com/"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
		{[]string{"ENVIRONMENT=development", "INFRA_MIND_CORS_ORIGINS=example.com"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
		{[]string{"ENVIRONMENT=development", "INFRA_MIND_CORS_ORIGINS=null"}, []string{"INFRA_MIND_CORS_ORIGINS"}},
	} {
		var lines []string
		if err := config.Load(&gateway.Config{}, c.environ); err != nil {
			lines = strings.Split(err.Error(), "\n")
		}
		for _, name := range c.want {
			if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+" ") }) {
				t.Errorf("%v: nothing about %s in %q", c.environ, name, lines)
			}
		}
		if len(lines) > 0 && c.want == nil {
			t.Errorf("%v: %q", c.environ, lines)
		}
	}
}

func TestAGatewayIsNotBuiltWithoutItsServices(t *testing.T) {
	_, err := gateway.New(t.Context(), gateway.Config{Environment: config.Development}, gateway.Deps{})
	for _, name := range []string{"auth", "assessment", "recommendation"} {
		if err == nil || !strings.Contains(err.Error(), "no connection to "+name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
