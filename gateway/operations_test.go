package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

func TestHealthTellsHowEachServiceIs(t *testing.T) {
	p := newPlatform(t)
	want := `{"status":"ready","services":[{"name":"assessment","status":"ready"},{"name":"auth","status":"ready"},{"name":"dashboard","status":"ready"},{"name":"recommendation","status":"ready"}]}`
	for _, path := range []string{"/health", "/readyz"} {
		if a := p.send("GET", path, ""); a.StatusCode != http.StatusOK || a.body != want || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
}

func TestAServiceThatIsAwayMakesTheGatewayUnreadyAndNotDead(t *testing.T) {
	p := newPlatform(t, func(s *setup) { s.absent = "recommendation" })
	a := p.send("GET", "/readyz", "")
	var report struct {
		Status   string
		Services []struct{ Name, Status, Reason string }
	}
	if err := json.Unmarshal([]byte(a.body), &report); err != nil {
		t.Fatal(err)
	}
	last := report.Services[3]
	if a.StatusCode != http.StatusServiceUnavailable || report.Status != "not_ready" ||
		last.Name != "recommendation" || last.Status != "unreachable" || last.Reason == "" || report.Services[0].Status != "ready" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := p.send("GET", "/livez", ""); a.StatusCode != http.StatusOK || a.body != `{"status":"live"}` {
		t.Errorf("/livez: %d %s", a.StatusCode, a.body)
	}
}

func TestShutdownLetsRequestsFinishAndSaysSo(t *testing.T) {
	p := newPlatform(t)
	entered, release := make(chan struct{}), make(chan struct{})
	p.assessments.fail = func(context.Context) error {
		close(entered)
		<-release
		return nil
	}
	if a := p.send("GET", "/readyz", ""); a.StatusCode != http.StatusOK {
		t.Fatalf("before: %d", a.StatusCode)
	}
	server := p.gateway.Server("127.0.0.1:0")
	lis := listen(t)
	served, finished := make(chan error, 1), make(chan answer, 1)
	go func() { served <- server.Serve(lis) }()
	p.url = "http://" + lis.Addr().String()
	go func() { finished <- p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn()) }()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- server.Shutdown(context.Background()) }()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("serve: %v", err)
	}
	close(release)
	if a := <-finished; a.StatusCode != http.StatusOK {
		t.Errorf("the request in flight: %d %s", a.StatusCode, a.body)
	}
	if err := <-stopped; err != nil {
		t.Errorf("shut down: %v", err)
	}
	p.url = p.serve(t)
	if a := p.send("GET", "/readyz", ""); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.body, `"draining"`) {
		t.Errorf("afterwards: %d %s", a.StatusCode, a.body)
	}
}

func attr(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if a.Key == attribute.Key(key) {
			return a.Value.String()
		}
	}
	return ""
}

func TestOneRequestIsOneTrace(t *testing.T) {
	p := newPlatform(t)
	a := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn(), "traceparent: "+traceparent)
	// The service's span may end after the answer has come.
	spans := p.spans.GetSpans()
	for ; len(spans) < 3; spans = p.spans.GetSpans() {
		runtime.Gosched()
	}
	if len(spans) > 3 {
		t.Fatalf("%d spans, want the edge's, the call's and the service's", len(spans))
	}
	kinds := map[trace.SpanKind]int{}
	for _, s := range spans {
		kinds[s.SpanKind]++
		if s.SpanContext.TraceID().String() != "0123456789abcdef0123456789abcdef" {
			t.Errorf("%s is of trace %s", s.Name, s.SpanContext.TraceID())
		}
	}
	edge := ofEdge(t, spans)
	if edge.Name != "GET /api/v1/assessments/{id}" || attr(edge, "http.route") != "/api/v1/assessments/{id}" || kinds[trace.SpanKindServer] != 2 {
		t.Errorf("%s, %v", edge.Name, kinds)
	}
	if want := "00-0123456789abcdef0123456789abcdef-" + edge.SpanContext.SpanID().String() + "-01"; a.Header.Get("traceparent") != want {
		t.Errorf("traceparent %s, want %s", a.Header.Get("traceparent"), want)
	}
}

func TestSpansAreNamedByTheRouteAndNeverByThePath(t *testing.T) {
	p := newPlatform(t)
	for path, want := range map[string]string{
		"/api/v1/assessments/" + strings.Repeat("x", 500): "GET /api/v1/assessments/{id}",
		"/secret-path":         "GET",
		"/health":              "GET /health",
		"/problems/something":  "GET /problems/",
		"/api/v1/assessments/": "GET /api/v1/assessments/{id}",
	} {
		p.spans.Reset()
		p.send("GET", path, "", p.signedIn())
		if got := ofEdge(t, p.spans.GetSpans()).Name; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// ofEdge is the span of the HTTP server.
func ofEdge(t *testing.T, spans tracetest.SpanStubs) tracetest.SpanStub {
	t.Helper()
	for _, s := range spans {
		if strings.HasSuffix(s.InstrumentationScope.Name, "/otelhttp") {
			return s
		}
	}
	t.Fatalf("no span of the edge among %d", len(spans))
	return tracetest.SpanStub{}
}

func TestAProblemNamesTheTraceThatTheLogNames(t *testing.T) {
	p := newPlatform(t, func(s *setup) { s.absent = "assessment" })
	d := p.send("GET", "/api/v1/assessments/asm_1", "", p.signedIn()).problem(t)
	if !strings.Contains(p.logs.String(), d.TraceID) {
		t.Errorf("trace %s is not in the log: %s", d.TraceID, p.logs.String())
	}
}
