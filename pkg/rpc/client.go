package rpc

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/telemetry"
)

// ClientConfig says what a client connection is made of.
type ClientConfig struct {
	Telemetry *telemetry.Telemetry
}

// clientOptions is what every connection has, however it gets to the other side.
func clientOptions(from string, c ClientConfig) ([]grpc.DialOption, error) {
	table, err := policy.Linked()
	if err != nil {
		return nil, err
	}
	f := forward{edge: from == Gateway, policies: table}
	t := translate{edge: from == Gateway}
	return []grpc.DialOption{
		grpc.WithStatsHandler(clientTraces(c.Telemetry)),
		grpc.WithChainUnaryInterceptor(f.unary, t.unary),
		grpc.WithChainStreamInterceptor(f.stream, t.stream),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		grpc.WithDisableServiceConfig(),
		grpc.WithInitialWindowSize(window),
		grpc.WithInitialConnWindowSize(window),
		grpc.WithConnectParams(grpc.ConnectParams{
			// The other side may start a moment later than this one.
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
	}, nil
}
