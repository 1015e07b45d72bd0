package rpc_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
)

func TestACallIsOneTraceOnBothSides(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "probe"},
		telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(exporter)))
	if err != nil {
		t.Fatal(err)
	}
	var inside trace.SpanContext
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		inside = trace.SpanContextFromContext(ctx)
		return &response{}, nil
	}
	t.Run("calls", func(t *testing.T) { // the spans are complete when the server is gone
		conn := testkit.Serve(t, "probe", p.register, testkit.WithTelemetry(tel))
		if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
			t.Fatal(err)
		}
		want(t, invoke(t.Context(), conn, "Public"), codes.OK, "")
	})
	kinds := map[trace.SpanKind]tracetest.SpanStub{}
	for _, span := range exporter.GetSpans() {
		kinds[span.SpanKind] = span
	}
	client, server := kinds[trace.SpanKindClient], kinds[trace.SpanKindServer]
	if len(exporter.GetSpans()) != 2 {
		t.Fatalf("there are %d spans, of the probe's own call there should be 2", len(exporter.GetSpans()))
	}
	if server.Parent.SpanID() != client.SpanContext.SpanID() || server.SpanContext.TraceID() != client.SpanContext.TraceID() {
		t.Errorf("the server's span %v is not below the client's %v", server.Parent, client.SpanContext)
	}
	if inside.SpanID() != server.SpanContext.SpanID() {
		t.Errorf("the handler is in the span %v, not in %v", inside.SpanID(), server.SpanContext.SpanID())
	}
}
