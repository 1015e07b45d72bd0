// Package errs holds the typed errors of the domain and the one mapping from
// them to gRPC statuses and HTTP status codes.
//
// Domain code returns what these constructors make, the server's interceptor
// turns it into a status with ToStatus, and the edge renders that status with
// HTTPStatus and FromStatus. Whatever is not one of ours crosses the wire as
// INTERNAL with a fixed sentence: driver texts, paths and collection names never
// reach a client.
package errs

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Domain is the domain of every google.rpc.ErrorInfo this platform sends.
const Domain = "inframind"

// Violation is one broken rule of a request.
type Violation struct {
	Field   string // path in lowerCamel JSON names, such as workloads[3].vcpu
	Rule    string // id of the rule, such as double.gte
	Message string // what would be right, for people
}

// Error is an error whose text the caller may read.
type Error struct {
	Kind       Kind
	Reason     string // UPPER_SNAKE, stable: programs match on it
	Message    string
	Violations []Violation   // of KindInvalid
	RetryAfter time.Duration // when it is worth trying again; 0: not said

	cause error
}

// Error is the text for the caller. The cause is not part of it: this text ends
// up on the wire; log the error itself or its Cause to see both.
func (e *Error) Error() string { return e.Message }

// Unwrap gives errors.Is and errors.As the way to the cause.
func (e *Error) Unwrap() error { return e.cause }

// Wrap returns a copy of e that keeps the cause for the log.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// LogValue shows what the wire does not: the cause.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("kind", e.Kind.String()),
		slog.String("reason", e.reason()),
		slog.String("message", e.Message),
	}
	if e.cause != nil {
		attrs = append(attrs, slog.Any("cause", e.cause))
	}
	return slog.GroupValue(attrs...)
}

// Cause is what the first Error in err's chain was wrapped around; nil if none.
func Cause(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e.cause
	}
	return nil
}

// Is says whether err is, wraps, or came over the wire as an error of this kind.
func Is(err error, k Kind) bool {
	e, ok := From(err)
	return ok && e.Kind == k
}

// NotFound is for a resource that does not exist or is another owner's: the two
// must not be told apart. NotFound("assessment", id) has the reason
// ASSESSMENT_NOT_FOUND.
func NotFound(resource, id string) *Error {
	return &Error{
		Kind:    KindNotFound,
		Reason:  upperSnake(resource) + "_NOT_FOUND",
		Message: fmt.Sprintf("%s %q does not exist", resource, clip(id, maxID)),
	}
}

// Invalid is for a request that breaks rules of its shape.
func Invalid(v ...Violation) *Error {
	msg := "the request is invalid"
	if len(v) == 1 {
		msg = v[0].Message
		if v[0].Field != "" {
			msg = v[0].Field + ": " + msg
		}
	} else if len(v) > 1 {
		msg = fmt.Sprintf("the request breaks %d rules", len(v))
	}
	return &Error{Kind: KindInvalid, Reason: "INVALID_REQUEST", Message: msg, Violations: v}
}

// Unauthenticated is for a caller who has not proven who they are.
func Unauthenticated(reason, msg string) *Error {
	return &Error{Kind: KindUnauthenticated, Reason: reason, Message: msg}
}

// Denied is for a known caller who may not do this at all. Another owner's
// resource is NotFound instead.
func Denied(reason, msg string) *Error {
	return &Error{Kind: KindDenied, Reason: reason, Message: msg}
}

// Conflict is for a unique thing that is already taken.
func Conflict(reason, msg string) *Error {
	return &Error{Kind: KindConflict, Reason: reason, Message: msg}
}

// Stale is for a write with an etag that is no longer the resource's.
func Stale(resource string) *Error {
	return &Error{
		Kind:    KindStale,
		Reason:  reasonStale,
		Message: "the " + resource + " has changed since it was read; read it again and repeat the change",
	}
}

// State is for a resource that is not in a state in which this can be done.
func State(reason, msg string) *Error {
	return &Error{Kind: KindState, Reason: reason, Message: msg}
}

// Mismatch is for an Idempotency-Key that came before with another request.
func Mismatch() *Error {
	return &Error{
		Kind:    KindMismatch,
		Reason:  reasonMismatch,
		Message: "this Idempotency-Key has been used with a different request",
	}
}

// Exhausted is for a limit that is used up; retry is when it is worth asking again.
func Exhausted(reason, msg string, retry time.Duration) *Error {
	return &Error{Kind: KindExhausted, Reason: reason, Message: msg, RetryAfter: retry}
}

// Unavailable is for something this needs and cannot reach now.
func Unavailable(reason, msg string, retry time.Duration) *Error {
	return &Error{Kind: KindUnavailable, Reason: reason, Message: msg, RetryAfter: retry}
}

// Deadline is for work that could not be finished in the time there was.
func Deadline(msg string) *Error {
	return &Error{Kind: KindDeadline, Reason: "DEADLINE_EXCEEDED", Message: msg}
}

// TooLarge is for a request of more bytes than are accepted.
func TooLarge(maxBytes int64) *Error {
	return &Error{
		Kind:    KindTooLarge,
		Reason:  reasonTooLarge,
		Message: fmt.Sprintf("the request is larger than %d bytes", maxBytes),
	}
}

// upperSnake turns a resource's name into the first part of a reason.
func upperSnake(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, name)
}
