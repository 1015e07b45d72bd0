package errs

import (
	"net/http"

	"google.golang.org/grpc/codes"
)

// Kind is what went wrong, as far as the caller's next step depends on it.
type Kind int

// The kinds. The zero Kind is none of them and is answered as INTERNAL.
const (
	KindInvalid         Kind = iota + 1 // the request breaks a rule of its shape
	KindUnauthenticated                 // who calls is not proven
	KindDenied                          // the caller may not do this
	KindNotFound                        // no such resource for this owner
	KindConflict                        // something unique is taken
	KindStale                           // the etag is an old one
	KindState                           // the resource's state forbids it
	KindMismatch                        // an idempotency key with another request
	KindExhausted                       // a limit is used up
	KindUnavailable                     // a dependency is away
	KindDeadline                        // time ran out
	KindTooLarge                        // too many bytes
	KindCanceled                        // the caller went away
)

// Two kinds can share a gRPC code; the narrower one is known by its reason.
const (
	reasonStale    = "ETAG_MISMATCH"
	reasonMismatch = "IDEMPOTENCY_KEY_REUSED"
	reasonTooLarge = "REQUEST_TOO_LARGE"
)

// statusClientClosedRequest is nobody's standard but every log's: the client went
// away before there was an answer.
const statusClientClosedRequest = 499

// kinds is the mapping. A row with a fixed reason is found by code and reason, one
// without is the code's general meaning.
var kinds = map[Kind]struct {
	name   string
	code   codes.Code
	http   int
	reason string
}{
	KindInvalid:         {"invalid", codes.InvalidArgument, http.StatusBadRequest, ""},
	KindUnauthenticated: {"unauthenticated", codes.Unauthenticated, http.StatusUnauthorized, ""},
	KindDenied:          {"denied", codes.PermissionDenied, http.StatusForbidden, ""},
	KindNotFound:        {"not found", codes.NotFound, http.StatusNotFound, ""},
	KindConflict:        {"conflict", codes.AlreadyExists, http.StatusConflict, ""},
	KindStale:           {"stale", codes.Aborted, http.StatusPreconditionFailed, reasonStale},
	KindState:           {"state", codes.FailedPrecondition, http.StatusConflict, ""},
	KindMismatch:        {"mismatch", codes.FailedPrecondition, http.StatusUnprocessableEntity, reasonMismatch},
	KindExhausted:       {"exhausted", codes.ResourceExhausted, http.StatusTooManyRequests, ""},
	KindUnavailable:     {"unavailable", codes.Unavailable, http.StatusServiceUnavailable, ""},
	KindDeadline:        {"deadline", codes.DeadlineExceeded, http.StatusGatewayTimeout, ""},
	KindTooLarge:        {"too large", codes.ResourceExhausted, http.StatusRequestEntityTooLarge, reasonTooLarge},
	KindCanceled:        {"canceled", codes.Canceled, statusClientClosedRequest, ""},
}

// String names the kind for logs.
func (k Kind) String() string {
	if row, ok := kinds[k]; ok {
		return row.name
	}
	return "unknown"
}

// kindOf finds the kind that a code and reason stand for; false when none does.
func kindOf(code codes.Code, reason string) (Kind, bool) {
	var general Kind
	for k, row := range kinds {
		switch {
		case row.code != code:
		case row.reason == "":
			general = k
		case row.reason == reason:
			return k, true
		}
	}
	return general, general != 0
}

// reason is the error's reason; a kind that is known by its reason has only that one.
func (e *Error) reason() string {
	if fixed := kinds[e.Kind].reason; fixed != "" {
		return fixed
	}
	return e.Reason
}
