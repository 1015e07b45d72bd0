package rpc

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

// What keeps a connection of the network honest. The network may lose the other side
// without a word, and a load balancer may forget a connection that is silent.
const (
	// pingAfter is how long a client hears nothing before it asks, also between
	// calls: the next call should not be the one that finds out.
	pingAfter = 30 * time.Second
	// pingTimeout is for the answer, and for the kernel to get any byte across.
	pingTimeout = 10 * time.Second
	// pingAtLeast is between two pings of a client that a server puts up with.
	pingAtLeast = pingAfter / 2
	// callerPingAfter is how long a server hears nothing before it asks.
	callerPingAfter = time.Minute

	// connectionAge is how long a client keeps to one instance of a service and to one
	// pair of certificates.
	connectionAge = 10 * time.Minute
	// connectionGrace is for the calls that are running by then. A person's stream
	// lives as long as the token it was opened with, which is a quarter of an hour.
	connectionGrace = 20 * time.Minute
)

func networkServerOptions(age time.Duration) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge:      age,
			MaxConnectionAgeGrace: connectionGrace,
			Time:                  callerPingAfter,
			Timeout:               pingTimeout,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingAtLeast, PermitWithoutStream: true}),
	}
}

func networkDialOptions() ([]grpc.DialOption, error) {
	service, err := serviceConfig()
	if err != nil {
		return nil, err
	}
	return []grpc.DialOption{
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithDefaultServiceConfig(service),
		// A proxy in the environment is for the world outside.
		grpc.WithNoProxy(),
	}, nil
}
