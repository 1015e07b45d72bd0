package errs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// What is sent is bounded, because a status travels in HTTP/2 trailers: a body of
// a megabyte that breaks a rule a hundred thousand times must not become trailers
// that no peer accepts.
const (
	maxID         = 128
	maxText       = 512
	maxViolations = 50
)

// ReasonInternal is the reason of every error that is not one of ours.
const ReasonInternal = "INTERNAL"

const internalMessage = "an internal error occurred"

// ToStatus maps err to the status for the wire. It says false when err is not one
// of ours: the status is then INTERNAL with a fixed text and err is for the log.
// A status that came from another service of the platform keeps its meaning.
func ToStatus(err error) (*status.Status, bool) {
	if err == nil {
		return status.New(codes.OK, ""), true
	}
	e, ok := From(err)
	if !ok {
		e = &Error{Reason: ReasonInternal, Message: internalMessage}
	}
	return e.GRPCStatus(), ok
}

// From finds the typed error in err: its own Error, the one that a call to another
// service brought back as a status, or the one that a context's end stands for.
func From(err error) (*Error, bool) {
	var e *Error
	if errors.As(err, &e) {
		return e, kinds[e.Kind].name != ""
	}
	var remote interface{ GRPCStatus() *status.Status }
	if errors.As(err, &remote) {
		return fromRemote(remote.GRPCStatus(), err)
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Deadline("the request took too long").Wrap(err), true
	case errors.Is(err, context.Canceled):
		return canceled().Wrap(err), true
	}
	return nil, false
}

// fromRemote reads a status of another process. Without our ErrorInfo its text is
// the transport's (addresses and all): only the meaning of its code is kept.
func fromRemote(st *status.Status, cause error) (*Error, bool) {
	if info := errorInfo(st); info != nil {
		k, ok := kindOf(st.Code(), info.GetReason())
		if !ok {
			return nil, false
		}
		e := &Error{Kind: k, Message: st.Message(), cause: cause}
		e.Reason, e.Violations, e.RetryAfter = FromStatus(st)
		return e, true
	}
	switch st.Code() {
	case codes.Unavailable:
		return Unavailable("UNAVAILABLE", "the service cannot be reached now", time.Second).Wrap(cause), true
	case codes.DeadlineExceeded:
		return Deadline("the request took too long").Wrap(cause), true
	case codes.Canceled:
		return canceled().Wrap(cause), true
	default:
		return nil, false
	}
}

func canceled() *Error {
	return &Error{Kind: KindCanceled, Reason: "CANCELED", Message: "the caller canceled the request"}
}

// GRPCStatus lets grpc itself read the error, also where no interceptor is.
func (e *Error) GRPCStatus() *status.Status {
	code := codes.Internal
	if row, ok := kinds[e.Kind]; ok {
		code = row.code
	}
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: clip(e.reason(), maxText), Domain: Domain}}
	if len(e.Violations) > 0 {
		details = append(details, badRequest(e.Violations))
	}
	if e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	st := status.New(code, clip(e.Message, maxText))
	detailed, err := st.WithDetails(details...)
	if err != nil { // only text that is not UTF-8 could do that, and clip lets none through
		return st
	}
	return detailed
}

func badRequest(violations []Violation) *errdetails.BadRequest {
	br := &errdetails.BadRequest{}
	for i, v := range violations {
		if i == maxViolations-1 && len(violations) > maxViolations {
			br.FieldViolations = append(br.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Reason:      "violations.truncated",
				Description: fmt.Sprintf("and %d more", len(violations)-i),
			})
			break
		}
		br.FieldViolations = append(br.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field:       clip(v.Field, maxText),
			Reason:      clip(v.Rule, maxText),
			Description: clip(v.Message, maxText),
		})
	}
	return br
}

// FromStatus reads what a status carries beside its code and message. The reason
// is never empty: a status without ErrorInfo has its code's name.
func FromStatus(st *status.Status) (reason string, violations []Violation, retryAfter time.Duration) {
	reason = Reason(st)
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				violations = append(violations, Violation{Field: v.GetField(), Rule: v.GetReason(), Message: v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			retryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	return reason, violations, retryAfter
}

// Reason is the reason in the status' ErrorInfo, else the name of its code.
func Reason(st *status.Status) string {
	if info := errorInfo(st); info != nil {
		return info.GetReason()
	}
	return codeName(st.Code())
}

func errorInfo(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain {
			return info
		}
	}
	return nil
}

// codeName is INVALID_ARGUMENT for codes.InvalidArgument.
func codeName(code codes.Code) string {
	var b strings.Builder
	name := code.String()
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' && name[i-1] >= 'a' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return upperSnake(b.String())
}

// HTTPStatus is the HTTP status code of a gRPC status, by code and reason.
func HTTPStatus(st *status.Status) int {
	if k, ok := kindOf(st.Code(), Reason(st)); ok {
		return kinds[k].http
	}
	switch st.Code() {
	case codes.OK:
		return http.StatusOK
	case codes.Aborted:
		return http.StatusConflict
	case codes.OutOfRange:
		return http.StatusBadRequest
	case codes.Unimplemented:
		return http.StatusNotImplemented
	default:
		return http.StatusInternalServerError
	}
}

// clip bounds a text and leaves only UTF-8, without which protobuf refuses it.
func clip(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
