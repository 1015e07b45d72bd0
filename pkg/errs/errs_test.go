package errs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
)

// errDriver stands for the driver's text that no client may see.
var errDriver = errors.New("dial tcp 10.1.2.3:27017: collection accounts")

func TestEveryKindHasItsCodeStatusAndReason(t *testing.T) {
	for _, c := range []struct {
		err    *errs.Error
		kind   errs.Kind
		code   codes.Code
		http   int
		reason string
	}{
		{errs.Invalid(), errs.KindInvalid, codes.InvalidArgument, http.StatusBadRequest, "INVALID_REQUEST"},
		{errs.Unauthenticated("EXPIRED_TOKEN", "m"), errs.KindUnauthenticated, codes.Unauthenticated, http.StatusUnauthorized, "EXPIRED_TOKEN"},
		{errs.Denied("NOT_ADMIN", "m"), errs.KindDenied, codes.PermissionDenied, http.StatusForbidden, "NOT_ADMIN"},
		{errs.NotFound("recommendation set", "x"), errs.KindNotFound, codes.NotFound, http.StatusNotFound, "RECOMMENDATION_SET_NOT_FOUND"},
		{errs.Conflict("TAKEN", "m"), errs.KindConflict, codes.AlreadyExists, http.StatusConflict, "TAKEN"},
		{errs.Stale("assessment"), errs.KindStale, codes.Aborted, http.StatusPreconditionFailed, "ETAG_MISMATCH"},
		{errs.State("ARCHIVED", "m"), errs.KindState, codes.FailedPrecondition, http.StatusConflict, "ARCHIVED"},
		{errs.Mismatch(), errs.KindMismatch, codes.FailedPrecondition, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED"},
		{errs.Exhausted("RATE_LIMITED", "m", time.Minute), errs.KindExhausted, codes.ResourceExhausted, http.StatusTooManyRequests, "RATE_LIMITED"},
		{errs.Unavailable("STORAGE_UNAVAILABLE", "m", time.Second), errs.KindUnavailable, codes.Unavailable, http.StatusServiceUnavailable, "STORAGE_UNAVAILABLE"},
		{errs.Deadline("m"), errs.KindDeadline, codes.DeadlineExceeded, http.StatusGatewayTimeout, "DEADLINE_EXCEEDED"},
		{errs.TooLarge(1 << 20), errs.KindTooLarge, codes.ResourceExhausted, http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE"},
	} {
		t.Run(c.kind.String(), func(t *testing.T) {
			st, ours := errs.ToStatus(fmt.Errorf("doing something: %w", c.err.Wrap(errDriver)))
			if !ours || st.Code() != c.code || errs.HTTPStatus(st) != c.http || errs.Reason(st) != c.reason {
				t.Errorf("got %t, %s, %d, %s", ours, st.Code(), errs.HTTPStatus(st), errs.Reason(st))
			}
			if st.Message() != c.err.Message || st.Message() == "" {
				t.Errorf("message %q", st.Message())
			}
			if strings.Contains(fmt.Sprint(st.Proto()), "10.1.2.3") || strings.Contains(c.err.Wrap(errDriver).Error(), "10.1.2.3") {
				t.Errorf("the cause is on the wire: %v", st.Proto())
			}
			// The peer reads the same kind, and passes it on as it came.
			remote := fmt.Errorf("ask the other service: %w", st.Err())
			if !errs.Is(remote, c.kind) {
				t.Error("the kind does not survive the wire")
			}
			if again, ours := errs.ToStatus(remote); !ours || again.String() != st.String() || errs.Reason(again) != c.reason {
				t.Errorf("passed on as %v", again)
			}
		})
	}
}

func TestTheDetailsSurviveTheWire(t *testing.T) {
	violations := []errs.Violation{
		{Field: "workloads[3].vcpu", Rule: "double.gte", Message: "must be at least 0.1"},
		{Field: "profile", Rule: "required", Message: "must be given"},
	}
	e := errs.Invalid(violations...)
	e.RetryAfter = 1500 * time.Millisecond
	reason, got, retry := errs.FromStatus(e.GRPCStatus())
	if reason != "INVALID_REQUEST" || !reflect.DeepEqual(got, violations) || retry != 1500*time.Millisecond {
		t.Errorf("got %s, %+v, %s", reason, got, retry)
	}
	for _, d := range e.GRPCStatus().Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() != "inframind" {
			t.Errorf("domain %q", info.GetDomain())
		}
	}
}

func TestInvalidNamesASingleFieldInItsMessage(t *testing.T) {
	if got := errs.Invalid(errs.Violation{Field: "budget", Message: "must be positive"}).Error(); got != "budget: must be positive" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsNotOursBecomesInternalAndSaysNothing(t *testing.T) {
	foreign, err := status.New(codes.NotFound, errDriver.Error()).WithDetails(&errdetails.ErrorInfo{Reason: "X", Domain: "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a plain error":                        errDriver,
		"an error of no kind":                  &errs.Error{Message: errDriver.Error()},
		"a status without details":             status.Error(codes.NotFound, errDriver.Error()),
		"a status of another domain":           foreign.Err(),
		"another service's own internal error": internal(t),
	} {
		t.Run(name, func(t *testing.T) {
			st, ours := errs.ToStatus(err)
			if ours || st.Code() != codes.Internal || st.Message() != "an internal error occurred" || errs.HTTPStatus(st) != 500 {
				t.Errorf("got %t, %v", ours, st)
			}
			if strings.Contains(fmt.Sprint(st.Proto()), "10.1.2.3") {
				t.Errorf("the text is on the wire: %v", st.Proto())
			}
			if errs.Reason(st) != errs.ReasonInternal {
				t.Errorf("reason %s", errs.Reason(st))
			}
		})
	}
}

func internal(t *testing.T) error {
	t.Helper()
	st, _ := errs.ToStatus(errDriver)
	return st.Err()
}

func TestEndsOfContextsAndConnectionsAreOurs(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind errs.Kind
	}{
		{fmt.Errorf("query: %w", context.DeadlineExceeded), errs.KindDeadline},
		{fmt.Errorf("query: %w", context.Canceled), errs.KindCanceled},
		{status.Error(codes.Unavailable, errDriver.Error()), errs.KindUnavailable},
		{status.Error(codes.DeadlineExceeded, errDriver.Error()), errs.KindDeadline},
		{status.Error(codes.Canceled, errDriver.Error()), errs.KindCanceled},
	} {
		st, ours := errs.ToStatus(c.err)
		if !ours || !errs.Is(c.err, c.kind) || !errs.Is(st.Err(), c.kind) {
			t.Errorf("%v: %t, %v", c.err, ours, st)
		}
		if strings.Contains(st.Message(), "10.1.2.3") {
			t.Errorf("the transport's text is on the wire: %v", st)
		}
	}
}

func TestNoErrorIsOK(t *testing.T) {
	if st, ours := errs.ToStatus(nil); !ours || st.Code() != codes.OK || errs.HTTPStatus(st) != 200 {
		t.Errorf("got %t, %v", ours, st)
	}
	if errs.Is(nil, errs.KindNotFound) || errs.Cause(nil) != nil {
		t.Error("nil is an error")
	}
}

func TestTheCauseIsForTheLog(t *testing.T) {
	err := fmt.Errorf("load: %w", errs.Unavailable("STORAGE_UNAVAILABLE", "later", 0).Wrap(errDriver))
	if !errors.Is(err, errDriver) || !errors.Is(errs.Cause(err), errDriver) {
		t.Error("the cause cannot be found")
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "err", errors.Unwrap(err))
	if !strings.Contains(log.String(), "10.1.2.3") || !strings.Contains(log.String(), "STORAGE_UNAVAILABLE") {
		t.Errorf("the log says %s", log.String())
	}
}

func TestWrapLeavesTheOriginalAlone(t *testing.T) {
	e := errs.Stale("assessment")
	_ = e.Wrap(errDriver)
	if errs.Cause(e) != nil {
		t.Error("the original has the cause")
	}
}

func TestAStatusStaysSmallAndValid(t *testing.T) {
	var many []errs.Violation
	long := strings.Repeat("é", 5000) + "\xff"
	for i := range 100_000 {
		many = append(many, errs.Violation{Field: fmt.Sprintf("frameworks[%d]", i), Rule: "enum", Message: long})
	}
	for _, e := range []*errs.Error{errs.Invalid(many...), errs.NotFound("assessment", strings.Repeat("é", 1<<20)), errs.Denied("\xff", "\xff")} {
		st := e.GRPCStatus()
		if n := len(fmt.Sprint(st.Proto())); n > 100_000 {
			t.Errorf("%s: %d bytes", e.Reason, n)
		}
		if len(st.Details()) == 0 {
			t.Errorf("%q lost its details", e.Reason)
		}
	}
	_, got, _ := errs.FromStatus(errs.Invalid(many...).GRPCStatus())
	if len(got) != 50 || got[49].Message != "and 99951 more" {
		t.Errorf("%d violations, the last %+v", len(got), got[len(got)-1])
	}
}

func TestForeignStatusesHaveAReasonAndAnHTTPStatus(t *testing.T) {
	for _, c := range []struct {
		code   codes.Code
		reason string
		http   int
	}{
		{codes.OK, "OK", 200},
		{codes.Canceled, "CANCELED", 499},
		{codes.Unknown, "UNKNOWN", 500},
		{codes.InvalidArgument, "INVALID_ARGUMENT", 400},
		{codes.ResourceExhausted, "RESOURCE_EXHAUSTED", 429},
		{codes.FailedPrecondition, "FAILED_PRECONDITION", 409},
		{codes.Aborted, "ABORTED", 409},
		{codes.OutOfRange, "OUT_OF_RANGE", 400},
		{codes.Unimplemented, "UNIMPLEMENTED", 501},
		{codes.DataLoss, "DATA_LOSS", 500},
	} {
		st := status.New(c.code, "x")
		if errs.Reason(st) != c.reason || errs.HTTPStatus(st) != c.http {
			t.Errorf("%s: %s, %d", c.code, errs.Reason(st), errs.HTTPStatus(st))
		}
	}
}
