package standalone_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
)

func TestHealthTellsThatAllServicesAreReady(t *testing.T) {
	p := newPlatform(t)
	for _, path := range []string{"/health", "/readyz"} {
		var report struct {
			Status   string
			Services []struct{ Name, Status string }
		}
		a := p.send(t, http.MethodGet, path, "").want(t, http.StatusOK)
		if err := json.Unmarshal([]byte(a.body), &report); err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, s := range report.Services {
			names[s.Name] = s.Status == "ready"
		}
		if report.Status != "ready" || len(names) != 4 || !names["auth"] || !names["dashboard"] || !names["assessment"] || !names["recommendation"] {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if a := p.send(t, http.MethodGet, "/livez", "").want(t, http.StatusOK); a.body != `{"status":"live"}` {
		t.Errorf("/livez: %s", a.body)
	}
}

func TestThePublishedKeysVerifyTheTokensAlsoAfterARestart(t *testing.T) {
	p := newPlatform(t)
	first := p.newSession(t)
	for range 2 {
		for _, s := range []session{first, first.signIn(t)} {
			signed, signature := s.access[:strings.LastIndexByte(s.access, '.')], s.access[strings.LastIndexByte(s.access, '.')+1:]
			raw, err := base64.RawURLEncoding.DecodeString(signature)
			if err != nil {
				t.Fatal(err)
			}
			if !ed25519.Verify(p.key(t, s.access), []byte(signed), raw) {
				t.Error("the published key does not verify the token")
			}
		}
		p.restart(t)
	}
}

// key is the published key of the token's kid.
func (p *platform) key(t *testing.T, raw string) ed25519.PublicKey {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(raw[:strings.IndexByte(raw, '.')])
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Alg, Kid string }
	if err := json.Unmarshal(text, &header); err != nil || header.Alg != "EdDSA" {
		t.Fatalf("header %s, %v", text, err)
	}
	var set authv1.GetJwksResponse
	p.send(t, http.MethodGet, "/.well-known/jwks.json", "").want(t, http.StatusOK).into(t, &set)
	for _, k := range set.GetKeys() {
		if k.GetKid() != header.Kid {
			continue
		}
		public, err := base64.RawURLEncoding.DecodeString(k.GetX())
		if err != nil || len(public) != ed25519.PublicKeySize || k.GetKty() != "OKP" || k.GetCrv() != "Ed25519" || k.GetAlg() != "EdDSA" || k.GetUse() != "sig" {
			t.Fatalf("key %v, %v", k, err)
		}
		return public
	}
	t.Fatalf("%s is not published: %v", header.Kid, &set)
	return nil
}

func TestTheDocumentOfTheAPIHasEveryMethodWithAPath(t *testing.T) {
	p := newPlatform(t)
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	a := p.send(t, http.MethodGet, "/openapi.json", "").want(t, http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &document); err != nil || !strings.HasPrefix(document.OpenAPI, "3.") {
		t.Fatalf("OpenAPI %q, %v", document.OpenAPI, err)
	}
	described := map[string]bool{}
	variable := regexp.MustCompile(`\{[^}]*\}`)
	for path, verbs := range document.Paths {
		for verb := range verbs {
			described[strings.ToUpper(verb)+" "+variable.ReplaceAllString(path, "{}")] = true
		}
	}
	for _, m := range methods(t) {
		if name := m.verb + " " + variable.ReplaceAllString(m.template, "{}"); !described[name] {
			t.Errorf("%s is not described: %s", m.FullName, name)
		}
	}
}

func TestThePageAboutTheAPINeedsNoOtherHost(t *testing.T) {
	p := newPlatform(t)
	page := p.send(t, http.MethodGet, "/docs", "").want(t, http.StatusOK)
	if got := page.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %s", got)
	}
	if got := page.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "http") {
		t.Errorf("Content-Security-Policy %s", got)
	}
	loads := regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(loads) == 0 {
		t.Error("the page loads nothing")
	}
	for _, l := range loads {
		if !strings.HasPrefix(l[1], "/") || strings.HasPrefix(l[1], "//") {
			t.Errorf("the page loads %s", l[1])
			continue
		}
		p.send(t, http.MethodGet, l[1], "").want(t, http.StatusOK)
	}
	for from, to := range map[string]string{"/": "/docs", "/problems/etag-mismatch": "/docs#problems"} {
		if a := p.send(t, http.MethodGet, from, "").want(t, http.StatusSeeOther); a.Header.Get("Location") != to {
			t.Errorf("%s leads to %s", from, a.Header.Get("Location"))
		}
	}
}
