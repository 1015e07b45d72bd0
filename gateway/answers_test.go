package gateway_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

const draft = `{"title":"Portal","workloads":[{"name":"api","kind":"KIND_API","vcpu":2,"memoryGib":8}]}`

func TestAResourceIsReadWithItsZerosAndItsETag(t *testing.T) {
	p := newPlatform(t)
	a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn())
	want := `{"assessment":{"id":"asm_1","etag":"v7","revision":7,"submittedRevision":0,"status":"STATUS_DRAFT",` +
		`"title":"Portal, <b> & \"co\"","monthlyBudgetUsd":0,"complianceFrameworks":[],"dataResidency":[],` +
		`"allowedProviders":[],"allowedRegions":[],"workloads":[]}}`
	if a.StatusCode != http.StatusOK || a.body != want {
		t.Errorf("%d %s\nwant %s", a.StatusCode, a.body, want)
	}
	if got := a.Header.Get("ETag"); got != `"v7"` {
		t.Errorf("ETag %s", got)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %s", got)
	}
	if got := a.Header.Get("Content-Length"); got != strconv.Itoa(len(want)) {
		t.Errorf("Content-Length %s", got)
	}
}

func TestWhatTheClientHoldsIsNotSentAgain(t *testing.T) {
	p := newPlatform(t)
	for _, tags := range []string{`"v7"`, `W/"v7"`, `"other", "v7"`, `*`} {
		a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn(), "If-None-Match: "+tags)
		if a.StatusCode != http.StatusNotModified || a.body != "" || a.Header.Get("ETag") != `"v7"` || a.Header.Get("Content-Type") != "" {
			t.Errorf("%s: %d %q %v", tags, a.StatusCode, a.body, a.Header)
		}
	}
	for _, tags := range []string{`"v6"`, `v7`, `"v7`, `""`} {
		if a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn(), "If-None-Match: "+tags); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", tags, a.StatusCode)
		}
	}
}

func TestSuccessHasTheStatusOfThePolicy(t *testing.T) {
	p := newPlatform(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		empty              bool
		location           string
	}{
		{"POST", "/api/v1/assessments", draft, http.StatusCreated, false, "/api/v1/assessments/asm_1"},
		{"POST", "/api/v1/assessments/asm_1/recommendations:generate", "", http.StatusCreated, false, "/api/v1/recommendations/rec_9"},
		{"POST", "/api/v1/assessments/asm_1:submit", "", http.StatusOK, false, ""},
		{"POST", "/api/v1/assessments/asm_1:submit", "{}", http.StatusOK, false, ""},
		{"DELETE", "/api/v1/assessments/asm_1", "", http.StatusNoContent, true, ""},
		{"POST", "/api/v1/auth/logout", "", http.StatusNoContent, true, ""},
		{"POST", "/api/v1/auth/register", `{"email":"a@example.com","password":"a long enough password"}`, http.StatusAccepted, true, ""},
	} {
		a := p.send(c.method, c.path, c.body, p.signedIn())
		if a.StatusCode != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.StatusCode, a.body)
		}
		if empty := a.body == "" && a.Header.Get("Content-Type") == ""; empty != c.empty {
			t.Errorf("%s %s: body %q as %q", c.method, c.path, a.body, a.Header.Get("Content-Type"))
		}
		if got := a.Header.Get("Location"); got != c.location {
			t.Errorf("%s %s: Location %q, want %q", c.method, c.path, got, c.location)
		}
	}
}

func TestIfMatchBecomesTheEtagOfTheRequest(t *testing.T) {
	p := newPlatform(t)
	etag := func() string {
		switch r := p.assessments.request.(type) {
		case *assessmentv1.SubmitAssessmentRequest:
			return r.GetEtag()
		case *assessmentv1.DeleteAssessmentRequest:
			return r.GetEtag()
		case *assessmentv1.UpdateAssessmentRequest:
			return r.GetAssessment().GetEtag()
		default:
			return "?"
		}
	}
	for _, c := range []struct{ method, path, body, match, want string }{
		{"POST", "/api/v1/assessments/asm_1:submit", "", `"v7"`, "v7"},
		{"POST", "/api/v1/assessments/asm_1:submit", `{"etag":"v7"}`, `"v7"`, "v7"},
		{"POST", "/api/v1/assessments/asm_1:submit", `{"etag":"v3"}`, `*`, "v3"},
		{"DELETE", "/api/v1/assessments/asm_1", "", `"v7"`, "v7"},
		{"DELETE", "/api/v1/assessments/asm_1?etag=v5", "", `*`, "v5"},
		{"PATCH", "/api/v1/assessments/asm_1", `{"title":"New"}`, `"v7"`, "v7"},
	} {
		a := p.send(c.method, c.path, c.body, p.signedIn(), "If-Match: "+c.match)
		if a.StatusCode >= 400 || etag() != c.want {
			t.Errorf("%+v: %d %s, etag %q", c, a.StatusCode, a.body, etag())
		}
	}
	a := p.send("POST", "/api/v1/assessments/asm_1:submit", `{"etag":"v3"}`, p.signedIn(), `If-Match: "v7"`)
	if a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, "if_match.conflict") {
		t.Errorf("two etags: %d %s", a.StatusCode, a.body)
	}
}

func TestAStaleEtagIs412(t *testing.T) {
	p := newPlatform(t)
	p.assessments.fail = failWith(errs.Stale("assessment"))
	a := p.send("PATCH", "/api/v1/assessments/asm_1", `{"title":"New"}`, p.signedIn(), `If-Match: "v1"`)
	if a.StatusCode != http.StatusPreconditionFailed || !strings.Contains(a.body, "ETAG_MISMATCH") || a.Header.Get("ETag") != "" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
}

func TestAPatchChangesTheFieldsThatItsBodyHas(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{"title":"New"}`, "title"},
		{`{"title":null,"monthlyBudgetUsd":0}`, "monthly_budget_usd title"},
		{`{"profile":{"organisation":"Example"}}`, "profile.organisation"},
		{`{"profile":{}}`, "profile"},
		{`{"workloads":[]}`, "workloads"},
		{`{"title":"New","etag":"v7"}`, "etag title"},
		{`{}`, ""},
	} {
		p := newPlatform(t)
		a := p.send("PATCH", "/api/v1/assessments/asm_1", c.body, p.signedIn())
		if a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", c.body, a.StatusCode, a.body)
			continue
		}
		got := strings.Join(p.assessments.request.(*assessmentv1.UpdateAssessmentRequest).GetUpdateMask().GetPaths(), " ")
		if got != c.want {
			t.Errorf("%s: mask %q, want %q", c.body, got, c.want)
		}
	}
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	p := newPlatform(t)
	get := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn())
	head := p.send("HEAD", "/api/v1/assessments/asm_1", "", p.signedIn())
	if head.StatusCode != http.StatusOK || head.body != "" {
		t.Errorf("%d %q", head.StatusCode, head.body)
	}
	for _, h := range []string{"ETag", "Content-Length", "Content-Type"} {
		if get.Header.Get(h) == "" || head.Header.Get(h) != get.Header.Get(h) {
			t.Errorf("%s: GET %q, HEAD %q", h, get.Header.Get(h), head.Header.Get(h))
		}
	}
}

func TestTheKeySetMayBeCached(t *testing.T) {
	p := newPlatform(t)
	a := p.send("GET", "/.well-known/jwks.json", "")
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.body, `{"keys":[{"kty":"OKP"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if got := a.Header.Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("Cache-Control %s", got)
	}
}
