// Package telemetry makes what a process says about itself: spans, exported by OTLP
// when there is an endpoint, and log lines in JSON that carry the trace's id.
//
// Nothing global is set. A library that is not handed the provider makes no spans,
// which a reader can see at the call.
package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says who speaks and where to.
type Config struct {
	Service, Version string

	Endpoint string // URL of an OTLP receiver, such as http://localhost:4318; empty: spans are not recorded
	Protocol string // HTTPProtobuf or GRPC; empty: HTTPProtobuf

	LogLevel  slog.Level
	LogWriter io.Writer // nil: standard error
}

// Telemetry is handed to everything that takes part in a request.
type Telemetry struct {
	Tracer     trace.TracerProvider
	Propagator propagation.TextMapPropagator // W3C trace context and baggage
	Log        *slog.Logger

	version    string
	processors []sdktrace.SpanProcessor
	lines      slog.Handler // of Log, without the service
}

// Option changes how New makes telemetry.
type Option func(*Telemetry)

// WithSpanProcessor adds a processor that gets every span, endpoint or not.
// Shutdown shuts it down.
func WithSpanProcessor(p sdktrace.SpanProcessor) Option {
	return func(t *Telemetry) { t.processors = append(t.processors, p) }
}

// New returns the telemetry of a service. It does not wait for the endpoint.
func New(ctx context.Context, c Config, opts ...Option) (*Telemetry, error) {
	if c.LogWriter == nil {
		c.LogWriter = os.Stderr
	}
	t := &Telemetry{
		Propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
		version:    c.Version,
		lines:      newLogHandler(slog.NewJSONHandler(c.LogWriter, &slog.HandlerOptions{Level: c.LogLevel})),
	}
	for _, opt := range opts {
		opt(t)
	}
	if c.Endpoint != "" {
		exporter, err := newExporter(ctx, c)
		if err != nil {
			return nil, err
		}
		log := slog.New(t.lines).With("service", c.Service)
		t.processors = append(t.processors, sdktrace.NewBatchSpanProcessor(loggedExporter{exporter, log}))
	}
	return t.For(c.Service), nil
}

// Discard returns telemetry for tests: spans have ids and nothing is kept of them,
// nor of the log.
func Discard() *Telemetry {
	t := &Telemetry{
		Propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
		lines:      slog.DiscardHandler,
	}
	return t.For("test")
}

// For returns the telemetry of another service of this process: its spans and log
// lines have that service's name and go where t's go. Shutting down either shuts
// down both.
func (t *Telemetry) For(service string) *Telemetry {
	other := *t
	other.Tracer = t.provider(service)
	other.Log = slog.New(t.lines).With("service", service)
	return &other
}

// provider shares the processors with the other services' providers. It is never
// shut down itself and holds nothing that would need it.
func (t *Telemetry) provider(service string) trace.TracerProvider {
	opts := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", service),
			attribute.String("service.version", t.version),
		)),
		sdktrace.WithSampler(t.sampler()),
	}
	for _, p := range t.processors {
		opts = append(opts, sdktrace.WithSpanProcessor(p))
	}
	return sdktrace.NewTracerProvider(opts...)
}

// sampler does not follow the caller's flag when nobody would get the spans: they
// would be recorded for nothing. Ids are made in either case, so that an error
// shown to a user has a trace id to look for in the log.
func (t *Telemetry) sampler() sdktrace.Sampler {
	if len(t.processors) == 0 {
		return sdktrace.NeverSample()
	}
	return sdktrace.ParentBased(sdktrace.AlwaysSample())
}

// Shutdown exports what is still held, until the context ends. No span is kept after it.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var err error
	for _, p := range t.processors {
		err = errors.Join(err, p.Shutdown(ctx))
	}
	return err
}
