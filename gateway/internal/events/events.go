// Package events answers the routes whose RPC streams its answer: as server-sent
// events, which pages read with an EventSource or fetch, or as lines of JSON for
// programs that ask for application/x-ndjson.
//
// A reader that does not keep up is dropped. Nothing is held for it but the message
// at hand: what it would read later is no longer so.
package events

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"github.com/jonboulle/clockwork"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/inframind/inframind/gateway/internal/edge"
	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/upstream"
	"github.com/inframind/inframind/pkg/errs"
)

// heartbeat is how often something is written at least: proxies close connections on
// which nothing is, and a client that is gone is only found by writing to it.
const heartbeat = 15 * time.Second

// Server answers streams.
type Server struct {
	edge    *edge.Edge
	clock   clockwork.Clock
	conns   map[protoreflect.FullName]*upstream.Conn // by the RPC's service
	stopped context.Context                          //nolint:containedctx // it is the server's own life
	stop    context.CancelFunc
}

// NewServer answers streams until Stop.
func NewServer(e *edge.Edge, c clockwork.Clock) *Server {
	s := &Server{edge: e, clock: c, conns: map[protoreflect.FullName]*upstream.Conn{}}
	s.stopped, s.stop = context.WithCancel(context.Background())
	return s
}

// Connect leads the calls of a file's services to a connection.
func (s *Server) Connect(file protoreflect.FileDescriptor, conn *upstream.Conn) {
	for i := range file.Services().Len() {
		s.conns[file.Services().Get(i).FullName()] = conn
	}
}

// Stop ends all streams at once, and those that are opened later: they would hold up
// the requests that the server waits for.
func (s *Server) Stop() { s.stop() }

// Answer is the middleware that answers streams itself and lets other routes pass.
func (s *Server) Answer(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		ex := exchange.From(r.Context())
		if !ex.Route.Stream {
			next(w, r, params)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.stopped, cancel)() //nolint:contextcheck // it is what ends the other
		s.answer(ctx, ex, r, params)
	}
}

func (s *Server) answer(ctx context.Context, ex *exchange.Exchange, r *http.Request, params map[string]string) {
	request, err := requestOf(ex, r, params)
	if err != nil {
		s.edge.Fail(ctx, ex, err)
		return
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(ex.Route.Method.FullName, "/"), "/")
	stream, err := s.conns[protoreflect.FullName(service)].Stream(ctx, ex, request)
	if err != nil {
		s.edge.Fail(ctx, ex, err)
		return
	}
	answer, err := protoregistry.GlobalTypes.FindMessageByName(ex.Route.Output.FullName())
	if err != nil {
		s.edge.Fail(ctx, ex, fmt.Errorf("find a stream's message: %w", err))
		return
	}
	o := output{ex: ex, format: accepted(r), control: http.NewResponseController(ex)}
	s.pump(ctx, o, receive(ctx, stream, answer))
}

// requestOf reads the parameters, which have been checked by the route.
func requestOf(ex *exchange.Exchange, r *http.Request, params map[string]string) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(ex.Route.Method.Input.FullName())
	if err != nil {
		return nil, fmt.Errorf("find a stream's request: %w", err)
	}
	request := kind.New().Interface()
	for name, value := range params {
		if err := runtime.PopulateFieldFromPath(request, name, value); err != nil {
			return nil, fmt.Errorf("read a stream's path: %w", err)
		}
	}
	if err := runtime.PopulateQueryParameters(request, r.URL.Query(), utilities.NewDoubleArray(nil)); err != nil {
		return nil, fmt.Errorf("read a stream's query: %w", err)
	}
	return request, nil
}

// pump writes what is received until one side ends it.
func (s *Server) pump(ctx context.Context, o output, received <-chan result) {
	ticker := s.clock.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case got := <-received:
			switch {
			case got.err == nil:
				err = o.message(got.message)
			case ctx.Err() != nil:
				s.leave(o)
				return
			case got.ended():
				o.start()
				return
			default:
				o.fail(s.edge.Problem(ctx, o.ex, got.err))
				return
			}
		case <-ticker.Chan():
			err = o.write(o.format.heartbeat)
		case <-ctx.Done():
			s.leave(o)
			return
		}
		if err != nil || o.ex.Head {
			return
		}
	}
}

// leave ends a stream because the client is gone or the gateway stops. A client that
// has events takes the end as a reason to ask again; one that has none is told.
func (s *Server) leave(o output) {
	if s.stopped.Err() != nil && !o.ex.Started() {
		o.fail(problem.FromError(errs.Unavailable("GATEWAY_STOPPING", "the gateway is about to stop; try again", time.Second)))
	}
}
