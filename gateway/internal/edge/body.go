package edge

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/inframind/inframind/gateway/internal/codec"
	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/strictjson"
	"github.com/inframind/inframind/pkg/errs"
)

// MaxBody is the largest body in bytes that is read.
const MaxBody = 1 << 20

// readBody reads the whole body. One that states a length beyond the limit is
// refused before a byte of it is read.
func readBody(ex *exchange.Exchange, r *http.Request) ([]byte, *problem.Problem) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > MaxBody {
		return nil, tooLarge(ex)
	}
	if r.ContentLength > 0 && ex.Route.Body != nil && !isJSON(r.Header) {
		return nil, problem.NotJSON()
	}
	text, err := read(r)
	var past *http.MaxBytesError
	switch {
	case errors.As(err, &past):
		return nil, tooLarge(ex)
	case err != nil:
		return nil, problem.Invalid(errs.Violation{
			Field: strictjson.Body, Rule: "body.incomplete", Message: "the body ended before its time",
		})
	case len(text) > 0 && ex.Route.Body != nil && !isJSON(r.Header):
		return nil, problem.NotJSON()
	}
	return text, nil
}

func read(r *http.Request) ([]byte, error) {
	if r.ContentLength < 0 {
		return io.ReadAll(http.MaxBytesReader(nil, r.Body, MaxBody))
	}
	text := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, text)
	return text, err
}

// tooLarge also ends the connection: the rest of the body would have to be read
// before the next request on it.
func tooLarge(ex *exchange.Exchange) *problem.Problem {
	ex.Header().Set("Connection", "close")
	return problem.TooLarge(MaxBody)
}

func isJSON(h http.Header) bool {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return false
	}
	value := h.Get("Content-Type")
	if value == codec.ContentType {
		return true
	}
	mediaType, params, err := mime.ParseMediaType(value)
	if err != nil || mediaType != codec.ContentType {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

// body checks the body against the route's message and hands it on as read.
func body(ex *exchange.Exchange, r *http.Request, text []byte) []errs.Violation {
	schema := ex.Route.Body
	r.Body = codec.NewBody(text)
	switch {
	case schema == nil && len(text) > 0:
		return []errs.Violation{{Field: strictjson.Body, Rule: "body.none", Message: "this method takes no body"}}
	case len(text) > 0:
		return schema.Check(text)
	case ex.Route.BodyField != "":
		return []errs.Violation{{Field: strictjson.Body, Rule: strictjson.RuleRequired, Message: "a JSON object is required"}}
	}
	return nil
}
