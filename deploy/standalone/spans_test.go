package standalone_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	standalone "github.com/inframind/inframind/deploy/standalone"
	"github.com/inframind/inframind/pkg/telemetry"
)

// patience is how long a test waits for what must come; then it fails.
const patience = 30 * time.Second

// spans keeps the spans of a platform.
type spans struct {
	*tracetest.InMemoryExporter

	more chan struct{} // has something in it after each span
}

func newSpans() *spans {
	return &spans{tracetest.NewInMemoryExporter(), make(chan struct{}, 1)}
}

// ExportSpans implements sdktrace.SpanExporter.
func (s *spans) ExportSpans(ctx context.Context, ended []sdktrace.ReadOnlySpan) error {
	err := s.InMemoryExporter.ExportSpans(ctx, ended)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return err
}

// Shutdown implements sdktrace.SpanExporter. What has been told stays.
func (s *spans) Shutdown(context.Context) error { return nil }

// record makes the platform give its spans to s.
func (s *spans) record(o *standalone.Options) {
	o.Telemetry = append(o.Telemetry, telemetry.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(s)))
}

// wait waits until the trace is the tree. A span ends a moment after the answer that
// it is about.
func (s *spans) wait(t *testing.T, traceID, tree string) {
	t.Helper()
	s.until(t, traceID, tree, func(got string) bool { return got == tree })
}

// waitFor waits until the trace has a span at its top.
func (s *spans) waitFor(t *testing.T, traceID, span string) {
	t.Helper()
	s.until(t, traceID, span, func(got string) bool { return strings.HasPrefix(got, span+"\n") })
}

func (s *spans) until(t *testing.T, traceID, want string, arrived func(tree string) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for got := s.tree(traceID); !arrived(got); got = s.tree(traceID) {
		select {
		case <-s.more:
		case <-ctx.Done():
			t.Fatalf("the trace is\n%swant\n%s", got, want)
		}
	}
}

// tree writes a trace with a line a span: service, kind and name, and under it,
// further to the right, the spans that it is the parent of. All that a database was
// asked under a span is one line.
func (s *spans) tree(traceID string) string {
	all := slices.DeleteFunc(s.GetSpans(), func(span tracetest.SpanStub) bool {
		return span.SpanContext.TraceID().String() != traceID
	})
	slices.SortFunc(all, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	var b strings.Builder
	for _, span := range all {
		if !slices.ContainsFunc(all, func(p tracetest.SpanStub) bool { return p.SpanContext.SpanID() == span.Parent.SpanID() }) {
			write(&b, all, span, "")
		}
	}
	return b.String()
}

func write(b *strings.Builder, all []tracetest.SpanStub, span tracetest.SpanStub, indent string) {
	line := indent + attribute(span, "service.name") + " " + span.SpanKind.String() + " " + span.Name + "\n"
	if database := attribute(span, "db.namespace"); database != "" {
		line = indent + attribute(span, "service.name") + " " + attribute(span, "db.system.name") + " " + database + "\n"
		if strings.HasSuffix(b.String(), "\n"+line) {
			return
		}
	}
	b.WriteString(line)
	for _, child := range all {
		if child.Parent.SpanID() == span.SpanContext.SpanID() {
			write(b, all, child, indent+"  ")
		}
	}
}

// attribute is one of the span or of who made it.
func attribute(span tracetest.SpanStub, key string) string {
	found := ""
	for _, a := range append(span.Resource.Attributes(), span.Attributes...) {
		if string(a.Key) == key {
			found = cmp.Or(found, a.Value.AsString())
		}
	}
	return found
}
