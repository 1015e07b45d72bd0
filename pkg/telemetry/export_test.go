package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/telemetry"
)

// receiver is an OTLP receiver that keeps what it gets.
type receiver struct {
	collector.UnimplementedTraceServiceServer
	requests chan *collector.ExportTraceServiceRequest
}

func newReceiver() *receiver {
	return &receiver{requests: make(chan *collector.ExportTraceServiceRequest, 10)}
}

func (r *receiver) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	r.requests <- req
	return &collector.ExportTraceServiceResponse{}, nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	message := &collector.ExportTraceServiceRequest{}
	if req.URL.Path != "/v1/traces" || err != nil || proto.Unmarshal(body, message) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.requests <- message
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// services are the names in the spans that were received.
func (r *receiver) services() map[string]string {
	names := map[string]string{}
	close(r.requests)
	for req := range r.requests {
		for _, rs := range req.GetResourceSpans() {
			for _, a := range rs.GetResource().GetAttributes() {
				if a.GetKey() == "service.name" {
					names[a.GetValue().GetStringValue()] = rs.GetScopeSpans()[0].GetSpans()[0].GetName()
				}
			}
		}
	}
	return names
}

func TestShutdownExportsWhatIsHeld(t *testing.T) {
	overHTTP := func(t *testing.T, r *receiver) string {
		server := httptest.NewServer(r)
		t.Cleanup(server.Close)
		return server.URL
	}
	overGRPC := func(t *testing.T, r *receiver) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := grpc.NewServer()
		collector.RegisterTraceServiceServer(server, r)
		go func() { _ = server.Serve(listener) }()
		t.Cleanup(server.Stop)
		return "http://" + listener.Addr().String()
	}
	for name, c := range map[string]struct {
		protocol string
		serve    func(*testing.T, *receiver) string
	}{
		"by default":       {"", overHTTP},
		"by http/protobuf": {"http/protobuf", overHTTP},
		"by grpc":          {"grpc", overGRPC},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver()
			tel := newTelemetry(t, telemetry.Config{Endpoint: c.serve(t, r), Protocol: c.protocol})
			_, span := tel.Tracer.Tracer("test").Start(t.Context(), "of the gateway")
			span.End()
			_, span = tel.For("auth").Tracer.Tracer("test").Start(t.Context(), "of auth")
			span.End()
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := r.services(); got["gateway"] != "of the gateway" || got["auth"] != "of auth" || len(got) != 2 {
				t.Errorf("received %v", got)
			}
		})
	}
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })

	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{Endpoint: server.URL, LogWriter: &log})
	_, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
	span.End()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tel.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
}

func TestAFailedExportIsALineInTheLog(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(server.Close)
	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{Endpoint: server.URL, LogWriter: &log})
	_, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
	span.End()
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := lines(t, &log)
	if len(got) != 1 || got[0]["level"] != "WARN" || got[0]["service"] != "gateway" || got[0]["spans"] != 1.0 {
		t.Errorf("logged %v", got)
	}
}

func TestAnEndpointThatCannotBeMeantIsRefused(t *testing.T) {
	for _, c := range []telemetry.Config{
		{Endpoint: "localhost:4318"},
		{Endpoint: "unix:///run/otlp"},
		{Endpoint: "http://"},
		{Endpoint: "http://a b"},
		{Endpoint: "http://localhost:4318", Protocol: "http/json"},
	} {
		if tel, err := telemetry.New(t.Context(), c); err == nil {
			t.Errorf("%+v was accepted", c)
			_ = tel.Shutdown(t.Context())
		}
	}
}

func TestShutdownEndsTheGivenProcessors(t *testing.T) {
	spans := &countingExporter{InMemoryExporter: tracetest.NewInMemoryExporter()}
	tel := newTelemetry(t, telemetry.Config{}, telemetry.WithSpanProcessor(sdktrace.NewBatchSpanProcessor(spans)))
	_, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
	span.End()
	if err := tel.For("auth").Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if spans.exported != 1 {
		t.Errorf("%d spans were exported", spans.exported)
	}
}

// countingExporter counts, because the in-memory one forgets when it is shut down.
type countingExporter struct {
	*tracetest.InMemoryExporter
	exported int
}

func (e *countingExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.exported += len(spans)
	return nil
}
