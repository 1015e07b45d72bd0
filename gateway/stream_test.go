package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
)

// dashboardService streams what the test tells it to.
type dashboardService struct {
	dashboardv1.UnimplementedDashboardServiceServer
	received
	send  chan int64    // the total of the next message
	end   chan error    // how the stream ends
	ended chan struct{} // the stream's context has ended
}

func newDashboardService() *dashboardService {
	return &dashboardService{send: make(chan int64), end: make(chan error), ended: make(chan struct{}, 10)}
}

func (s *dashboardService) GetOverview(ctx context.Context, r *dashboardv1.GetOverviewRequest) (*dashboardv1.GetOverviewResponse, error) {
	return &dashboardv1.GetOverviewResponse{Overview: overview(1)}, s.take(ctx, r)
}

func (s *dashboardService) GetPlatformOverview(ctx context.Context, r *dashboardv1.GetPlatformOverviewRequest) (*dashboardv1.GetPlatformOverviewResponse, error) {
	return &dashboardv1.GetPlatformOverviewResponse{Overview: overview(2)}, s.take(ctx, r)
}

func overview(total int64) *dashboardv1.Overview {
	return &dashboardv1.Overview{Assessments: &assessmentv1.AssessmentSummary{Total: total}}
}

func (s *dashboardService) StreamMetrics(r *dashboardv1.StreamMetricsRequest, stream grpc.ServerStreamingServer[dashboardv1.StreamMetricsResponse]) error {
	if err := s.take(stream.Context(), r); err != nil {
		return err
	}
	for {
		select {
		case total := <-s.send:
			if err := stream.Send(&dashboardv1.StreamMetricsResponse{Overview: overview(total), Generation: "g" + strconv.FormatInt(total, 10)}); err != nil {
				return err
			}
		case err := <-s.end:
			return err
		case <-stream.Context().Done():
			s.ended <- struct{}{}
			return stream.Context().Err()
		}
	}
}

const streamPath = "/api/v2/dashboard/metrics:stream"

// reader reads a stream's answer.
type reader struct {
	t *testing.T
	*http.Response
	body *bufio.Reader
}

func (p *platform) open(ctx context.Context, t *testing.T, headers ...string) reader {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+streamPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append(headers, p.signedIn()) {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return reader{t, response, bufio.NewReader(response.Body)}
}

// begin opens a stream and has it send its first message.
func (p *platform) begin(ctx context.Context, t *testing.T, headers ...string) reader {
	t.Helper()
	go func() { p.dashboard.send <- 1 }()
	return p.open(ctx, t, headers...)
}

// want reads text and nothing but it.
func (r reader) want(text string) {
	r.t.Helper()
	got := make([]byte, len(text))
	for i := range got {
		var err error
		if got[i], err = r.body.ReadByte(); err != nil {
			r.t.Fatalf("read %q, then %v; want %q", got[:i], err, text)
		}
		if got[i] != text[i] {
			r.t.Fatalf("read %q, want %q", got[:i+1], text)
		}
	}
}

// rest is all that is left, once the stream ends.
func (r reader) rest() string {
	r.t.Helper()
	var b strings.Builder
	if _, err := r.body.WriteTo(&b); err != nil {
		r.t.Fatalf("read %q, then %v", b.String(), err)
	}
	return b.String()
}

func data(total int64) string {
	return `{"overview":{"assessments":{"total":"` + strconv.FormatInt(total, 10) +
		`","drafts":"0","submitted":"0"},"missing":[]},"generation":"g` + strconv.FormatInt(total, 10) + `"}`
}

func event(total int64) string {
	return "id: g" + strconv.FormatInt(total, 10) + "\nevent: message\ndata: " + data(total) + "\n\n"
}

func TestAStreamIsAnsweredWithEventsAsTheyHappen(t *testing.T) {
	p := newPlatform(t)
	r := p.begin(t.Context(), t)
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/event-stream" ||
		r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("X-Request-ID") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	r.want(event(1))
	p.dashboard.send <- 2
	r.want(event(2))
	p.dashboard.end <- nil
	if rest := r.rest(); rest != "" {
		t.Errorf("at the end: %q", rest)
	}
	if got := p.dashboard.received.caller; got.Claims.Subject != "usr_ada" || got.RequestID != r.Header.Get("X-Request-ID") {
		t.Errorf("the service knows %+v", got)
	}
}

func TestAProgramGetsLines(t *testing.T) {
	for accept, contentType := range map[string]string{
		"application/x-ndjson":                         "application/x-ndjson",
		"application/json, application/x-ndjson;q=0.9": "application/x-ndjson",
		"text/event-stream, application/x-ndjson":      "text/event-stream",
		"*/*":              "text/event-stream",
		"application/json": "text/event-stream",
		"application/X-NDJSON ; charset=utf-8, text/html;q=1": "application/x-ndjson",
	} {
		p := newPlatform(t)
		r := p.begin(t.Context(), t, "Accept: "+accept)
		if got := r.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s: %s", accept, got)
		}
		if contentType != "application/x-ndjson" {
			continue
		}
		r.want(data(1) + "\n")
		p.dashboard.end <- errs.Unavailable("STORAGE_UNAVAILABLE", "away", time.Second)
		line, ok := strings.CutPrefix(r.rest(), `{"problem":`)
		if !ok || !strings.Contains(line, `"reason":"STORAGE_UNAVAILABLE"`) || !strings.HasSuffix(line, "}}\n") {
			t.Errorf("%s: the last line is %q", accept, line)
		}
	}
}

