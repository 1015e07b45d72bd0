package standalone_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// line is one of the log.
type line struct {
	Level, Msg, Service string
	TraceID             string `json:"trace_id"`
	SpanID              string `json:"span_id"`
}

func (l *lines) parsed(t *testing.T) (all []line) {
	t.Helper()
	for scanner := bufio.NewScanner(strings.NewReader(l.String())); scanner.Scan(); {
		var one line
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			t.Fatalf("%v in the log: %s", err, scanner.Text())
		}
		all = append(all, one)
	}
	return all
}

// damage does to a database what no request can. The driver is the platform's own.
func (p *platform) damage(t *testing.T, file, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.options.DataDir, file)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// tamper changes a stored set.
func (p *platform) tamper(t *testing.T, set string) {
	t.Helper()
	p.damage(t, "recommendation.db", `UPDATE recommendation_sets SET content = x'' WHERE id = ?`, set)
}

func TestAFaultIsFoundInTheLogByTheTraceThatTheProblemNames(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	set := s.newBelongings(t).set
	before := len(p.log.parsed(t))

	p.tamper(t, set)
	a := s.send(t, http.MethodGet, "/api/v1/recommendations/"+set, "")
	got := a.problem(t, http.StatusInternalServerError, "INTERNAL")
	if got.Detail != "an internal error occurred" || len(got.Violations) != 0 {
		t.Errorf("the problem tells %s", a.body)
	}
	found := map[string]bool{}
	for _, l := range p.log.parsed(t)[before:] {
		if l.TraceID != got.TraceID || len(l.SpanID) != 16 {
			t.Errorf("a line of another trace than %s: %+v", got.TraceID, l)
		}
		found[l.Service+" "+l.Level] = true
	}
	if !found["recommendation ERROR"] || !found["gateway WARN"] {
		t.Errorf("the log has %v: %s", found, p.log)
	}
}

func TestABrokenStorageIsToldByItsKindAndNoMore(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	his := s.newBelongings(t)
	path := assessments + "/" + his.assessment
	p.damage(t, "assessment.db", `ALTER TABLE assessment RENAME TO gone`)
	for _, r := range []request{
		{verb: http.MethodGet, path: path},
		{verb: http.MethodGet, path: assessments},
		{verb: http.MethodPost, path: assessments, body: draft},
		{verb: http.MethodPost, path: path + "/recommendations:generate"}, // by way of another service
	} {
		a := s.send(t, r.verb, r.path, r.body)
		got := a.problem(t, http.StatusServiceUnavailable, "STORAGE_UNAVAILABLE")
		if got.Detail != "the storage cannot be used now" || len(got.Violations) != 0 || a.Header.Get("Retry-After") != "1" {
			t.Errorf("%s %s: %v %s", r.verb, r.path, a.Header, a.body)
		}
	}
	if !strings.Contains(p.log.String(), "no such table") {
		t.Errorf("the log does not say why: %s", p.log)
	}
	// The other databases are not concerned.
	s.send(t, http.MethodGet, "/api/v1/recommendations/"+his.set, "").want(t, http.StatusOK)
}
