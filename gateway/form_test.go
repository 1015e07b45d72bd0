package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
)

// document is a problem as a client reads it.
type document struct {
	Type, Title, Detail, Instance, Reason, RequestID, TraceID string
	Status                                                    int
	Violations                                                []errs.Violation
}

// problem reads an answer that has to be one.
func (a answer) problem(t testing.TB) document {
	t.Helper()
	var d document
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d %s: %s", a.StatusCode, got, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		t.Fatalf("%s: %v", a.body, err)
	}
	if d.Status != a.StatusCode || d.Type == "" || d.Title == "" || d.Reason == "" || d.RequestID == "" || len(d.TraceID) != 32 {
		t.Errorf("a problem without all it needs: %s", a.body)
	}
	return d
}

func workloads(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"name":"w%d","kind":"KIND_API","vcpu":2,"memoryGib":8}`, i)
	}
	return `{"title":"x","workloads":[` + strings.Join(list, ",") + `]}`
}

func TestBadInputIsRefusedWithTheFieldAndTheRule(t *testing.T) {
	const assessments, one, login = "/api/v1/assessments", "/api/v1/assessments/asm_1", "/api/v1/auth/login"
	long := strings.Repeat("a", 100)
	for _, c := range []struct {
		name, method, path, body string
		want                     string // field and rule of every violation
	}{
		{"an unknown JSON field", "POST", assessments, `{"title":"x","colour":"red"}`, "colour json.unknown_field"},
		{"a field in the contract's spelling", "PATCH", one, `{"monthly_budget_usd":1}`, "monthly_budget_usd json.unknown_field"},
		{"a wrong type", "POST", assessments, `{"title":5}`, "title json.type"},
		{"a number in quotes", "PATCH", one, `{"workloads":[{"vcpu":"2"}]}`, "workloads[0].vcpu json.type"},
		{"text after the body", "POST", assessments, draft + ` {}`, "body json.trailing"},
		{"NaN", "POST", assessments, `{"monthlyBudgetUsd":NaN}`, "monthlyBudgetUsd json.finite"},
		{"Infinity in quotes", "POST", assessments, `{"monthlyBudgetUsd":"Infinity"}`, "monthlyBudgetUsd json.finite"},
		{"a name twice", "POST", assessments, `{"title":"a","title":"b"}`, "title json.duplicate"},
		{"an enum's number", "POST", assessments, `{"complianceFrameworks":[1]}`, "complianceFrameworks[0] json.enum"},
		{"no JSON at all", "POST", assessments, `title=x`, "body json.syntax"},
		{"an array", "POST", assessments, `[]`, "body json.type"},
		{"no body", "POST", assessments, ``, "body json.required"},
		{"no body of a change", "PATCH", one, ``, "body json.required"},
		{"a field that the path has", "POST", one + ":submit", `{"id":"asm_2"}`, "id json.unknown_field"},
		{"a body where none belongs", "DELETE", one, `{}`, "body body.none"},
		{"deep nesting", "POST", assessments, `{"x":` + strings.Repeat("[", 50), "x json.unknown_field, body json.depth"},
		{"51 workloads", "POST", assessments, workloads(51), "workloads repeated.max_items"},
		{"a negative vCPU", "POST", assessments, strings.Replace(draft, `"vcpu":2`, `"vcpu":-2`, 1), "workloads[0].vcpu double.gte_lte"},
		{"a password of 100 bytes", "POST", login, `{"email":"a@example.com","password":"` + long + `"}`, "password string.max_bytes"},
		{"an unknown query parameter", "GET", assessments + "?sort=title", "", "sort query.unknown"},
		{"a parameter in the contract's spelling", "GET", assessments + "?page_size=5", "", "page_size query.unknown"},
		{"a query parameter beside a body", "POST", assessments + "?dryRun=true", draft, "dryRun query.unknown"},
		{"a query parameter beside a whole body", "POST", login + "?email=b@example.com", `{"email":"a@example.com","password":"x"}`, "email query.unknown"},
		{"a mask in the query", "PATCH", one + "?updateMask=title", `{"title":"x"}`, "updateMask query.unknown"},
		{"a parameter twice", "GET", assessments + "?pageSize=1&pageSize=2", "", "pageSize query.repeated"},
		{"a parameter of a wrong type", "GET", assessments + "?pageSize=many", "", "pageSize query.type"},
		{"a parameter that is no name of the enum", "GET", assessments + "?status=OPEN", "", "status query.type"},
		{"a parameter that is not UTF-8", "GET", assessments + "?pageToken=%ff", "", "pageToken query.utf8"},
		{"a broken query", "GET", assessments + "?pageToken=%zz", "", "query query.syntax"},
		{"too many parameters", "GET", assessments + "?" + strings.Repeat("a=1&", 40), "", "query query.too_many"},
		{"a long unknown parameter", "GET", assessments + "?" + long + "=1", "", long[:64] + " query.unknown"},
		{"a path variable of a wrong type", "GET", one + "/revisions/last", "", "revision path.type"},
		{"a path variable that is not UTF-8", "GET", assessments + "/%ff", "", "id path.utf8"},
		{"a path variable that is too long", "GET", assessments + "/" + long, "", "id string.max_len"},
		{"all at once", "POST", assessments + "?a=1&b=2", `{"nope":1,"title":2}`, "a query.unknown, b query.unknown, nope json.unknown_field, title json.type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t)
			a := p.send(c.method, c.path, c.body, p.signedIn())
			d := a.problem(t)
			var got []string
			for _, v := range d.Violations {
				got = append(got, v.Field+" "+v.Rule)
				if v.Message == "" {
					t.Errorf("%s has no message", v.Field)
				}
			}
			if a.StatusCode != http.StatusBadRequest || d.Reason != "INVALID_REQUEST" || strings.Join(got, ", ") != c.want {
				t.Errorf("%d %s\nwant %s", a.StatusCode, a.body, c.want)
			}
			if n := p.auth.count() + p.assessments.count(); n != 0 {
				t.Errorf("the services were called %d times", n)
			}
		})
	}
}

func TestBadHeadersAreRefused(t *testing.T) {
	for _, c := range []struct{ method, path, body, header, want string }{
		{"POST", "/api/v1/assessments/asm_1:submit", "", `If-Match: W/"v7"`, "If-Match if_match.shape"},
		{"POST", "/api/v1/assessments/asm_1:submit", "", `If-Match: v7`, "If-Match if_match.shape"},
		{"POST", "/api/v1/assessments/asm_1:submit", "", `If-Match: "v6", "v7"`, "If-Match if_match.shape"},
		{"POST", "/api/v1/assessments", draft, `If-Match: "v7"`, "If-Match if_match.unsupported"},
		{"POST", "/api/v1/assessments", draft, "Idempotency-Key: two words", "Idempotency-Key idempotency_key.shape"},
		{"POST", "/api/v1/assessments", draft, "Idempotency-Key: é", "Idempotency-Key idempotency_key.shape"},
		{"POST", "/api/v1/assessments", draft, "Idempotency-Key: " + strings.Repeat("k", 129), "Idempotency-Key idempotency_key.shape"},
	} {
		p := newPlatform(t)
		d := p.send(c.method, c.path, c.body, p.signedIn(), c.header).problem(t)
		if len(d.Violations) != 1 || d.Violations[0].Field+" "+d.Violations[0].Rule != c.want {
			t.Errorf("%s: %+v, want %s", c.header, d, c.want)
		}
	}
}

func TestABodyBeyondOneMebibyteIs413(t *testing.T) {
	p := newPlatform(t)
	big := `{"title":"` + strings.Repeat("x", 2<<20) + `"}`
	for name, body := range map[string]io.Reader{
		"with its length":    strings.NewReader(big),
		"without its length": io.MultiReader(strings.NewReader(big)),
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/api/v1/assessments", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if d := p.do(r).problem(t); d.Status != http.StatusRequestEntityTooLarge || d.Reason != "REQUEST_TOO_LARGE" {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestABodyThatIsNotJSONIs415(t *testing.T) {
	p := newPlatform(t)
	for _, headers := range [][]string{
		{"Content-Type: text/plain"},
		{"Content-Type: application/x-www-form-urlencoded", "X-HTTP-Method-Override: DELETE"},
		{"Content-Type: "},
		{"Content-Type: application/json; charset=latin1"},
		{"Content-Type: application/json", "Content-Encoding: gzip"},
	} {
		if d := p.send("POST", "/api/v1/assessments", draft, append(headers, p.signedIn())...).problem(t); d.Status != http.StatusUnsupportedMediaType {
			t.Errorf("%v: %+v", headers, d)
		}
	}
	if a := p.send("POST", "/api/v1/assessments", draft, p.signedIn(), "Content-Type: Application/JSON; charset=UTF-8"); a.StatusCode != http.StatusCreated {
		t.Errorf("with a charset: %d %s", a.StatusCode, a.body)
	}
}

func TestABadTokenIs401WithAChallenge(t *testing.T) {
	p := newPlatform(t)
	expired := p.issuer.Token("usr_ada", "ses_1")
	p.clock.Advance(p.issuer.Claims("", "").ExpiresAt.Sub(start) + 1)
	revoked := p.issuer.Token("usr_ada", "ses_2")
	err := p.revocations.Revoke(t.Context(), revocation.Entry{Kind: revocation.Session, ID: "ses_2", ExpiresAt: p.clock.Now().Add(1 << 40)})
	if err != nil {
		t.Fatal(err)
	}
	const plain, invalid = `Bearer realm="inframind"`, `Bearer realm="inframind", error="invalid_token"`
	for _, c := range []struct{ header, reason, challenge string }{
		{"X-Nothing: x", "MISSING_TOKEN", plain},
		{"Authorization: Basic YTpi", "MALFORMED_TOKEN", invalid},
		{"Authorization: Bearer", "MALFORMED_TOKEN", invalid},
		{"Authorization: Bearer a b", "MALFORMED_TOKEN", invalid},
		{"Authorization: Bearer é", "MALFORMED_TOKEN", invalid},
		{"Authorization: Bearer x.y.z", "MALFORMED_TOKEN", invalid},
		{"Authorization: Bearer " + expired, "EXPIRED_TOKEN", invalid},
		{"Authorization: Bearer " + revoked, "REVOKED_TOKEN", invalid},
	} {
		a := p.send("GET", "/api/v1/auth/me", "", c.header)
		if d := a.problem(t); d.Status != http.StatusUnauthorized || d.Reason != c.reason || a.Header.Get("WWW-Authenticate") != c.challenge {
			t.Errorf("%.40s: %s, %s", c.header, a.body, a.Header.Get("WWW-Authenticate"))
		}
	}
}

func TestAWrongPasswordIsNotBlamedOnATokenThatCameAlong(t *testing.T) {
	p := newPlatform(t)
	p.auth.fail = failWith(errs.Unauthenticated("INVALID_CREDENTIALS", "e-mail address or password is wrong"))
	a := p.send("POST", "/api/v1/auth/login", `{"email":"a@example.com","password":"x"}`, "Authorization: Basic zzz")
	if d := a.problem(t); d.Reason != "INVALID_CREDENTIALS" || a.Header.Get("WWW-Authenticate") != `Bearer realm="inframind"` {
		t.Errorf("%s, %s", a.body, a.Header.Get("WWW-Authenticate"))
	}
}
