package rpc

import (
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/metric/noop"
	"google.golang.org/grpc/stats"

	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/telemetry"
)

func serverTraces(t *telemetry.Telemetry) stats.Handler {
	return otelgrpc.NewServerHandler(traces(t)...)
}

func clientTraces(t *telemetry.Telemetry) stats.Handler {
	return otelgrpc.NewClientHandler(traces(t)...)
}

func traces(t *telemetry.Telemetry) []otelgrpc.Option {
	return []otelgrpc.Option{
		otelgrpc.WithTracerProvider(t.Tracer),
		otelgrpc.WithPropagators(t.Propagator),
		otelgrpc.WithMeterProvider(noop.NewMeterProvider()),
		// Probes come every few seconds and tell nothing about what people do.
		otelgrpc.WithFilter(func(i *stats.RPCTagInfo) bool { return !policy.OfGRPC(i.FullMethodName) }),
	}
}
