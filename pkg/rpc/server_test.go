package rpc_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

func serverConfig() rpc.ServerConfig {
	return rpc.ServerConfig{Service: "probe", Telemetry: telemetry.Discard(), Clock: clockwork.NewFakeClockAt(noon)}
}

// oneMethod registers a service with one method, which no generator has made.
func oneMethod(pkg string, input string, policy *policyv1.Policy) func(grpc.ServiceRegistrar) {
	options := &descriptorpb.MethodOptions{}
	if policy != nil {
		proto.SetExtension(options, policyv1.E_Policy, policy)
	}
	register(pkg, &descriptorpb.ServiceDescriptorProto{
		Name: proto.String("S"),
		Method: []*descriptorpb.MethodDescriptorProto{{
			Name: proto.String("M"), InputType: &input, OutputType: proto.String(".inframind.assessment.v1.GetAssessmentResponse"), Options: options,
		}},
	})
	return func(r grpc.ServiceRegistrar) {
		r.RegisterService(&grpc.ServiceDesc{ServiceName: pkg + ".S", HandlerType: (*any)(nil)}, struct{}{})
	}
}

func TestAServerThatCouldNotKeepItsWordDoesNotStart(t *testing.T) {
	public := &policyv1.Policy{Access: policyv1.Access_ACCESS_PUBLIC}
	for name, c := range map[string]struct {
		config   func(*rpc.ServerConfig)
		register func(grpc.ServiceRegistrar)
		fault    string
	}{
		"a method has no policy": {
			func(*rpc.ServerConfig) {},
			oneMethod("rpctest.nopolicy", ".inframind.assessment.v1.GetAssessmentRequest", nil), "it has no policy",
		},
		"a rule does not compile": {
			func(*rpc.ServerConfig) {}, oneMethod("rpctest.norule", ".rpctest.norule.Broken", public), "no_such_field",
		},
		"a rule does not compile of a message that is validated later": {
			func(*rpc.ServerConfig) {}, oneMethod("rpctest.deep", ".rpctest.deep.Holder", public), "no_such_field",
		},
		"there is no verifier": {
			func(c *rpc.ServerConfig) { c.Revocations = testkit.NoRevocations(t, c.Clock) }, answers().register, "need a verifier",
		},
		"it has no name": {
			func(c *rpc.ServerConfig) { c.Service = "" }, func(grpc.ServiceRegistrar) {}, "cannot be the name of a service",
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := serverConfig()
			c.config(&config)
			s, err := rpc.NewServer(config, c.register)
			if s != nil || err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("got %v, %v", s, err)
			}
		})
	}
}

func TestAServerWithPublicMethodsAloneNeedsNoVerifier(t *testing.T) {
	register := oneMethod("rpctest.public", ".inframind.assessment.v1.GetAssessmentRequest", &policyv1.Policy{Access: policyv1.Access_ACCESS_PUBLIC})
	if _, err := rpc.NewServer(serverConfig(), register); err != nil {
		t.Error(err)
	}
}

// closing tells when its listener is closed, which is after the server began to drain.
type closing struct {
	net.Listener
	once   sync.Once
	closed chan struct{}
}

func newClosing(network *rpc.Memory) *closing {
	return &closing{Listener: network.Listen("probe"), closed: make(chan struct{})}
}

func (c *closing) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Listener.Close()
}

// start serves until the server is drained; served gets what Serve returned.
func start(s *rpc.Server, lis net.Listener) (served chan error) {
	served = make(chan error, 1)
	go func() { served <- s.Serve(lis) }()
	return served
}

