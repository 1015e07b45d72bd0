package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzNoRequestBreaksTheEdge sends anything at all. The services answer every call, so
// that whatever is a fault of the server is the edge's.
func FuzzNoRequestBreaksTheEdge(f *testing.F) {
	p := newPlatform(f, func(s *setup) {
		s.config.RateLimitEnabled = false
		behindProxy(s)
	})
	token := "Bearer " + p.issuer.Token("usr_ada", "ses_1")
	f.Add("GET", "/api/v1/assessments?pageSize=5&status=STATUS_DRAFT", "If-None-Match", `W/"a", "v7"`, "")
	f.Add("POST", "/api/v1/assessments", "Idempotency-Key", "k", draft)
	f.Add("PATCH", "/api/v1/assessments/%ff:submit", "If-Match", `"v7"`, `{"title":null}`)
	f.Add("POST", "/api/v1/assessments/a:submit", "X-Forwarded-For", "1.2.3.4, [::1]:5,,x", `{"etag":"é"}`)
	f.Add("OPTIONS", "*", "Origin", "null", "")
	f.Add("DELETE", "//api/v1/assessments/../x?etag=%00", "Grpc-Timeout", "1n", "")
	f.Add("HEAD", "/problems/../docs", "traceparent", "00-0-0-0", "")
	f.Add("POST", "/api/v1/auth/login?x", "X-Http-Method-Override", "GET", `{"email":"\u0000@b"}`)
	f.Fuzz(func(t *testing.T, method, target, name, value, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || method == "" || strings.ContainsAny(value, "\r\n") {
			return // net/http refuses these before any handler
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL, r.RequestURI = method, u, target
		r.RemoteAddr = "127.0.0.1:4711"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", token)
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		p.gateway.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s: %d %s\n%s", method, target, w.Code, w.Body, p.logs)
		}
		if w.Header().Get("X-Request-Id") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Fatalf("%s %s: %v", method, target, w.Header())
		}
	})
}
