package standalone_test

import (
	"net/http"
	"strings"
	"testing"
)

// callersSpan is one of a caller that has traces of its own.
const callersSpan = "b7ad6b7169203331"

// traceOf is the trace in which an answer was made.
func (a answer) traceOf(t *testing.T) string {
	t.Helper()
	parts := strings.Split(a.Header.Get("traceparent"), "-")
	if len(parts) != 4 || len(parts[1]) != 32 {
		t.Fatalf("traceparent %q", a.Header.Get("traceparent"))
	}
	return parts[1]
}

const (
	treeOfGet = `gateway server GET /api/v1/assessments/{id}
  gateway client inframind.assessment.v1.AssessmentService/GetAssessment
    assessment server inframind.assessment.v1.AssessmentService/GetAssessment
      assessment sqlite assessment.db
`
	treeOfGenerate = `gateway server POST /api/v1/assessments/{assessment_id}/recommendations:generate
  gateway client inframind.recommendation.v1.RecommendationService/GenerateRecommendation
    recommendation server inframind.recommendation.v1.RecommendationService/GenerateRecommendation
      recommendation client inframind.assessment.v1.AssessmentService/GetAssessment
        assessment server inframind.assessment.v1.AssessmentService/GetAssessment
          assessment sqlite assessment.db
      recommendation sqlite recommendation.db
`
	treeOfRefresh = `gateway server POST /api/v1/auth/refresh
  gateway client inframind.auth.v1.AuthService/Refresh
    auth server inframind.auth.v1.AuthService/Refresh
      auth sqlite auth.db
`
)

func TestARequestCanBeFollowed(t *testing.T) {
	recorded := newSpans()
	s := newPlatform(t, recorded.record).newSession(t)
	t.Run("it is one trace from the edge to the databases", func(t *testing.T) { oneTrace(t, s, recorded) })
	t.Run("the trace of the caller is continued", func(t *testing.T) { continuedTrace(t, s, recorded) })
	t.Run("every problem names the trace it is found by", func(t *testing.T) { traceOfProblem(t, s, recorded) })
}

func oneTrace(t *testing.T, s session, recorded *spans) {
	path := assessments + "/" + s.submit(t, draft).GetId()

	traces := map[string]bool{}
	for _, c := range []struct {
		answer
		tree string
	}{
		{s.send(t, http.MethodGet, path, "").want(t, http.StatusOK), treeOfGet},
		{s.send(t, http.MethodPost, path+"/recommendations:generate", "").want(t, http.StatusCreated), treeOfGenerate},
		{s.renew(t).want(t, http.StatusOK), treeOfRefresh},
	} {
		trace := c.traceOf(t)
		recorded.wait(t, trace, c.tree)
		traces[trace] = true
	}
	if len(traces) != 3 {
		t.Errorf("three requests are in %d traces", len(traces))
	}
}

func continuedTrace(t *testing.T, s session, recorded *spans) {
	const callersTrace = "0af7651916cd43dd8448eb211c80319c"
	path := assessments + "/" + s.create(t, draft).GetId()
	a := s.send(t, http.MethodGet, path, "", "traceparent: 00-"+callersTrace+"-"+callersSpan+"-01").want(t, http.StatusOK)
	recorded.wait(t, callersTrace, treeOfGet)
	for _, span := range recorded.GetSpans() {
		if span.SpanContext.TraceID().String() != callersTrace || span.SpanKind.String() != "server" || attribute(span, "service.name") != "gateway" {
			continue
		}
		if span.Parent.SpanID().String() != callersSpan || !span.Parent.IsRemote() {
			t.Errorf("the edge's span is under %s", span.Parent.SpanID())
		}
		if want := "00-" + callersTrace + "-" + span.SpanContext.SpanID().String() + "-01"; a.Header.Get("traceparent") != want {
			t.Errorf("traceparent %s, want %s", a.Header.Get("traceparent"), want)
		}
	}
}

func traceOfProblem(t *testing.T, s session, recorded *spans) {
	const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	seen := map[string]bool{}
	for _, c := range []struct {
		request
		status int
		span   string
	}{
		{request{verb: "GET", path: assessments + "/asm_1"}, http.StatusNotFound, "GET /api/v1/assessments/{id}"},
		{request{verb: "POST", path: assessments, body: `{}`}, http.StatusBadRequest, "POST /api/v1/assessments"},
		{request{verb: "POST", path: assessments, body: `{`}, http.StatusBadRequest, "POST /api/v1/assessments"},
		{request{verb: "PUT", path: assessments}, http.StatusMethodNotAllowed, "PUT"},
		{request{verb: "GET", path: "/nothing"}, http.StatusNotFound, "GET"},
		{request{verb: "GET", path: assessments, headers: []string{"Authorization: Bearer x"}}, http.StatusUnauthorized, "GET /api/v1/assessments"},
	} {
		a, err := s.try(t.Context(), c.request)
		if err != nil {
			t.Fatal(err)
		}
		own := a.want(t, c.status).failure(t).TraceID
		if own != a.traceOf(t) || seen[own] {
			t.Errorf("%s %s: traceId %s, traceparent %s", c.verb, c.path, own, a.Header.Get("traceparent"))
		}
		seen[own] = true
		recorded.waitFor(t, own, "gateway server "+c.span)

		// Also when the caller has a trace of its own, recorded or not.
		for _, flags := range []string{"01", "00"} {
			continued := c.request
			continued.headers = append(continued.headers, "traceparent: 00-"+callersTrace+"-"+callersSpan+"-"+flags)
			a, err := s.try(t.Context(), continued)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.want(t, c.status).failure(t).TraceID; got != callersTrace {
				t.Errorf("%s %s: traceId %s, want the caller's", c.verb, c.path, got)
			}
		}
	}
}