func dial(t *testing.T, network *rpc.Memory) *grpc.ClientConn {
	t.Helper()
	conn, err := network.Dial("gateway", "probe", rpc.ClientConfig{Telemetry: telemetry.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func newServer(t *testing.T, p *probe, change func(*rpc.ServerConfig)) *rpc.Server {
	t.Helper()
	c := serverConfig()
	issuer := testkit.NewIssuer(t, c.Clock)
	c.Verifier, c.Revocations = token.NewVerifier(issuer, c.Clock), testkit.NoRevocations(t, c.Clock)
	change(&c)
	s, err := rpc.NewServer(c, p.register)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDrainingWaitsForTheCallsInFlight(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	p := answers()
	p.unary = func(context.Context, *request) (*response, error) {
		close(entered)
		<-leave
		return &response{}, nil
	}
	s, network := newServer(t, p, func(*rpc.ServerConfig) {}), rpc.NewMemory()
	lis := newClosing(network)
	served, conn := start(s, lis), dial(t, network)
	called, drained := make(chan error, 1), make(chan error, 1)
	go func() { called <- invoke(t.Context(), conn, "Public") }()
	<-entered
	go func() { drained <- s.Drain(t.Context()) }()
	<-lis.closed
	select {
	case err := <-drained:
		t.Errorf("drained with a call in flight: %v", err)
	default:
	}
	close(leave)
	if err := <-called; err != nil {
		t.Errorf("the call in flight: %v", err)
	}
	for _, done := range []chan error{drained, served} {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := invoke(t.Context(), conn, "Public"); status.Code(err) != codes.Unavailable {
		t.Errorf("a call to the drained server: %v", err)
	}
}

func TestDrainingCutsOffWhatDoesNotEnd(t *testing.T) {
	entered, ended := make(chan struct{}), make(chan error, 1)
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}
	s, network := newServer(t, p, func(c *rpc.ServerConfig) { c.Deadline = time.Hour }), rpc.NewMemory()
	served, conn := start(s, network.Listen("probe")), dial(t, network)
	called := make(chan error, 1)
	go func() { called <- invoke(t.Context(), conn, "Public") }()
	<-entered
	enough := errors.New("that is enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if err := s.Drain(ctx); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("the handler was not told")
	}
	if err := <-called; status.Code(err) != codes.Unavailable {
		t.Errorf("the call that was cut off: %v", err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A stream on which only the server sends goes on until somebody ends it.
func TestDrainingEndsStreamsThatOnlyTheServerSendsOn(t *testing.T) {
	entered := make(chan struct{})
	p := &probe{stream: func(stream grpc.BidiStreamingServer[request, response]) error {
		close(entered)
		<-stream.Context().Done()
		return stream.Context().Err()
	}}
	s, network := newServer(t, p, func(*rpc.ServerConfig) {}), rpc.NewMemory()
	served, conn := start(s, network.Listen("probe")), dial(t, network)
	stream := open(t.Context(), t, conn, "Tell")
	if err := stream.Send(&request{Id: "asm_1"}); err != nil {
		t.Fatal(err)
	}
	<-entered
	if err := s.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	_, err := stream.Recv()
	want(t, err, codes.Unavailable, "SERVICE_STOPPING")
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestServingADrainedServerEndsAtOnce(t *testing.T) {
	s := newServer(t, answers(), func(*rpc.ServerConfig) {})
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(rpc.NewMemory().Listen("probe")); err != nil {
		t.Error(err)
	}
}

// deafListener fails at once.
type deafListener struct{ net.Listener }

func (deafListener) Accept() (net.Conn, error) { return nil, errors.New("deaf") }

func TestAListenerThatFailsEndsServing(t *testing.T) {
	s := newServer(t, answers(), func(*rpc.ServerConfig) {})
	if err := s.Serve(deafListener{rpc.NewMemory().Listen("probe")}); err == nil || !strings.Contains(err.Error(), "deaf") {
		t.Errorf("got %v", err)
	}
}

func TestReflectionIsForDevelopment(t *testing.T) {
	for environment, code := range map[config.Environment]codes.Code{
		config.Development: codes.OK,
		config.Production:  codes.Unimplemented,
		"":                 codes.Unimplemented,
	} {
		t.Run("environment "+string(environment), func(t *testing.T) {
			conn := testkit.Serve(t, "probe", answers().register, testkit.WithServer(func(c *rpc.ServerConfig) { c.Environment = environment }))
			stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_ = stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
				MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
			})
			answer, err := stream.Recv()
			if status.Code(err) != code {
				t.Errorf("got %v", err)
			}
			if code == codes.OK && len(answer.GetListServicesResponse().GetService()) != 4 {
				t.Errorf("got %v", answer)
			}
			_ = stream.CloseSend()
		})
	}
}
