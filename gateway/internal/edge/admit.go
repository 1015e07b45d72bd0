package edge

import (
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/route"
	"github.com/inframind/inframind/pkg/errs"
)

const (
	maxParameters = 32 // in a query
	maxName       = 64 // bytes of a parameter's name that are repeated to the client
)

// Admit lets only requests through to their RPC that have the form their route asks
// for: parameters, headers and body. All that is wrong is told at once.
func Admit(table *route.Table) runtime.Middleware {
	return func(next runtime.HandlerFunc) runtime.HandlerFunc {
		var found atomic.Pointer[route.Route] // this handler's; a pattern is written as text only once
		return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
			ex := exchange.From(r.Context())
			if ex.Route = found.Load(); ex.Route == nil {
				ex.Route = lookUp(table, r)
				found.Store(ex.Route)
			}
			ex.Pattern = ex.Route.Template
			if p := admit(ex, r, params); p != nil {
				p.Write(ex)
				return
			}
			next(w, r, params)
		}
	}
}

// lookUp finds the route of a handler. Both were made from the same descriptors, so
// one that is not found is a fault of the program.
func lookUp(table *route.Table, r *http.Request) *route.Route {
	pattern, ok := runtime.HTTPPattern(r.Context())
	if ok {
		if found, ok := table.Find(r.Method, pattern.String()); ok {
			return found
		}
	}
	panic("no route for " + r.Method + " " + pattern.String())
}

func admit(ex *exchange.Exchange, r *http.Request, params map[string]string) *problem.Problem {
	for _, value := range params {
		if value == "" { // the path ends in a slash, or has two in a row
			return problem.NoRoute()
		}
	}
	if p := authorization(ex, r); p != nil {
		return p
	}
	text, p := readBody(ex, r)
	if p != nil {
		return p
	}
	violations := path(ex.Route, params)
	violations = append(violations, query(ex.Route, r.URL.RawQuery)...)
	violations = append(violations, headers(ex, r)...)
	violations = append(violations, body(ex, r, text)...)
	if len(violations) > 0 {
		return problem.Invalid(violations...)
	}
	return nil
}

func path(rt *route.Route, params map[string]string) []errs.Violation {
	var violations []errs.Violation
	for name, value := range params {
		if v, ok := rt.Path[name].Check("path", value); !ok {
			violations = append(violations, v)
		}
	}
	return violations
}

func query(rt *route.Route, raw string) []errs.Violation {
	if raw == "" {
		return nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return []errs.Violation{{Field: "query", Rule: "query.syntax", Message: "must be name=value pairs with & between, percent-encoded"}}
	}
	var violations []errs.Violation
	total := 0
	for name, list := range values {
		total += len(list)
		violations = append(violations, parameter(rt, name, list)...)
	}
	if total > maxParameters {
		return []errs.Violation{{Field: "query", Rule: "query.too_many", Message: "may have 32 parameters"}}
	}
	sort.SliceStable(violations, func(i, j int) bool { return violations[i].Field < violations[j].Field })
	return violations
}

func parameter(rt *route.Route, name string, list []string) []errs.Violation {
	p, ok := rt.Query[name]
	switch {
	case !ok:
		return []errs.Violation{{Field: clip(name), Rule: "query.unknown", Message: "there is no such parameter"}}
	case len(list) > 1 && !p.Repeated:
		return []errs.Violation{{Field: name, Rule: "query.repeated", Message: "may stand once"}}
	}
	for _, text := range list {
		if v, ok := p.Check("query", text); !ok {
			return []errs.Violation{v}
		}
	}
	return nil
}

func clip(name string) string {
	if len(name) > maxName {
		name = name[:maxName]
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// headers reads the headers that belong to the call itself.
func headers(ex *exchange.Exchange, r *http.Request) []errs.Violation {
	// A client cannot set the deadline of calls between services.
	r.Header.Del("Grpc-Timeout")

	var violations []errs.Violation
	if lines := r.Header["Idempotency-Key"]; len(lines) > 0 && ex.Route.Method.TakesKey() {
		ex.IdempotencyKey = lines[0]
		if len(lines) > 1 || !visible(lines[0], maxKey) {
			violations = append(violations, errs.Violation{
				Field: "Idempotency-Key", Rule: "idempotency_key.shape",
				Message: "must be one value of 1 to 128 visible ASCII characters",
			})
		}
	}
	if lines := r.Header["If-Match"]; len(lines) > 0 && !ex.Route.Method.NoSideEffects && !slices.Equal(lines, []string{"*"}) {
		tag, ok := strongTag(lines)
		switch {
		case len(ex.Route.RequestETag) == 0:
			violations = append(violations, errs.Violation{
				Field: "If-Match", Rule: "if_match.unsupported", Message: "this method has no etag to compare with",
			})
		case !ok:
			violations = append(violations, errs.Violation{
				Field: "If-Match", Rule: "if_match.shape",
				Message: `must be * or one strong entity tag in quotes, as the ETag header has it`,
			})
		default:
			ex.IfMatch = tag
		}
	}
	return violations
}

// maxKey is the longest Idempotency-Key, in bytes.
const maxKey = 128

// visible says whether s has 1 to limit visible ASCII characters and nothing else.
func visible(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}

const (
	bearer   = "bearer "
	maxToken = 4096
)

// authorization takes the bearer token. Whether there has to be one is the service's
// question; what cannot be a token at all is not passed on.
func authorization(ex *exchange.Exchange, r *http.Request) *problem.Problem {
	lines := r.Header["Authorization"]
	if len(lines) == 0 {
		return nil
	}
	if len(lines) == 1 && len(lines[0]) > len(bearer) && strings.EqualFold(lines[0][:len(bearer)], bearer) {
		if t := lines[0][len(bearer):]; visible(t, maxToken) {
			ex.Token = t
			return nil
		}
	}
	if !ex.Route.Method.NeedsToken() {
		return nil
	}
	return problem.FromError(errs.Unauthenticated("MALFORMED_TOKEN", "the Authorization header must be the word Bearer, a space and an access token"))
}
