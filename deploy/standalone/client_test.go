package standalone_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// request is one to be sent. Headers are "Name: value" lines.
type request struct {
	verb, path, body string
	headers          []string
}

// answer is what came back.
type answer struct {
	*http.Response

	body string
}

// violation is one broken rule in a problem.
type violation struct{ Field, Rule, Message string }

// problem is the answer to a request that failed.
type problem struct {
	Type, Title, Detail, Instance, Reason string
	RequestID, TraceID                    string
	Status                                int
	Violations                            []violation
}

func newClient() *http.Client {
	return &http.Client{
		// The time is for the answer to "Expect: 100-continue", which always comes.
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32, ExpectContinueTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// try sends a request from any goroutine.
func (p *platform) try(ctx context.Context, r request) (answer, error) {
	var body io.Reader = http.NoBody
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.verb, p.url+r.path, body)
	if err != nil {
		return answer{}, err
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range r.headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return p.do(req)
}

func (p *platform) do(req *http.Request) (answer, error) {
	response, err := p.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return answer{response, ""}, nil // it has no end
	}
	text, err := io.ReadAll(response.Body)
	return answer{response, string(text)}, err
}

// send sends a request without a token.
func (p *platform) send(t *testing.T, verb, path, body string, headers ...string) answer {
	t.Helper()
	a, err := p.try(t.Context(), request{verb, path, body, headers})
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	return a
}

// want fails the test when the answer has another status.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, status)
	}
	return a
}

// into reads a success.
func (a answer) into(t *testing.T, m proto.Message) {
	t.Helper()
	decode(t, a.body, m)
}

func decode(t *testing.T, text string, m proto.Message) {
	t.Helper()
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// problem reads a failure, which must be a whole problem of that status and reason.
func (a answer) problem(t *testing.T, status int, reason string) problem {
	t.Helper()
	got := a.failure(t)
	if a.StatusCode != status || got.Reason != reason {
		t.Errorf("%s %s: %d %s, want %d %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, status, reason)
	}
	return got
}

// failure reads a failure, which must be a whole problem.
func (a answer) failure(t *testing.T) problem {
	t.Helper()
	var got problem
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%s %s: %d, and no problem: %q", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body)
	}
	if a.Header.Get("Content-Type") != "application/problem+json" || got.Status != a.StatusCode ||
		got.Type != "/problems/"+strings.ReplaceAll(strings.ToLower(got.Reason), "_", "-") ||
		got.Title == "" || got.Detail == "" || got.Instance != a.Request.URL.EscapedPath() ||
		len(got.TraceID) != 32 || got.RequestID == "" || got.RequestID != a.Header.Get("X-Request-ID") {
		t.Errorf("not a whole problem: %v %s", a.Header, a.body)
	}
	return got
}

// names wants the problem to name the field and the rule that it breaks.
func (p problem) names(t *testing.T, field, rule string) {
	t.Helper()
	for _, v := range p.Violations {
		if v.Field == field && v.Rule == rule && v.Message != "" {
			return
		}
	}
	t.Errorf("%s %s is not named: %+v", field, rule, p.Violations)
}