func TestWhatGoesWrongBeforeTheFirstEventIsAProblem(t *testing.T) {
	p := newPlatform(t)
	if a := p.send("GET", streamPath, ""); a.StatusCode != http.StatusUnauthorized || !strings.Contains(a.body, `"MISSING_TOKEN"`) {
		t.Errorf("nobody: %d %s", a.StatusCode, a.body)
	}
	if a := p.send("GET", streamPath+"?x=1", "", p.signedIn()); a.StatusCode != http.StatusBadRequest {
		t.Errorf("a parameter that there is not: %d %s", a.StatusCode, a.body)
	}
	p.dashboard.fail = func(context.Context) error {
		return errs.Unavailable("OVERVIEW_UNAVAILABLE", "none answers", 2*time.Second)
	}
	a := p.send("GET", streamPath, "", p.signedIn())
	if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Content-Type") != "application/problem+json" ||
		a.Header.Get("Retry-After") != "2" || !strings.Contains(a.body, `"OVERVIEW_UNAVAILABLE"`) {
		t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
	}
	absent := newPlatform(t, func(s *setup) { s.absent = "dashboard" })
	if a := absent.send("GET", streamPath, "", absent.signedIn()); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("no dashboard: %d %s", a.StatusCode, a.body)
	}
}

func TestWhatGoesWrongLaterIsTheLastEvent(t *testing.T) {
	p := newPlatform(t)
	r := p.begin(t.Context(), t)
	r.want(event(1))
	p.dashboard.end <- errors.New("dial tcp 10.0.0.7: refused")
	text, ok := strings.CutPrefix(r.rest(), "event: problem\ndata: ")
	var problem struct{ Reason, RequestID, TraceID string }
	if err := json.Unmarshal([]byte(text), &problem); !ok || err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if problem.Reason != "INTERNAL" && problem.Reason != errs.ReasonInternal || problem.RequestID != r.Header.Get("X-Request-ID") || problem.TraceID == "" {
		t.Errorf("got %+v", problem)
	}
	if strings.Contains(text, "tcp") {
		t.Errorf("%q says what the client is not told", text)
	}
}

func TestAStreamOnWhichNothingHappensIsKeptAlive(t *testing.T) {
	p := newPlatform(t)
	r := p.begin(t.Context(), t)
	r.want(event(1))
	for range 3 {
		if err := p.clock.BlockUntilContext(t.Context(), 2); err != nil { // the gateway's and the service's
			t.Fatal(err)
		}
		p.clock.Advance(15 * time.Second)
		r.want(":\n\n")
	}
	p.dashboard.send <- 2
	r.want(event(2))
}

// The server's deadlines are for answers that end.
func TestAStreamOutlivesTheDeadlinesOfTheServer(t *testing.T) {
	p := newPlatform(t, func(s *setup) {
		s.server = func(server *http.Server) {
			server.ReadTimeout, server.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
		}
	})
	r := p.begin(t.Context(), t)
	r.want(event(1))
	for total := int64(2); total < 5; total++ {
		<-time.After(70 * time.Millisecond)
		p.dashboard.send <- total
		r.want(event(total))
	}
}

func TestAStreamIsGivenUpWhenItsReaderIsGone(t *testing.T) {
	p := newPlatform(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := p.begin(ctx, t)
	r.want(event(1))
	cancel()
	<-p.dashboard.ended
}

func TestStreamsEndAtOnceWhenTheGatewayStops(t *testing.T) {
	p := newPlatform(t)
	r := p.begin(t.Context(), t)
	r.want(event(1))
	if err := p.server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rest := r.rest(); rest != "" {
		t.Errorf("at the end: %q", rest)
	}
	<-p.dashboard.ended
	p.url = p.serve(t) // as if the request had come just before
	if a := p.send("GET", streamPath, "", p.signedIn()); a.StatusCode != http.StatusServiceUnavailable || !strings.Contains(a.body, "GATEWAY_STOPPING") {
		t.Errorf("a stream that is opened then: %d %s", a.StatusCode, a.body)
	}
}

func TestAHeadOfAStreamIsItsHeader(t *testing.T) {
	p := newPlatform(t)
	go func() { p.dashboard.send <- 1 }()
	a := p.send("HEAD", streamPath, "", p.signedIn())
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" || a.body != "" {
		t.Errorf("%d %v %q", a.StatusCode, a.Header, a.body)
	}
	<-p.dashboard.ended
}

func TestTheGatewaySendsStreamsToTheDashboardAsItself(t *testing.T) {
	p := newPlatform(t)
	r := p.begin(t.Context(), t)
	r.want(event(1))
	if got := p.dashboard.received.caller.Service; got != rpc.Gateway {
		t.Errorf("called by %s", got)
	}
}
