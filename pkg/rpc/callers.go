package rpc

import (
	"fmt"
	"maps"
	"slices"
)

// callers says, for each server on the network, which services may connect to it.
// Calls go one way, so that no request waits for itself: the gateway calls anyone,
// everyone asks auth for its public keys, and auth asks everyone for what an account
// owns. A service may also connect to itself, as its own health check does.
//
// What a caller may do once it is connected is the methods' own policy.
var callers = map[string][]string{
	"auth":           {Gateway, "assessment", "recommendation", "training", "dashboard"},
	"assessment":     {Gateway, "auth", "recommendation", "dashboard"},
	"recommendation": {Gateway, "auth", "training", "dashboard"},
	"training":       {Gateway, "auth", "recommendation", "dashboard"},
	"dashboard":      {Gateway, "auth"},
	Gateway:          nil, // it serves people
}

// Services are the names of all services that have an identity on the network, in
// alphabetical order.
func Services() []string { return slices.Sorted(maps.Keys(callers)) }

// admitted says whether the service from has any business with the server to.
func admitted(from, to string) bool {
	return from == to || slices.Contains(callers[to], from)
}

// checkCallers wants the server to be one that others know, and no policy to name a
// service that would not get as far as the method.
func (m methods) checkCallers(server string) error {
	if callers[server] == nil {
		return fmt.Errorf("no service connects to %s", server)
	}
	for name, declared := range m {
		for _, service := range declared.Policy.GetServices() {
			if !admitted(service, server) {
				return fmt.Errorf("%s is for %s, which may not connect to %s", name, service, server)
			}
		}
	}
	return nil
}
