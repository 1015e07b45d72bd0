// Package upstream is the last thing before a call leaves the gateway, where the
// request is known in its decoded form: limits are counted, If-Match becomes the
// request's etag, and exactly what services need to know about the client goes
// along.
package upstream

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/quota"
	"github.com/inframind/inframind/gateway/internal/route"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
)

// deadline is longer than the services' own, so that the one who was too slow says
// so, and not the gateway for it.
const deadline = 12 * time.Second

// Conn is a connection to a service as grpc-gateway's handlers use it.
type Conn struct {
	conn  grpc.ClientConnInterface
	quota *quota.Enforcer
	plans map[string]*quota.Plan // by the RPC's full name
}

var _ grpc.ClientConnInterface = (*Conn)(nil)

// New wraps a connection.
func New(conn grpc.ClientConnInterface, enforcer *quota.Enforcer, table *route.Table) *Conn {
	c := &Conn{conn: conn, quota: enforcer, plans: map[string]*quota.Plan{}}
	for _, r := range table.Routes {
		if p := quota.Compile(r.Method); p != nil {
			c.plans[r.Method.FullName] = p
		}
	}
	return c
}

// Invoke implements grpc.ClientConnInterface.
func (c *Conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	ex := exchange.From(ctx)
	request, response := args.(proto.Message).ProtoReflect(), reply.(proto.Message).ProtoReflect()
	if err := c.count(ctx, ex, method, request); err != nil {
		return err
	}
	if err := precondition(ex, request); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(forward(ctx, ex), deadline)
	defer cancel()
	if err := c.conn.Invoke(ctx, method, args, reply, opts...); err != nil {
		return err
	}
	ex.ETag = ex.Route.ResponseETag.Get(response)
	return nil
}

// count counts the request against the limits of its method.
func (c *Conn) count(ctx context.Context, ex *exchange.Exchange, method string, request protoreflect.Message) error {
	p := c.plans[method]
	if p == nil {
		return nil
	}
	return c.quota.Take(ctx, p, quota.Client{Addr: ex.Client, Token: ex.Token}, request, ex.Header())
}

// Stream sends a request whose answer is a stream. It lasts until ctx ends.
func (c *Conn) Stream(ctx context.Context, ex *exchange.Exchange, request proto.Message) (grpc.ClientStream, error) {
	method := ex.Route.Method.FullName
	if err := c.count(ctx, ex, method, request.ProtoReflect()); err != nil {
		return nil, err
	}
	stream, err := c.conn.NewStream(forward(ctx, ex), &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(request); err != nil && !errors.Is(err, io.EOF) { // io.EOF: receiving says why
		return nil, err
	}
	return stream, stream.CloseSend()
}

// NewStream implements grpc.ClientConnInterface. Package events answers the routes
// that are streams, so that grpc-gateway's handlers never ask.
func (c *Conn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "streams are routed as events")
}

// forward replaces what grpc-gateway made of the request's headers: a service is told
// this and nothing else.
func forward(ctx context.Context, ex *exchange.Exchange) context.Context {
	ctx = metadata.NewOutgoingContext(ctx, nil)
	caller := rpc.Caller{RequestID: ex.RequestID, RawToken: ex.Token}
	if ex.Client.IsValid() {
		caller.ClientIP = ex.Client.String()
	}
	ctx = rpc.WithCaller(ctx, caller)
	if ex.IdempotencyKey != "" {
		ctx = rpc.WithIdempotencyKey(ctx, ex.IdempotencyKey)
	}
	return ctx
}

// precondition brings the two ways of stating an etag together.
func precondition(ex *exchange.Exchange, request protoreflect.Message) error {
	r := ex.Route
	if ex.IfMatch == "" {
		return nil
	}
	switch stated := r.RequestETag.Get(request); stated {
	case "":
		r.RequestETag.Set(request, ex.IfMatch)
		return nil
	case ex.IfMatch:
		return nil
	default:
		return errs.Invalid(errs.Violation{
			Field: "If-Match", Rule: "if_match.conflict", Message: "states another etag than the request itself",
		})
	}
}
