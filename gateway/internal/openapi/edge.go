package openapi

import (
	"net/http"
	"sort"
	"strconv"

	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/route"
)

// What the gateway itself adds to every operation: headers in and out, problems.

func (b *builder) parameters(op *operation, r *route.Route, path, verb string) error {
	in := r.Method.Input
	for i := range in.Fields().Len() {
		fd := in.Fields().Get(i)
		where := "query"
		switch {
		case r.Path[string(fd.Name())] != nil:
			where = "path"
		case r.Query[fd.JSONName()] == nil:
			continue
		}
		s, needed, err := b.schemas.field(fd)
		if err != nil {
			return err
		}
		s.Description = ""
		op.Parameters = append(op.Parameters, parameter{
			Name: fd.JSONName(), In: where, Required: where == "path" || needed, Schema: s,
			Description: b.words.parameter(path, verb, fd.JSONName()),
		})
	}
	header := func(name, description string) {
		op.Parameters = append(op.Parameters, parameter{
			Name: name, In: "header", Description: description, Schema: &schema{Type: "string"},
		})
	}
	if creates(r) {
		header("Idempotency-Key", "A name of your own for this request, 1 to 128 visible ASCII characters. A repeat with the same key has no second effect.")
	}
	if len(r.RequestETag) > 0 {
		header("If-Match", "The ETag of what the request was made from, in quotes. It fails with 412 when somebody wrote in between.")
	}
	if len(r.ResponseETag) > 0 && r.Verb == http.MethodGet {
		header("If-None-Match", "ETags that the client holds. The answer is 304, without a body, when one is still right.")
	}
	return nil
}

// creates says whether an Idempotency-Key makes a difference: it names what is
// created. Other writes take one and need none.
func creates(r *route.Route) bool { return r.Method.TakesKey() && r.Status == http.StatusCreated }

// headersOf are the headers of a success beside those of every answer.
func headersOf(r *route.Route) members {
	var h members
	ref := func(name string) { h.add(name, response{Ref: refer("headers", name)}) }
	ref("X-Request-ID")
	ref("traceparent")
	if len(r.ResponseETag) > 0 {
		ref("ETag")
	}
	if r.Location != nil {
		ref("Location")
	}
	if len(r.Method.Policy.GetRateLimits()) > 0 {
		ref("RateLimit")
		ref("RateLimit-Policy")
	}
	return h
}

// failures are the statuses that an operation can be answered with beside those that
// any can, in their order.
func failures(r *route.Route) []string {
	set := map[int]bool{http.StatusBadRequest: true}
	if r.Method.NeedsToken() {
		set[http.StatusUnauthorized] = true
		set[http.StatusForbidden] = r.Method.Policy.GetScope() != ""
	}
	set[http.StatusNotFound] = r.Method.OwnedField != nil
	set[http.StatusPreconditionFailed] = len(r.RequestETag) > 0
	set[http.StatusRequestEntityTooLarge] = r.Body != nil
	set[http.StatusUnsupportedMediaType] = r.Body != nil
	set[http.StatusUnprocessableEntity] = creates(r)
	set[http.StatusTooManyRequests] = len(r.Method.Policy.GetRateLimits()) > 0
	set[http.StatusServiceUnavailable] = true
	var codes []int
	for code, ok := range set {
		if ok {
			codes = append(codes, code)
		}
	}
	sort.Ints(codes)
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = strconv.Itoa(code)
	}
	return texts
}

func errorResponses() members {
	said := []struct{ status, text string }{
		{"400", "The request breaks rules; violations name the fields."},
		{"401", "There is no access token, or it is malformed, expired or revoked."},
		{"403", "The access token does not allow this."},
		{"404", "There is no such thing, or it is somebody else's."},
		{"412", "It was changed since it was read."},
		{"413", "The body is larger than 1 MiB."},
		{"415", "The body is not application/json."},
		{"422", "The Idempotency-Key was used with another request."},
		{"429", "A rate limit is used up; Retry-After says for how long."},
		{"503", "Something that this needs is away; Retry-After says when to try again."},
		{"default", "Any other error."},
	}
	content := map[string]mediaType{problem.ContentType: {Schema: &schema{Ref: refer("schemas", "Problem")}}}
	var m members
	for _, s := range said {
		r := response{Description: s.text, Content: content}
		if s.status == "429" || s.status == "503" {
			r.Headers.add("Retry-After", response{Ref: refer("headers", "Retry-After")})
		}
		m.add(s.status, r)
	}
	return m
}

type headerObject struct {
	Description string  `json:"description"`
	Schema      *schema `json:"schema"`
}

func responseHeaders() members {
	text, whole := &schema{Type: "string"}, &schema{Type: "integer"}
	var m members
	m.add("X-Request-ID", headerObject{"The ID of the request: the client's own, if it sent one, else a new one.", text})
	m.add("traceparent", headerObject{"Where in which trace the request was answered (W3C Trace Context).", text})
	m.add("ETag", headerObject{"The version of the resource, in quotes.", text})
	m.add("Location", headerObject{"Where the created resource can be read.", text})
	m.add("Retry-After", headerObject{"Seconds to wait before trying again.", whole})
	m.add("RateLimit", headerObject{"The limit nearest to its end: how many requests remain (r) and in how many seconds all will be there again (t).", text})
	m.add("RateLimit-Policy", headerObject{"The limits of this operation: requests (q) in a sliding window of seconds (w).", text})
	return m
}

func securitySchemes() members {
	var m members
	m.add("bearer", map[string]string{
		"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
		"description": "An access token, as Login and Refresh return it.",
	})
	return m
}

func problemSchemas() members {
	text := func(description string) *schema { return &schema{Type: "string", Description: description} }
	violation := &schema{Type: "object", Description: "One rule that the request breaks.", Required: []string{"field", "rule", "message"}}
	violation.Properties.add("field", text("The field as it was sent, such as workloads[3].vcpu; body for the body as a whole."))
	violation.Properties.add("rule", text("The rule's stable name, such as double.gte or json.unknown_field."))
	violation.Properties.add("message", text("What would be right, in words."))

	p := &schema{
		Type: "object", Description: "An error (RFC 9457, application/problem+json).",
		Required: []string{"type", "title", "status", "reason"},
	}
	p.Properties.add("type", text("A stable reference to the kind of problem: "+problem.TypePrefix+" and the reason in lower case with dashes."))
	p.Properties.add("title", text("The kind of problem in words."))
	p.Properties.add("status", &schema{Type: "integer", Description: "The HTTP status."})
	p.Properties.add("detail", text("What happened this time, in words."))
	p.Properties.add("instance", text("The path of the request."))
	p.Properties.add("reason", text("The kind of problem for programs, such as ASSESSMENT_NOT_FOUND."))
	p.Properties.add("requestId", text("The ID of the request."))
	p.Properties.add("traceId", text("The ID of the trace, to find it in logs and traces."))
	p.Properties.add("violations", &schema{Type: "array", Items: &schema{Ref: refer("schemas", "Problem.Violation")}, Description: "The rules that the request breaks."})
	var m members
	m.add("Problem", p)
	m.add("Problem.Violation", violation)
	return m
}
