// Package edge is what happens to every request before and after its call: an ID, a
// trace, the client's address, security headers, the form that the route asks for,
// and an answer also when something breaks.
package edge

import (
	"context"
	"encoding/hex"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/gateway/internal/clientip"
	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
)

// Edge is the outermost part of the gateway.
type Edge struct {
	Tracer     trace.TracerProvider
	Propagator propagation.TextMapPropagator
	Log        *slog.Logger
	Clients    *clientip.Resolver
}

// Wrap puts the edge around a handler. The handler's ResponseWriter is the exchange.
func (e *Edge) Wrap(next http.Handler) http.Handler {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ex := &exchange.Exchange{
			ResponseWriter: w,
			RequestID:      exchange.RequestID(r.Header.Get("X-Request-ID")),
			Client:         e.Clients.Client(r),
		}
		span := trace.SpanFromContext(r.Context())
		ex.Span = span.SpanContext()
		common(ex)
		inner := r.WithContext(exchange.Into(r.Context(), ex))
		ex.Request = inner
		defer e.end(ex, r, span)
		if r.Method == http.MethodHead {
			// Served as GET; the server itself leaves the body out.
			inner.Method = http.MethodGet
			ex.Head = true
		}
		next.ServeHTTP(ex, inner)
	})
	return otelhttp.NewHandler(handler, "http",
		otelhttp.WithTracerProvider(e.Tracer),
		otelhttp.WithPropagators(e.Propagator),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()),
	)
}

// end names the span by the route, never by the path, which may hold anything, and
// turns a panic into an answer.
func (e *Edge) end(ex *exchange.Exchange, r *http.Request, span trace.Span) {
	r.Pattern = ex.Pattern // otelhttp reads the name from here
	if ex.Pattern != "" && span.IsRecording() {
		span.SetAttributes(attribute.String("http.route", ex.Pattern))
	}
	if recovered := recover(); recovered != nil {
		if recovered == http.ErrAbortHandler { //nolint:errorlint // panics are compared as net/http does
			panic(recovered)
		}
		e.Log.ErrorContext(r.Context(), "panic while answering a request",
			slog.Any("panic", recovered), slog.String("stack", string(debug.Stack())))
		problem.Internal().Write(ex)
	}
}

// Fail answers a failed call.
func (e *Edge) Fail(ctx context.Context, ex *exchange.Exchange, err error) {
	e.Problem(ctx, ex, err).Write(ex)
}

// Problem is what a client is told of a failed call. The text of a fault that it is
// not told goes to the log.
func (e *Edge) Problem(ctx context.Context, ex *exchange.Exchange, err error) *problem.Problem {
	p := problem.FromError(err)
	p.Rename(ex.Route.Sent)
	if p.Status >= http.StatusInternalServerError {
		e.Log.WarnContext(ctx, "request failed", slog.String("route", ex.Pattern),
			slog.Int("status", p.Status), slog.String("reason", p.Reason), slog.Any("error", err))
	}
	return p
}

// Values that every answer has. The slices are shared by all answers and never
// written to.
var (
	nosniff    = []string{"nosniff"}
	noStore    = []string{"no-store"}
	noReferrer = []string{"no-referrer"}
	// An answer of the API is never a page: where a browser shows it as one,
	// nothing in it may run, load or be framed.
	nothingRuns = []string{"default-src 'none'; frame-ancestors 'none'"}
	sameOrigin  = []string{"same-origin"}
)

func common(ex *exchange.Exchange) {
	h := ex.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Cache-Control"] = noStore
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = nothingRuns
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["X-Request-Id"] = []string{ex.RequestID}
	if ex.Span.IsValid() {
		h["Traceparent"] = []string{traceparent(ex.Span)}
	}
}

// traceparent writes where in which trace the answer was made, in the form of W3C
// Trace Context.
func traceparent(sc trace.SpanContext) string {
	var b strings.Builder
	id, span, flags := sc.TraceID(), sc.SpanID(), [1]byte{byte(sc.TraceFlags())}
	b.Grow(55)
	b.WriteString("00-")
	b.WriteString(hex.EncodeToString(id[:]))
	b.WriteByte('-')
	b.WriteString(hex.EncodeToString(span[:]))
	b.WriteByte('-')
	b.WriteString(hex.EncodeToString(flags[:]))
	return b.String()
}
