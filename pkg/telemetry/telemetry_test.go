package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/pkg/telemetry"
)

const (
	sampledParent   = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	unsampledParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
)

func incoming(t *testing.T, tel *telemetry.Telemetry, traceparent string) context.Context {
	t.Helper()
	return tel.Propagator.Extract(t.Context(), propagation.MapCarrier{"traceparent": traceparent, "baggage": "tenant=7"})
}

func TestWithoutAnyoneToTellSpansHaveIDsAndAreNotRecorded(t *testing.T) {
	for name, tel := range map[string]*telemetry.Telemetry{
		"no endpoint": newTelemetry(t, telemetry.Config{}),
		"discarded":   telemetry.Discard(),
	} {
		_, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
		if !span.SpanContext().IsValid() || span.IsRecording() {
			t.Errorf("%s: valid %t, recording %t", name, span.SpanContext().IsValid(), span.IsRecording())
		}
		// A caller's flag must not make it record for nobody, but its trace goes on.
		_, span = tel.Tracer.Tracer("test").Start(incoming(t, tel, sampledParent), "x")
		if span.IsRecording() || span.SpanContext().TraceID().String() != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("%s: recording %t, trace %s", name, span.IsRecording(), span.SpanContext().TraceID())
		}
	}
}

func TestAllIsRecordedButWhatTheCallerDoesNotWant(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tel := newTelemetry(t, telemetry.Config{}, telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(spans)))
	tracer := tel.Tracer.Tracer("test")
	for name, ctx := range map[string]context.Context{
		"root":      t.Context(),
		"sampled":   incoming(t, tel, sampledParent),
		"unsampled": incoming(t, tel, unsampledParent),
	} {
		_, span := tracer.Start(ctx, name)
		span.End()
	}
	got := map[string]bool{}
	for _, s := range spans.GetSpans() {
		got[s.Name] = true
	}
	if !got["root"] || !got["sampled"] || got["unsampled"] {
		t.Errorf("recorded %v", got)
	}
}

func TestTheContextGoesOutAsItCameIn(t *testing.T) {
	tel := telemetry.Discard()
	out := propagation.MapCarrier{}
	tel.Propagator.Inject(incoming(t, tel, sampledParent), out)
	if out["traceparent"] != sampledParent || out["baggage"] != "tenant=7" {
		t.Errorf("got %v", out)
	}
}

func TestServicesOfOneProcessShareTheirProcessorsAndKeepTheirNames(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	var log bytes.Buffer
	gateway := newTelemetry(t, telemetry.Config{LogWriter: &log}, telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(spans)))
	auth := gateway.For("auth")
	for _, tel := range []*telemetry.Telemetry{gateway, auth} {
		_, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
		span.End()
		tel.Log.Info("x")
	}
	want := []string{"gateway", "auth"}
	for i, s := range spans.GetSpans() {
		if name, _ := s.Resource.Set().Value("service.name"); name.AsString() != want[i] {
			t.Errorf("span %d is of %q", i, name.AsString())
		}
		if version, _ := s.Resource.Set().Value("service.version"); version.AsString() != "v1" {
			t.Errorf("span %d has version %q", i, version.AsString())
		}
	}
	for i, line := range lines(t, &log) {
		if line["service"] != want[i] {
			t.Errorf("line %d: %v", i, line)
		}
	}
	if len(spans.GetSpans()) != 2 {
		t.Errorf("%d spans", len(spans.GetSpans()))
	}
}

func TestLinesCarryTheIDsOfTheSpan(t *testing.T) {
	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{LogWriter: &log})
	ctx, span := tel.Tracer.Tracer("test").Start(t.Context(), "x")
	defer span.End()

	tel.Log.InfoContext(ctx, "plain", "a", 1)
	tel.Log.With("b", 2).WithGroup("g").With("c", 3).WithGroup("").InfoContext(ctx, "in a group", "d", 4)
	got := lines(t, &log)
	for _, line := range got {
		if line["trace_id"] != span.SpanContext().TraceID().String() || line["span_id"] != span.SpanContext().SpanID().String() {
			t.Errorf("the ids are not there: %v", line)
		}
		if line["service"] != "gateway" || line["level"] != "INFO" {
			t.Errorf("%v", line)
		}
	}
	if got[0]["a"] != 1.0 || got[1]["b"] != 2.0 {
		t.Errorf("attributes: %v", got)
	}
	if group, ok := got[1]["g"].(map[string]any); !ok || group["c"] != 3.0 || group["d"] != 4.0 {
		t.Errorf("group: %v", got[1])
	}
}

func TestGroupedLoggersDoNotMixTheirAttributes(t *testing.T) {
	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{LogWriter: &log})
	parent := tel.Log.WithGroup("g").With("a", 1)
	one, two := parent.With("one", 1), parent.With("two", 2)
	one.Info("x")
	two.Info("x")
	got := lines(t, &log)
	first, second := got[0]["g"].(map[string]any), got[1]["g"].(map[string]any)
	if first["one"] != 1.0 || first["two"] != nil || second["two"] != 2.0 || second["one"] != nil {
		t.Errorf("got %v and %v", first, second)
	}
}

func TestLinesWithoutASpanHaveNoIDs(t *testing.T) {
	var log bytes.Buffer
	newTelemetry(t, telemetry.Config{LogWriter: &log}).Log.Info("x")
	line := lines(t, &log)[0]
	if _, ok := line["trace_id"]; ok {
		t.Errorf("%v", line)
	}
}

func TestLinesBelowTheLevelAreLeftOut(t *testing.T) {
	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{LogWriter: &log, LogLevel: slog.LevelWarn})
	tel.Log.Info("quiet")
	tel.Log.WithGroup("g").Info("quiet")
	tel.Log.Warn("loud")
	if got := lines(t, &log); len(got) != 1 || got[0]["msg"] != "loud" {
		t.Errorf("%v", got)
	}
}

func TestIDsOfARemoteParentAreLoggedToo(t *testing.T) {
	var log bytes.Buffer
	tel := newTelemetry(t, telemetry.Config{LogWriter: &log})
	ctx := incoming(t, tel, sampledParent)
	tel.Log.InfoContext(ctx, "x")
	if got := lines(t, &log)[0]["trace_id"]; got != trace.SpanContextFromContext(ctx).TraceID().String() {
		t.Errorf("trace_id %v", got)
	}
}
