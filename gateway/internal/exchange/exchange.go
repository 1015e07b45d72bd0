// Package exchange is one request and its answer, as the parts of the gateway that
// take part in it know them.
package exchange

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/netip"

	"go.opentelemetry.io/otel/trace"

	"github.com/inframind/inframind/gateway/internal/route"
)

// Exchange is one request and its answer. It is the ResponseWriter of everything
// inside, and is used by one goroutine at a time.
type Exchange struct {
	http.ResponseWriter

	Request   *http.Request // as it came, a HEAD as the GET that it is answered as
	Head      bool          // the client takes no body
	RequestID string
	Span      trace.SpanContext
	Client    netip.Addr // zero: not known

	Pattern string       // of the path; "" when it leads nowhere
	Route   *route.Route // nil: the gateway answers by itself

	Token          string // the bearer token
	IfMatch        string // the etag that the client's change was made from
	IdempotencyKey string

	Status int    // of the answer, when it is not 200
	ETag   string // of the answer's resource

	started bool
}

type key struct{}

// Into returns a context that has the exchange.
func Into(ctx context.Context, e *Exchange) context.Context {
	return context.WithValue(ctx, key{}, e)
}

// From returns the exchange that ctx belongs to; nil outside of one.
func From(ctx context.Context) *Exchange {
	e, _ := ctx.Value(key{}).(*Exchange)
	return e
}

// Started says whether the answer's header is on its way, so that nothing of it can
// be changed.
func (e *Exchange) Started() bool { return e.started }

// WriteHeader implements http.ResponseWriter. A second call changes nothing.
func (e *Exchange) WriteHeader(status int) {
	if e.started && status >= http.StatusOK {
		return
	}
	e.started = e.started || status >= http.StatusOK
	e.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter. The first one sends the header with Status.
func (e *Exchange) Write(p []byte) (int, error) {
	if !e.started {
		if e.Status == http.StatusNoContent || e.Status == http.StatusNotModified {
			e.Header().Del("Content-Length")
		}
		if e.Status != 0 {
			e.ResponseWriter.WriteHeader(e.Status)
		}
		e.started = true
	}
	if len(p) == 0 {
		return 0, nil
	}
	return e.ResponseWriter.Write(p)
}

// Flush implements http.Flusher.
func (e *Exchange) Flush() {
	e.started = true
	if f, ok := e.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (e *Exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

// maxRequestID is the longest request ID that is taken from a client.
const maxRequestID = 64

// RequestID is the ID that a client gave its request, if it can be written anywhere
// as it is, else a new one.
func RequestID(given string) string {
	if given == "" || len(given) > maxRequestID {
		return rand.Text()
	}
	for i := range len(given) {
		switch c := given[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-' || c == '_' || c == '.' || c == '~':
		default:
			return rand.Text()
		}
	}
	return given
}
