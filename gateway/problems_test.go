package gateway_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
)

var update = flag.Bool("update", false, "write the golden files anew")

func failWith(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

const traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"

// golden compares an answer, without what varies, with a file.
func golden(t *testing.T, name string, a answer) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", a.StatusCode)
	for _, h := range []string{"Content-Type", "Allow", "Retry-After", "WWW-Authenticate", "Cache-Control", "X-Request-ID"} {
		if v := a.Header.Get(h); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", h, v)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", a.body)
	path := filepath.Join("testdata", "problems", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", path, b.String(), want)
	}
}

func TestEachKindOfErrorHasItsProblem(t *testing.T) {
	for name, err := range map[string]error{
		"invalid": errs.Invalid(errs.Violation{Field: "assessment.workloads[3].vcpu", Rule: "double.gte", Message: "must be greater than or equal to 0"},
			errs.Violation{Field: "id", Rule: "string.min_len", Message: "must be at least 1 character"}),
		"invalid_once":    errs.Invalid(errs.Violation{Field: "assessment", Rule: "required", Message: "value is required"}),
		"unauthenticated": errs.Unauthenticated("EXPIRED_TOKEN", "the access token has expired"),
		"denied":          errs.Denied("SCOPE_MISSING", "the token lacks the scope assessments:write"),
		"not_found":       errs.NotFound("assessment", "asm_1"),
		"conflict":        errs.Conflict("NAME_TAKEN", "the name is taken"),
		"mask":            errs.Invalid(errs.Violation{Field: "updateMask", Rule: "field_mask.path", Message: "\"revision\" cannot be changed"}),
		"stale":           errs.Stale("assessment"),
		"state":           errs.State("ASSESSMENT_NOT_SUBMITTED", "submit the assessment first"),
		"mismatch":        errs.Mismatch(),
		"exhausted":       errs.Exhausted("RATE_LIMITED", "too many requests", 1500*time.Millisecond),
		"unavailable":     errs.Unavailable("STORAGE_UNAVAILABLE", "the storage is away", 3*time.Second),
		"deadline":        errs.Deadline("the request took too long"),
		"too_large":       errs.TooLarge(4096),
		"internal":        errors.New("dial tcp 10.0.0.7:5432: secret"),
		"foreign":         status.Error(codes.DataLoss, "driver: table users is corrupt"),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t)
			p.assessments.fail = failWith(err)
			a := p.send("PATCH", "/api/v1/assessments/asm_1", `{"title":"x"}`, p.signedIn(),
				"X-Request-ID: test-request", "traceparent: "+traceparent)
			golden(t, name, a)
		})
	}
}

func TestTheGatewaysOwnProblems(t *testing.T) {
	p := newPlatform(t)
	for name, c := range map[string]struct{ method, path string }{
		"no_route":        {"GET", "/api/v1/nothing"},
		"no_route_slash":  {"GET", "/api/v1/assessments/"},
		"no_route_post":   {"POST", "/.git/config"},
		"no_method":       {"PUT", "/api/v1/assessments/asm_1"},
		"no_method_verb":  {"GET", "/api/v1/assessments/asm_1/recommendations:generate"},
		"no_method_page":  {"POST", "/health"},
		"no_method_trace": {"TRACE", "/api/v1/auth/login"},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name, p.send(c.method, c.path, "", "X-Request-ID: test-request", "traceparent: "+traceparent))
		})
	}
}

func TestOptionsListsWhatAPathTakes(t *testing.T) {
	p := newPlatform(t)
	for path, want := range map[string]string{
		"/api/v1/assessments":       "GET, HEAD, OPTIONS, POST",
		"/api/v1/assessments/asm_1": "DELETE, GET, HEAD, OPTIONS, PATCH",
		"/openapi.json":             "GET, HEAD, OPTIONS",
	} {
		if a := p.send("OPTIONS", path, ""); a.StatusCode != http.StatusNoContent || a.Header.Get("Allow") != want {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Allow"))
		}
	}
	if a := p.send("OPTIONS", "/nothing", ""); a.StatusCode != http.StatusNotFound {
		t.Errorf("/nothing: %d", a.StatusCode)
	}
}

func TestAServiceThatCannotBeReachedIs503WithoutItsAddress(t *testing.T) {
	p := newPlatform(t, func(s *setup) { s.absent = "assessment" })
	a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn())
	d := a.problem(t)
	if d.Status != http.StatusServiceUnavailable || d.Reason != "SERVICE_UNAVAILABLE" || a.Header.Get("Retry-After") != "1" {
		t.Errorf("%s, Retry-After %s", a.body, a.Header.Get("Retry-After"))
	}
	if strings.Contains(a.body, "listening") || strings.Contains(a.body, "connection error") {
		t.Errorf("the transport's text is told: %s", a.body)
	}
	if !strings.Contains(p.logs.String(), "not listening") {
		t.Errorf("the log does not say why: %s", p.logs.String())
	}
}

func TestAPanicIs500AndTheServerGoesOn(t *testing.T) {
	p := newPlatform(t, func(s *setup) {
		s.deps.Limiter = brokenLimiter{func() error { panic("secret detail") }}
	})
	a := p.send("POST", "/api/v1/auth/login", `{"email":"a@example.com","password":"x"}`)
	if d := a.problem(t); d.Status != http.StatusInternalServerError || d.Reason != "INTERNAL" || strings.Contains(a.body, "secret") {
		t.Errorf("%s", a.body)
	}
	if log := p.logs.String(); !strings.Contains(log, "secret detail") || !strings.Contains(log, "trace_id") || !strings.Contains(log, "harness_test.go") {
		t.Errorf("the log has no panic, trace or stack: %s", log)
	}
	if a := p.send("GET", "/api/v1/auth/me", "", p.signedIn()); a.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", a.StatusCode)
	}
}

func TestAClientCannotShortenTheDeadlineOfACall(t *testing.T) {
	p := newPlatform(t)
	if a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn(), "Grpc-Timeout: bogus"); a.StatusCode != http.StatusOK {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}
