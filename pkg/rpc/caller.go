package rpc

import (
	"context"

	"github.com/inframind/inframind/pkg/token"
)

// Gateway is the service whose word about the client's address is taken, because it
// alone is asked by clients.
const Gateway = "gateway"

// Caller is who makes the call that is being served.
type Caller struct {
	Claims    token.Claims // of a call that needs a token; else zero
	Service   string       // the peer, by its own identity, such as "gateway"
	RequestID string       // of the client's request, the same at every hop
	RawToken  string       // the verified token; goes along on calls made for the same person
	ClientIP  string       // the client's address; only known where the gateway itself calls
}

// call is what the interceptors and the handler know about the call being served.
type call struct {
	method         *method
	caller         Caller
	idempotencyKey string
}

type callKey struct{}

func callFrom(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// CallerFrom returns who makes the call that ctx belongs to.
func CallerFrom(ctx context.Context) (Caller, bool) {
	if c := callFrom(ctx); c != nil {
		return c.caller, true
	}
	return Caller{}, false
}

// WithCaller makes calls with the returned context on behalf of c. A handler's
// context has its caller already; this is for the edge, where a call comes in by
// other means. Service and Claims are not sent: whoever is called finds out itself.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callKey{}, &call{caller: c})
}

// Subject is the ID of the person who makes the call and so owns what it makes; ""
// when nobody is signed in.
func Subject(ctx context.Context) string {
	if c := callFrom(ctx); c != nil {
		return c.caller.Claims.Subject
	}
	return ""
}
