package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// The protocols, as OTEL_EXPORTER_OTLP_PROTOCOL names them.
const (
	HTTPProtobuf = "http/protobuf"
	GRPC         = "grpc"
)

func newExporter(ctx context.Context, c Config) (sdktrace.SpanExporter, error) {
	// The exporters log an endpoint that they cannot read and go on to a default one.
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "http" && endpoint.Scheme != "https") {
		return nil, fmt.Errorf("telemetry: the endpoint must be an http or https URL")
	}
	switch c.Protocol {
	case "", HTTPProtobuf:
		return otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint.JoinPath("v1", "traces").String()))
	case GRPC:
		return otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint.String()))
	default:
		return nil, fmt.Errorf("telemetry: the protocol must be %s or %s", HTTPProtobuf, GRPC)
	}
}

// loggedExporter logs what goes wrong, where the SDK would hand it to a global handler.
type loggedExporter struct {
	sdktrace.SpanExporter
	log *slog.Logger
}

func (e loggedExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.WarnContext(ctx, "spans could not be exported", "spans", len(spans), "err", err)
	}
	return nil
}
