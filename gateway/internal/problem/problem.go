// Package problem is the one place that answers a request with an error: as
// application/problem+json (RFC 9457), whether the error is a service's or the
// gateway's own.
//
// A problem's type is the stable reference /problems/ followed by its reason in
// lower case with dashes; the title says the same in words and never varies; detail
// is about this occurrence. No text of a driver, a transport or a stack gets here:
// a status without the platform's own ErrorInfo is answered with a fixed sentence.
package problem

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/pkg/errs"
)

// ContentType is the media type of problems.
const ContentType = "application/problem+json"

// TypePrefix is what every type starts with.
const TypePrefix = "/problems/"

// maxInstance is the longest path that is repeated to the client, in bytes.
const maxInstance = 512

// Problem is what went wrong with one request.
type Problem struct {
	Status     int
	Reason     string // UPPER_SNAKE
	Detail     string
	Violations []errs.Violation
	RetryAfter time.Duration
}

// document is a problem on the wire.
type document struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail,omitempty"`
	Instance   string      `json:"instance,omitempty"`
	Reason     string      `json:"reason"`
	RequestID  string      `json:"requestId,omitempty"`
	TraceID    string      `json:"traceId,omitempty"`
	Violations []violation `json:"violations,omitempty"`
}

type violation struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
}

// Rename gives the fields of violations the names that the client knows.
func (p *Problem) Rename(sent func(field string) string) {
	for i, v := range p.Violations {
		name := sent(v.Field)
		if p.Detail == v.Field+": "+v.Message {
			p.Detail = name + ": " + v.Message
		}
		p.Violations[i].Field = name
	}
}

// Write answers the exchange with the problem. When the answer has begun already,
// the connection is broken off instead, so that nobody takes half an answer for a
// whole one.
func (p *Problem) Write(ex *exchange.Exchange) {
	if ex.Started() {
		panic(http.ErrAbortHandler)
	}
	text := p.Text(ex)
	h := ex.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Del("ETag")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", Seconds(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", p.challenge(ex))
	}
	ex.WriteHeader(p.Status)
	_, _ = ex.Write(text) // a client that went away cannot be told
}

// Text is the problem as a document, on one line.
func (p *Problem) Text(ex *exchange.Exchange) []byte {
	doc := document{
		Type:      TypePrefix + strings.ReplaceAll(strings.ToLower(p.Reason), "_", "-"),
		Title:     title(p.Reason),
		Status:    p.Status,
		Detail:    p.Detail,
		Reason:    p.Reason,
		RequestID: ex.RequestID,
	}
	if ex.Span.HasTraceID() {
		doc.TraceID = ex.Span.TraceID().String()
	}
	if path := ex.Request.URL.EscapedPath(); len(path) <= maxInstance {
		doc.Instance = path
	}
	for _, v := range p.Violations {
		doc.Violations = append(doc.Violations, violation(v))
	}
	text, err := json.Marshal(doc)
	if err != nil { // a struct of strings and numbers always marshals
		panic(err)
	}
	return text
}

// challenge is the answer to a missing or refused token (RFC 6750).
func (p *Problem) challenge(ex *exchange.Exchange) string {
	const realm = `Bearer realm="inframind"`
	asked := ex.Route != nil && ex.Route.Method.NeedsToken()
	if !asked || ex.Request.Header.Get("Authorization") == "" {
		return realm
	}
	return realm + `, error="invalid_token"`
}

// Seconds writes a delay in whole seconds, rounded up so that nobody comes back too
// early.
func Seconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}

// title is a reason in words: ASSESSMENT_NOT_FOUND is "Assessment not found".
func title(reason string) string {
	if reason == errs.ReasonInternal {
		return "Internal error"
	}
	return reason[:1] + strings.ToLower(strings.ReplaceAll(reason[1:], "_", " "))
}
