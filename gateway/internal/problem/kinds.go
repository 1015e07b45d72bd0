package problem

import (
	"net/http"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
)

// retryUnreachable is when to try again after a service could not be reached.
const retryUnreachable = time.Second

// FromError is the problem of a failed call. A status with the platform's ErrorInfo
// is told as it is; any other is the transport's or a library's, of which only the
// meaning of its code is told.
func FromError(err error) *Problem {
	if e, ok := err.(*errs.Error); ok { //nolint:errorlint // wrapped in something else it would be a status's cause
		err = e.GRPCStatus().Err()
	}
	st := status.Convert(err)
	if !ours(st) {
		return foreign(st)
	}
	p := &Problem{Status: errs.HTTPStatus(st), Detail: st.Message()}
	p.Reason, p.Violations, p.RetryAfter = errs.FromStatus(st)
	if p.RetryAfter == 0 && p.Status == http.StatusServiceUnavailable {
		p.RetryAfter = retryUnreachable
	}
	return p
}

func ours(st *status.Status) bool {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == errs.Domain {
			return true
		}
	}
	return false
}

func foreign(st *status.Status) *Problem {
	switch st.Code() {
	case codes.Unavailable:
		return &Problem{
			Status: http.StatusServiceUnavailable, Reason: "SERVICE_UNAVAILABLE",
			Detail: "the service cannot be reached now", RetryAfter: retryUnreachable,
		}
	case codes.DeadlineExceeded:
		return &Problem{
			Status: http.StatusGatewayTimeout, Reason: "DEADLINE_EXCEEDED",
			Detail: "the request took too long",
		}
	case codes.Canceled:
		return &Problem{
			Status: errs.HTTPStatus(st), Reason: "CANCELED",
			Detail: "the caller canceled the request",
		}
	case codes.InvalidArgument:
		return &Problem{
			Status: http.StatusBadRequest, Reason: "INVALID_REQUEST",
			Detail: "the request is invalid",
		}
	case codes.Unimplemented:
		return &Problem{
			Status: http.StatusNotImplemented, Reason: "NOT_IMPLEMENTED",
			Detail: "the service does not offer this yet",
		}
	default:
		return Internal()
	}
}

// Internal is for a fault of ours that the client can do nothing about.
func Internal() *Problem {
	return &Problem{
		Status: http.StatusInternalServerError, Reason: errs.ReasonInternal,
		Detail: "an internal error occurred",
	}
}

// Invalid is for a request whose shape breaks rules.
func Invalid(v ...errs.Violation) *Problem { return FromError(errs.Invalid(v...)) }

// NoRoute is for a path that leads nowhere.
func NoRoute() *Problem {
	return &Problem{Status: http.StatusNotFound, Reason: "ROUTE_NOT_FOUND", Detail: "there is nothing at this path"}
}

// NoMethod is for a path that does not know the method.
func NoMethod() *Problem {
	return &Problem{
		Status: http.StatusMethodNotAllowed, Reason: "METHOD_NOT_ALLOWED",
		Detail: "this path does not take this method; the Allow header lists those it takes",
	}
}

// NotJSON is for a body of another media type.
func NotJSON() *Problem {
	return &Problem{
		Status: http.StatusUnsupportedMediaType, Reason: "UNSUPPORTED_MEDIA_TYPE",
		Detail: "the body must be application/json in UTF-8, without a content encoding",
	}
}

// TooLarge is for a body of more bytes than are read.
func TooLarge(limit int64) *Problem { return FromError(errs.TooLarge(limit)) }
