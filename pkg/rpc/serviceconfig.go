package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/policy"
)

// The service config of grpc, as far as it is used here.
type (
	clientConfig struct {
		LoadBalancing []map[string]struct{} `json:"loadBalancingConfig"`
		Methods       []methodConfig        `json:"methodConfig"`
		Throttling    throttling            `json:"retryThrottling"`
	}
	methodConfig struct {
		Names []methodName `json:"name"`
		Retry retryPolicy  `json:"retryPolicy"`
	}
	methodName struct {
		Service string `json:"service"`
		Method  string `json:"method"`
	}
	retryPolicy struct {
		Attempts   int      `json:"maxAttempts"` // the first one included
		Initial    string   `json:"initialBackoff"`
		Max        string   `json:"maxBackoff"`
		Multiplier float64  `json:"backoffMultiplier"`
		Codes      []string `json:"retryableStatusCodes"`
	}
	throttling struct {
		Tokens int     `json:"maxTokens"`  // each failure takes one, and below half there are no retries
		Ratio  float64 `json:"tokenRatio"` // what each success gives back
	}
)

// retry is soon and seldom: it is for the instance that just went away while another
// one stands by. Whoever has to wait for longer is told when to come again.
var retry = retryPolicy{
	Attempts: 3, Initial: "0.05s", Max: "0.5s", Multiplier: 2,
	Codes: []string{"UNAVAILABLE"},
}

// serviceConfig lets calls to a service go to each of its instances in turn, and
// repeats those of methods that declare that a repeat does no harm.
func serviceConfig() (string, error) {
	table, err := policy.Linked()
	if err != nil {
		return "", err
	}
	c := clientConfig{
		LoadBalancing: []map[string]struct{}{{"round_robin": {}}},
		Throttling:    throttling{Tokens: 20, Ratio: 0.1},
	}
	if names := repeatable(table); len(names) > 0 {
		c.Methods = []methodConfig{{Names: names, Retry: retry}}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("write the service config: %w", err)
	}
	return string(text), nil
}

func repeatable(table policy.Table) []methodName {
	var names []methodName
	for _, fullName := range slices.Sorted(maps.Keys(table)) {
		if table[fullName].Idempotent {
			service, method, _ := strings.Cut(strings.TrimPrefix(fullName, "/"), "/")
			names = append(names, methodName{service, method})
		}
	}
	return names
}

// headerPushback tells the caller's transport when to repeat a call; below 0: not.
const headerPushback = "grpc-retry-pushback-ms"

// pushBack goes along with an error of a service further on, which this one has asked
// as often as there is a point in. If each hop repeated what the next one has
// repeated, one failure would become a storm.
func pushBack(ctx context.Context, st *status.Status, err error) {
	if st.Code() == codes.Unavailable && isRemote(err) {
		// It fails only outside a call, where nobody repeats anything.
		_ = grpc.SetTrailer(ctx, metadata.Pairs(headerPushback, "-1"))
	}
}
