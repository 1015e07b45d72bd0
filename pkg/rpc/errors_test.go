package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
)

// logged is telemetry whose log can be read, and what was written to it.
func logged(t *testing.T) (testkit.Option, func() []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "probe", LogWriter: &out, LogLevel: slog.LevelInfo})
	if err != nil {
		t.Fatal(err)
	}
	return testkit.WithTelemetry(tel), func() []map[string]any {
		var lines []map[string]any
		for line := range strings.Lines(out.String()) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			lines = append(lines, fields)
		}
		return lines
	}
}

func TestAnErrorThatIsNotTypedTellsTheCallerNothing(t *testing.T) {
	secret := "pq: relation accounts at 10.0.0.7 does not exist"
	for name, err := range map[string]error{
		"an error of a driver":               errors.New(secret),
		"one that was wrapped":               fmt.Errorf("load account: %w", errors.New(secret)),
		"a status that a handler made up":    status.Error(codes.NotFound, secret),
		"a status of a code we do not speak": status.Error(codes.DataLoss, secret),
	} {
		for _, method := range []string{"Public", "Open"} {
			t.Run(name+", "+method, func(t *testing.T) {
				option, lines := logged(t)
				conn := testkit.Serve(t, "probe", fails(err).register, option)
				got := invoke(t.Context(), conn, method)
				want(t, got, codes.Internal, "INTERNAL")
				if message := status.Convert(got).Message(); message != "an internal error occurred" {
					t.Errorf("the caller reads %q", message)
				}
				if len(lines()) != 1 {
					t.Fatalf("%d lines were logged", len(lines()))
				}
				line := lines()[0]
				if text, _ := line["error"].(string); !strings.Contains(text, secret) {
					t.Errorf("the log has the error %q", text)
				}
				if stack, _ := line["stack"].(string); !strings.Contains(stack, "goroutine") {
					t.Errorf("the log has the stack %q", stack)
				}
				if id, _ := line["trace_id"].(string); len(id) != 32 {
					t.Errorf("the log has the trace %q", id)
				}
				if line["method"] != fullName(method) || line["peer"] != "gateway" || line["request_id"] == "" {
					t.Errorf("the log says %v", line)
				}
			})
		}
	}
}

func TestAPanicIsAnInternalErrorWithTheStackOfItsPlace(t *testing.T) {
	p := answers()
	p.unary = func(context.Context, *request) (*response, error) { return explode() }
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", p.register, option)
	want(t, invoke(t.Context(), conn, "Public"), codes.Internal, "INTERNAL")
	if len(lines()) != 1 {
		t.Fatalf("%d lines were logged", len(lines()))
	}
	line := lines()[0]
	if stack, _ := line["stack"].(string); !strings.Contains(stack, "explode") {
		t.Errorf("the stack is %s", stack)
	}
	if line["error"] != "panic: out of order" {
		t.Errorf("the error is %v", line["error"])
	}
	p.unary = answers().unary
	want(t, invoke(t.Context(), conn, "Public"), codes.OK, "")
}

func explode() (*response, error) {
	panic("out of order")
}

func TestAStreamThatPanicsIsAnInternalError(t *testing.T) {
	p := echo()
	conn := testkit.Serve(t, "probe", p.register)
	p.stream = nil
	want(t, exchange(open(t.Context(), t, conn, "Open")), codes.Internal, "INTERNAL")
}

func TestATypedErrorCrossesWithAllItSays(t *testing.T) {
	violation := errs.Violation{Field: "workloads[3].vcpu", Rule: "double.gte", Message: "must not be negative"}
	for name, e := range map[string]*errs.Error{
		"not found":       errs.NotFound("assessment", "asm_1"),
		"invalid":         errs.Invalid(violation),
		"denied":          errs.Denied("NOT_YOURS", "no"),
		"conflict":        errs.Conflict("TAKEN", "it is taken"),
		"stale":           errs.Stale("assessment"),
		"state":           errs.State("NOT_SUBMITTED", "submit it first"),
		"mismatch":        errs.Mismatch(),
		"exhausted":       errs.Exhausted("RATE_LIMITED", "too many", 7*time.Second),
		"unavailable":     errs.Unavailable("QUEUE_FULL", "later", 3*time.Second),
		"unauthenticated": errs.Unauthenticated("INVALID_CREDENTIALS", "who are you"),
	} {
		t.Run(name, func(t *testing.T) {
			conn := testkit.Serve(t, "probe", fails(fmt.Errorf("while at work: %w", e)).register)
			// At the edge the error is a status.
			st := status.Convert(invoke(t.Context(), conn, "Public"))
			reason, violations, retry := errs.FromStatus(st)
			if st.Message() != e.Message || reason != e.Reason || retry != e.RetryAfter || !reflect.DeepEqual(violations, e.Violations) {
				t.Errorf("got %v: %s %v %v, want %+v", st, reason, violations, retry, e)
			}
			if !errs.Is(st.Err(), e.Kind) {
				t.Errorf("got the code %v", st.Code())
			}
		})
	}
}

func TestTheCauseOfATypedErrorIsForTheLog(t *testing.T) {
	err := errs.Unavailable("STORAGE_UNAVAILABLE", "try again", time.Second).Wrap(errors.New("disk I/O error"))
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", fails(err).register, option)
	got := invoke(t.Context(), conn, "Public")
	want(t, got, codes.Unavailable, "STORAGE_UNAVAILABLE")
	if strings.Contains(got.Error(), "disk") {
		t.Errorf("the caller reads %v", got)
	}
	if len(lines()) != 1 || lines()[0]["level"] != "WARN" || !strings.Contains(fmt.Sprint(lines()[0]["error"]), "disk I/O error") {
		t.Errorf("the log says %v", lines())
	}
}

func TestAnErrorThatIsTheCallersIsNotLogged(t *testing.T) {
	option, lines := logged(t)
	conn := testkit.Serve(t, "probe", fails(errs.NotFound("assessment", "asm_1").Wrap(errors.New("sql: no rows"))).register, option)
	want(t, invoke(t.Context(), conn, "Public"), codes.NotFound, "ASSESSMENT_NOT_FOUND")
	if len(lines()) != 0 {
		t.Errorf("the log says %v", lines())
	}
}

func TestAMethodThatIsNotImplementedSaysSo(t *testing.T) {
	conn := testkit.Serve(t, "probe", fails(status.Error(codes.Unimplemented, "method X of type *secret.Server")).register)
	err := invoke(t.Context(), conn, "Public")
	want(t, err, codes.Unimplemented, "UNIMPLEMENTED")
	if status.Convert(err).Message() != "the method is not implemented" {
		t.Errorf("the caller reads %v", err)
	}
}
