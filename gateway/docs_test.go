package gateway_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/inframind/inframind/gateway/web"
)

// openAPI is the document, as far as tests look at it.
type openAPI struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components map[string]map[string]json.RawMessage
}

type operation struct {
	OperationID, Summary, Description string
	Security                          []map[string][]string
	Parameters                        []struct {
		Name, In, Description string
		Required              bool
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Example json.RawMessage }
	}
	Responses map[string]struct {
		Headers map[string]any
		Content map[string]any
	}
}

func (o operation) has(parameter string) bool {
	for _, p := range o.Parameters {
		if p.Name == parameter {
			return true
		}
	}
	return false
}

func document31(t *testing.T, p *platform) (openAPI, string) {
	t.Helper()
	a := p.send("GET", "/openapi.json", "")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	var d openAPI
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatal(err)
	}
	return d, a.body
}

func TestTheDocumentHasEveryMethodOfEveryService(t *testing.T) {
	d, text := document31(t, newPlatform(t))
	if d.OpenAPI != "3.1.0" {
		t.Errorf("version %s", d.OpenAPI)
	}
	ids := map[string]bool{}
	for path, verbs := range d.Paths {
		for verb, op := range verbs {
			ids[op.OperationID] = true
			if op.Summary == "" || op.Description == "" {
				t.Errorf("%s %s says nothing", verb, path)
			}
			for _, p := range op.Parameters {
				if p.Description == "" || p.In == "path" && !p.Required {
					t.Errorf("%s %s: parameter %+v", verb, path, p)
				}
			}
		}
	}
	methods := 0
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(f.Package()), "inframind.") {
			for i := range f.Services().Len() {
				s := f.Services().Get(i)
				for j := range s.Methods().Len() {
					if !proto.HasExtension(s.Methods().Get(j).Options(), annotations.E_Http) {
						continue // for other services
					}
					methods++
					id := strings.TrimSuffix(string(s.Name()), "Service") + "_" + string(s.Methods().Get(j).Name())
					if !ids[id] {
						t.Errorf("%s is missing", id)
					}
				}
			}
		}
		return true
	})
	if methods == 0 || len(ids) != methods {
		t.Errorf("%d operations for %d methods", len(ids), methods)
	}
	for _, ref := range regexp.MustCompile(`"#/components/([^/"]+)/([^/"]+)"`).FindAllStringSubmatch(text, -1) {
		if d.Components[ref[1]][ref[2]] == nil {
			t.Errorf("%s leads nowhere", ref[0])
		}
	}
}

func TestTheDocumentSaysWhatTheGatewayDoes(t *testing.T) {
	d, _ := document31(t, newPlatform(t))
	create := d.Paths["/api/v1/assessments"]["post"]
	if len(create.Security) != 1 || create.Security[0]["bearer"][0] != "assessments:write" {
		t.Errorf("security of a create: %v", create.Security)
	}
	_, mismatch := create.Responses["422"]
	if !create.has("Idempotency-Key") || create.has("If-Match") || !mismatch || create.Responses["201"].Headers["Location"] == nil {
		t.Errorf("a create: %+v", create)
	}
	update := d.Paths["/api/v1/assessments/{id}"]["patch"]
	if !update.has("If-Match") || update.has("Idempotency-Key") || update.has("updateMask") {
		t.Errorf("an update: %+v", update.Parameters)
	}
	if _, ok := update.Responses["412"]; !ok {
		t.Error("an update cannot be stale")
	}
	for path, want := range map[string]string{"/api/v1/auth/register": "202", "/api/v1/auth/logout": "204"} {
		if r, ok := d.Paths[path]["post"].Responses[want]; !ok || r.Content != nil {
			t.Errorf("%s: %v", path, d.Paths[path]["post"].Responses)
		}
	}
	login := d.Paths["/api/v1/auth/login"]["post"]
	if _, ok := login.Responses["429"]; !ok || len(login.Security) != 0 || login.Responses["200"].Headers["RateLimit"] == nil {
		t.Errorf("a login: %+v", login)
	}
	if _, ok := d.Paths["/api/v1/auth/me"]["get"].Responses["429"]; ok {
		t.Error("a method without limits can be limited")
	}
	workload := string(d.Components["schemas"]["Workload"])
	for _, part := range []string{
		`"minimum":0,"maximum":1024`, `"required":["name","kind"]`, `one of vcpu, memoryGib and gpus is required`,
		`["KIND_API","KIND_DATABASE","KIND_BATCH","KIND_TRAINING","KIND_SERVING"]`,
	} {
		if !strings.Contains(workload, part) {
			t.Errorf("the schema of a workload lacks %s: %s", part, workload)
		}
	}
	if body := string(d.Components["schemas"]["UpdateAssessmentBody"]); strings.Contains(body, `"required"`) {
		t.Errorf("a change needs fields: %s", body)
	}
	if body := string(d.Components["schemas"]["SubmitAssessmentBody"]); strings.Contains(body, `"id"`) || !strings.Contains(body, "The etag of the revision to submit") {
		t.Errorf("the body of a submit: %s", body)
	}
}

