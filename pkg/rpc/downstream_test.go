package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// pair is two services on one network: the gateway calls front, which is an
// assessment service, and front calls back, which is a probe, on the way.
type pair struct {
	issuer *testkit.Issuer
	back   *probe
	front  *front
	conn   *grpc.ClientConn
}

type front struct {
	assessmentv1.UnimplementedAssessmentServiceServer
	handle func(ctx context.Context, back *grpc.ClientConn) error
	back   *grpc.ClientConn
}

func (f *front) GetAssessment(ctx context.Context, _ *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	return &assessmentv1.GetAssessmentResponse{}, f.handle(ctx, f.back)
}

func newPair(t *testing.T) *pair {
	t.Helper()
	network := rpc.NewMemory()
	p := &pair{issuer: testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon)), back: answers(), front: &front{}}
	testkit.Serve(t, "probe", p.back.register, testkit.WithIssuer(p.issuer), testkit.WithNetwork(network))
	back, err := network.Dial("assessment", "probe", rpc.ClientConfig{Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { back.Close() })
	p.front.back = back
	p.conn = testkit.Serve(t, "assessment", func(r grpc.ServiceRegistrar) {
		assessmentv1.RegisterAssessmentServiceServer(r, p.front)
	}, testkit.WithIssuer(p.issuer), testkit.WithNetwork(network))
	return p
}

// call calls front as a person.
func (p *pair) call(ctx context.Context, raw string) error {
	ctx = rpc.WithCaller(ctx, rpc.Caller{RequestID: "req_7", RawToken: raw, ClientIP: "192.0.2.7"})
	ctx = rpc.WithIdempotencyKey(ctx, "key-1")
	_, err := assessmentv1.NewAssessmentServiceClient(p.conn).GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: "asm_1"})
	return err
}

func TestACallOnTheWayIsMadeForTheSamePerson(t *testing.T) {
	p := newPair(t)
	raw := p.issuer.Token("usr_1", "ses_1")
	for method, c := range map[string]struct{ from, token, subject string }{
		"User":   {"assessment", raw, "usr_1"},
		"Public": {"assessment", "", ""},
	} {
		t.Run(method, func(t *testing.T) {
			var got rpc.Caller
			var id string
			var sent metadata.MD
			p.back.unary = func(ctx context.Context, _ *request) (*response, error) {
				got, _ = rpc.CallerFrom(ctx)
				from, _ := peer.FromContext(ctx)
				id = fmt.Sprint(from.AuthInfo)
				sent, _ = metadata.FromIncomingContext(ctx)
				return &response{}, nil
			}
			p.front.handle = func(ctx context.Context, back *grpc.ClientConn) error { return invoke(ctx, back, method) }
			want(t, p.call(t.Context(), raw), codes.OK, "")
			if got.Service != c.from || got.RawToken != c.token || got.Claims.Subject != c.subject || got.RequestID != "req_7" {
				t.Errorf("the caller is %+v", got)
			}
			if id != "spiffe://inframind/assessment" {
				t.Errorf("the peer is %s", id)
			}
			if tokens := sent["authorization"]; (len(tokens) == 0) != (c.token == "") {
				t.Errorf("the token was sent: %v", tokens)
			}
			// What is the client's alone stays at the first service.
			if len(sent["x-forwarded-client-ip"])+len(sent["idempotency-key"]) > 0 || got.ClientIP != "" {
				t.Errorf("sent along were %v", sent)
			}
		})
	}
}

func TestAMethodForServicesNeverSeesAPersonsToken(t *testing.T) {
	network := rpc.NewMemory()
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	var sent metadata.MD
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		sent, _ = metadata.FromIncomingContext(ctx)
		return &response{}, nil
	}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer), testkit.WithNetwork(network), testkit.WithCaller("training"))
	want(t, invoke(issuer.Context(t.Context(), "usr_1", "ses_1"), conn, "Service"), codes.OK, "")
	if len(sent["authorization"]) != 0 || len(sent["x-request-id"]) != 1 {
		t.Errorf("sent were %v", sent)
	}
}

