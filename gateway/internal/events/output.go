package events

import (
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/gateway/internal/codec"
	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
)

// writing is how long a reader may take for what is written to it. It is on the real
// clock, as connections are.
const writing = 10 * time.Second

// output is the answer to one request.
type output struct {
	ex      *exchange.Exchange
	format  format
	control *http.ResponseController
}

// start sends the header. The server's own deadlines are those of an answer that
// ends: a stream outlives them.
func (o output) start() {
	if o.ex.Started() {
		return
	}
	// What the connection cannot do, it need not: a deadline that was not set
	// does not end the stream.
	_ = o.control.SetReadDeadline(time.Time{})
	h := o.ex.Header()
	h.Set("Content-Type", o.format.contentType)
	h.Set("X-Accel-Buffering", "no") // proxies would hold events back
	o.ex.WriteHeader(http.StatusOK)
}

// write writes what is whole by itself, at once or not at all.
func (o output) write(text []byte) error {
	o.start()
	if err := o.control.SetWriteDeadline(time.Now().Add(writing)); err != nil {
		return err
	}
	if _, err := o.ex.Write(text); err != nil {
		return err
	}
	return o.control.Flush()
}

func (o output) message(m proto.Message) error {
	text, err := codec.JSON{}.Marshal(m)
	if err != nil {
		return err
	}
	return o.write(o.format.message(o.ex.Route.EventID.Get(m.ProtoReflect()), text))
}

// fail tells why the stream ends: as a problem of its own while nothing was sent,
// as the last event after.
func (o output) fail(p *problem.Problem) {
	if !o.ex.Started() {
		p.Write(o.ex)
		return
	}
	_ = o.write(o.format.problem(p.Text(o.ex))) // a client that went away cannot be told
}