func TestEveryExampleWorks(t *testing.T) {
	p := newPlatform(t)
	d, _ := document31(t, p)
	tried := 0
	for path, verbs := range d.Paths {
		for verb, op := range verbs {
			if op.RequestBody == nil || op.RequestBody.Content["application/json"].Example == nil {
				continue
			}
			tried++
			a := p.send(strings.ToUpper(verb), strings.ReplaceAll(path, "{id}", "asm_1"),
				string(op.RequestBody.Content["application/json"].Example), p.signedIn())
			if a.StatusCode > 299 {
				t.Errorf("%s: %d %s", op.OperationID, a.StatusCode, a.body)
			}
		}
	}
	var examples map[string]any
	if err := json.Unmarshal(web.Examples, &examples); err != nil || tried != len(examples) {
		t.Errorf("%d of %d examples tried, %v", tried, len(examples), err)
	}
}

func TestThePageLoadsNothingFromElsewhereAndRunsNothingInline(t *testing.T) {
	p := newPlatform(t)
	page := p.send("GET", "/docs", "")
	if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", page.StatusCode, page.Header)
	}
	csp := page.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the policy lacks %s: %s", part, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is weak: %s", csp)
	}
	if inline := regexp.MustCompile(`<script[^>]*>\s*[^<\s]|<style| style=| on[a-z]+=`).FindString(page.body); inline != "" {
		t.Errorf("the page has %q", inline)
	}
	loads := regexp.MustCompile(`(?:src|href)="(/[^"]*)"|from "\./([^"]+)"`)
	pending, seen := []string{page.body}, map[string]bool{}
	for len(pending) > 0 {
		text := pending[0]
		pending = pending[1:]
		if outside := regexp.MustCompile(`(?:src|href|url|from|fetch)\W{1,3}https?://[^"' ]+`).FindString(text); outside != "" {
			t.Errorf("the page loads %s", outside)
		}
		for _, m := range loads.FindAllStringSubmatch(text, -1) {
			path := m[1]
			if m[2] != "" {
				path = "/docs/" + m[2]
			}
			if seen[path] {
				continue
			}
			seen[path] = true
			a := p.send("GET", path, "")
			if a.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", path, a.StatusCode)
			}
			pending = append(pending, a.body)
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %v were found", seen)
	}
}

func TestPagesAreAskedForAgainAndSentOnlyWhenNew(t *testing.T) {
	p := newPlatform(t)
	for _, path := range []string{"/docs", "/docs/main.js", "/openapi.json"} {
		first := p.send("GET", path, "")
		if first.Header.Get("Cache-Control") != "no-cache" || first.Header.Get("ETag") == "" {
			t.Errorf("%s: %v", path, first.Header)
		}
		if again := p.send("GET", path, "", "If-None-Match: "+first.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || again.body != "" {
			t.Errorf("%s again: %d", path, again.StatusCode)
		}
	}
}

func TestTheTypeOfAProblemLeadsToItsExplanation(t *testing.T) {
	p := newPlatform(t)
	d := p.send("GET", "/api/v1/nothing", "").problem(t)
	if a := p.send("GET", d.Type, ""); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/docs#problems" {
		t.Errorf("%s: %d %s", d.Type, a.StatusCode, a.Header.Get("Location"))
	}
	if a := p.send("GET", "/", ""); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/docs" {
		t.Errorf("/: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
}
