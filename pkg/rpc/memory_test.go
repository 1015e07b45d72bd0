package rpc_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
)

func TestOnlyConnectionsInsideTheProcessAreBelieved(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, answers(), func(*rpc.ServerConfig) {})
	served := start(s, lis)
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	if err := invoke(t.Context(), conn, "Public"); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	conn.Close()
	// A caller who speaks the handshake gets no further.
	raw, err := net.Dial("tcp", lis.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	id := "spiffe://inframind/training"
	_, _ = raw.Write(append([]byte{byte(len(id))}, id...))
	if n, err := raw.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("the server answered")
	}
	raw.Close()
	if err := s.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestAServiceThatAnswersForAnotherIsNotCalled(t *testing.T) {
	called := false
	p := answers()
	p.unary = func(context.Context, *request) (*response, error) {
		called = true
		return &response{}, nil
	}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithServer(func(c *rpc.ServerConfig) { c.Service = "impostor" }))
	if err := invoke(t.Context(), conn, "Public"); status.Code(err) != codes.Unavailable || called {
		t.Errorf("got %v, called: %t", err, called)
	}
}

func TestAServicesNameIsAWord(t *testing.T) {
	for _, c := range [][2]string{{"", "auth"}, {"gateway", ""}, {"Gateway", "auth"}, {"gateway/x", "auth"}, {strings.Repeat("x", 65), "auth"}} {
		if conn, err := rpc.NewMemory().Dial(c[0], c[1], rpc.ClientConfig{Telemetry: telemetry.Discard()}); err == nil {
			t.Errorf("%q may call %q", c[0], c[1])
			conn.Close()
		}
	}
}

func TestAConnectionMayBeMadeBeforeTheOtherSideListens(t *testing.T) {
	network := rpc.NewMemory()
	conn := dial(t, network)
	want(t, invoke(t.Context(), conn, "Public"), codes.Unavailable, "UNAVAILABLE")
	testkit.Serve(t, "probe", answers().register, testkit.WithNetwork(network))
	if err := conn.Invoke(t.Context(), fullName("Public"), &request{Id: "asm_1"}, &response{}, grpc.WaitForReady(true)); err != nil {
		t.Error(err)
	}
}

func taken(network *rpc.Memory) (taken bool) {
	defer func() { taken = recover() != nil }()
	network.Listen("probe")
	return false
}

func TestAnAddressHasOneListenerAtATime(t *testing.T) {
	network := rpc.NewMemory()
	first := network.Listen("probe")
	if !taken(network) {
		t.Error("two servers listen as one service")
	}
	first.Close()
	second := network.Listen("probe")
	first.Close()
	if !taken(network) {
		t.Error("closing the first once more has closed the second")
	}
	second.Close()
	if taken(network) {
		t.Error("nobody listens, and nobody can")
	}
}