func TestTheRemainingTimeGoesAlong(t *testing.T) {
	p := newPair(t)
	var first, second time.Time
	p.front.handle = func(ctx context.Context, back *grpc.ClientConn) error {
		first, _ = ctx.Deadline()
		return invoke(ctx, back, "Public")
	}
	p.back.unary = func(ctx context.Context, _ *request) (*response, error) {
		second, _ = ctx.Deadline()
		return &response{}, nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	want(t, p.call(ctx, p.issuer.Token("usr_1", "ses_1")), codes.OK, "")
	if d := second.Sub(first).Abs(); d > time.Minute {
		t.Errorf("the deadlines are %v apart", d)
	}
}

func TestAHandlerGetsTheTypedErrorsOfAnotherService(t *testing.T) {
	p := newPair(t)
	for name, sent := range map[string]*errs.Error{
		"not found": errs.NotFound("assessment", "asm_1"),
		"invalid":   errs.Invalid(errs.Violation{Field: "id", Rule: "string.min_len", Message: "too short"}),
		"exhausted": errs.Exhausted("RATE_LIMITED", "too many", 7*time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			p.back.unary = fails(sent).unary
			p.back.stream = fails(sent).stream
			p.front.handle = func(ctx context.Context, back *grpc.ClientConn) error {
				for _, err := range []error{
					invoke(ctx, back, "User"),
					exchange(open(ctx, t, back, "Watch")),
				} {
					if !errs.Is(err, sent.Kind) {
						t.Errorf("got %v", err)
					}
					var e *errs.Error
					if !errors.As(err, &e) || e.Reason != sent.Reason || e.Message != sent.Message ||
						e.RetryAfter != sent.RetryAfter || len(e.Violations) != len(sent.Violations) {
						t.Errorf("got %+v, want %+v", e, sent)
					}
				}
				return nil
			}
			want(t, p.call(t.Context(), p.issuer.Token("usr_1", "ses_1")), codes.OK, "")
		})
	}
}

func TestWhatAnotherServicesErrorMeansToTheCaller(t *testing.T) {
	p := newPair(t)
	forbidden := func(ctx context.Context, back *grpc.ClientConn) error { return invoke(ctx, back, "Service") }
	pass := func(ctx context.Context, back *grpc.ClientConn) error {
		if err := invoke(ctx, back, "User"); err != nil {
			return fmt.Errorf("read the other: %w", err)
		}
		return nil
	}
	for name, c := range map[string]struct {
		sent   error
		handle func(ctx context.Context, back *grpc.ClientConn) error
		code   codes.Code
		reason string
	}{
		"what does not exist there does not exist": {errs.NotFound("thing", "1"), pass, codes.NotFound, "THING_NOT_FOUND"},
		"a token is refused by all":                {errs.Unauthenticated("REVOKED_TOKEN", "revoked"), pass, codes.Unauthenticated, "REVOKED_TOKEN"},
		"a person is denied by all":                {errs.Denied("SCOPE_REQUIRED", "no"), pass, codes.PermissionDenied, "SCOPE_REQUIRED"},
		"a limit is a limit":                       {errs.Exhausted("RATE_LIMITED", "too many", time.Second), pass, codes.ResourceExhausted, "RATE_LIMITED"},
		"what is away is away":                     {errs.Unavailable("STORAGE_UNAVAILABLE", "later", time.Second), pass, codes.Unavailable, "STORAGE_UNAVAILABLE"},
		"a state is a state":                       {errs.State("NOT_SUBMITTED", "submit it"), pass, codes.FailedPrecondition, "NOT_SUBMITTED"},
		"a request made wrong on the way is not the caller's": {
			errs.Invalid(errs.Violation{Field: "id"}), pass, codes.Internal, "INTERNAL",
		},
		"an internal error there is one here":                 {errors.New("broken"), pass, codes.Internal, "INTERNAL"},
		"a method that is missing there is not missing here":  {status.Error(codes.Unimplemented, "x"), pass, codes.Internal, "INTERNAL"},
		"a service that may not call has an error of its own": {nil, forbidden, codes.Internal, "INTERNAL"},
		"an error that the handler makes of it is the handler's": {
			errs.Invalid(errs.Violation{Field: "id"}),
			func(ctx context.Context, back *grpc.ClientConn) error {
				return errs.Invalid(errs.Violation{Field: "name"}).Wrap(invoke(ctx, back, "User"))
			},
			codes.InvalidArgument, "INVALID_REQUEST",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.back.unary = fails(c.sent).unary
			p.front.handle = c.handle
			err := p.call(t.Context(), p.issuer.Token("usr_1", "ses_1"))
			want(t, err, c.code, c.reason)
			var sent *errs.Error
			if errors.As(c.sent, &sent) && c.reason == sent.Reason {
				if _, _, retry := errs.FromStatus(status.Convert(err)); retry != sent.RetryAfter {
					t.Errorf("it is worth trying again after %v, want %v", retry, sent.RetryAfter)
				}
			}
		})
	}
}

func TestAServiceThatIsNotThereIsUnavailable(t *testing.T) {
	conn, err := rpc.NewMemory().Dial("assessment", "probe", rpc.ClientConfig{Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = invoke(t.Context(), conn, "Public")
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.KindUnavailable || e.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}
}
