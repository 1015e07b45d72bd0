package standalone_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const app = "https://app.example.com"

// headersOfPages are all that a page of a listed origin may set.
var headersOfPages = []string{
	"Authorization", "Content-Type", "X-Requested-With", "X-Request-ID", "Accept", "Origin",
	"Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "traceparent",
}

// preflight asks for a page of an origin.
func (p *platform) preflight(t *testing.T, origin, verb string, headers ...string) http.Header {
	t.Helper()
	for i, h := range headers {
		headers[i] = strings.ToLower(h) // as browsers do, sorted
	}
	slices.Sort(headers)
	a := p.send(t, http.MethodOptions, assessments+"/asm_1", "", "Origin: "+origin,
		"Access-Control-Request-Method: "+verb, "Access-Control-Request-Headers: "+strings.Join(headers, ","))
	return a.Header
}

func TestPagesOfListedOriginsMaySetTheListedHeadersAndNoOthers(t *testing.T) {
	p := newPlatform(t, with("INFRA_MIND_CORS_ORIGINS="+app+",http://localhost:3000"))
	for _, origin := range []string{app, "http://localhost:3000"} {
		for _, verb := range []string{"GET", "POST", "PATCH", "DELETE"} {
			h := p.preflight(t, origin, verb, slices.Clone(headersOfPages)...)
			if h.Get("Access-Control-Allow-Origin") != origin || h.Get("Access-Control-Allow-Methods") != verb {
				t.Errorf("%s of %s: %v", verb, origin, h)
			}
			for _, name := range headersOfPages {
				if !slices.Contains(strings.Split(h.Get("Access-Control-Allow-Headers"), ","), strings.ToLower(name)) {
					t.Errorf("%s of %s: %s is not allowed: %v", verb, origin, name, h)
				}
			}
		}
	}
	for _, name := range []string{"Cookie", "X-Forwarded-For", "X-HTTP-Method-Override", "Grpc-Metadata-Role", "X-CSRF-Token", "tracestate"} {
		if h := p.preflight(t, app, "GET", name); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Headers") != "" {
			t.Errorf("%s is allowed: %v", name, h)
		}
		if h := p.preflight(t, app, "GET", "Authorization", name); h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s is allowed beside another: %v", name, h)
		}
	}
	if h := p.preflight(t, app, "TRACE"); h.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("TRACE is allowed: %v", h)
	}
}

func TestPagesOfOtherOriginsMayNothing(t *testing.T) {
	listed, none := newPlatform(t, with("INFRA_MIND_CORS_ORIGINS="+app)), newPlatform(t)
	for _, origin := range []string{
		"https://evil.example.com", "http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.example",
		"https://xapp.example.com", "HTTPS://APP.EXAMPLE.COM", "null",
	} {
		answers := []http.Header{listed.preflight(t, origin, "GET"), listed.send(t, http.MethodGet, "/health", "", "Origin: "+origin).Header}
		for _, h := range append(answers, none.preflight(t, app, "GET")) {
			for name := range h {
				if strings.HasPrefix(name, "Access-Control-Allow-") {
					t.Errorf("%s: %s: %v", origin, name, h[name])
				}
			}
		}
	}
}

func TestPagesOfListedOriginsMayReadTheListedHeaders(t *testing.T) {
	p := newPlatform(t, with("INFRA_MIND_CORS_ORIGINS="+app))
	s := p.newSession(t)
	for _, a := range []answer{
		s.send(t, http.MethodGet, assessments, "", "Origin: "+app).want(t, http.StatusOK),
		s.send(t, http.MethodGet, assessments+"/asm_1", "", "Origin: "+app).want(t, http.StatusNotFound), // problems as well
	} {
		var exposed []string
		for name := range strings.SplitSeq(a.Header.Get("Access-Control-Expose-Headers"), ", ") {
			exposed = append(exposed, http.CanonicalHeaderKey(name))
		}
		slices.Sort(exposed)
		if want := []string{"Etag", "Ratelimit", "Ratelimit-Policy", "Retry-After", "X-Request-Id"}; !slices.Equal(exposed, want) {
			t.Errorf("exposed: %v", exposed)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != app || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("allowed: %v", a.Header)
		}
	}
}
