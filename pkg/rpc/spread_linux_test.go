package rpc_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// TestCallsGoToEachInstanceInTurn has two instances under one name. All of 127.0.0.0/8
// is the loopback network on Linux, and not elsewhere.
func TestCallsGoToEachInstanceInTurn(t *testing.T) {
	names(t, "recommendation.test", netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"))
	s := newSite(t)
	asked := make(chan string, 1)
	instance := func(name string) *probe {
		p := answers()
		p.unary = func(context.Context, *request) (*response, error) {
			asked <- name
			return &response{}, nil
		}
		return p
	}
	own := s.as("recommendation")
	first := s.serve("recommendation", own, instance("first").register)
	_, port, err := net.SplitHostPort(first.address)
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	s.serveOn(lis, "recommendation", own, instance("second").register)
	conn := s.call(s.as("gateway"), "recommendation", "recommendation.test:"+port)
	times := map[string]int{}
	// The second connection may be made while the first one serves already.
	for calls := 0; times["first"] < 5 || times["second"] < 5; calls++ {
		if err := invoke(t.Context(), conn, "Public"); err != nil || calls > 10000 {
			t.Fatalf("after %v: %v", times, err)
		}
		times[<-asked]++
	}
}

// names lets the process find a host under some addresses, by a name server of its
// own.
func names(t *testing.T, host string, addresses ...netip.Addr) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			server.WriteTo(addressesOf(question[:n], host, addresses), from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		server.Close()
		<-done
	})
}

// addressesOf is the message of RFC 1035 that answers a question for addresses of the
// host, and says of any other that there is nothing.
func addressesOf(question []byte, host string, addresses []netip.Addr) []byte {
	const header, typeA, kindAndClass = 12, 1, 4
	labels := []byte{}
	for label := range strings.SplitSeq(host, ".") {
		labels = append(append(labels, byte(len(label))), label...)
	}
	end := header
	for end < len(question) && question[end] != 0 {
		end += 1 + int(question[end])
	}
	asked, kind := string(question[header:end]), binary.BigEndian.Uint16(question[end+1:])
	reply := append([]byte{}, question[:end+1+kindAndClass]...)
	copy(reply[2:], []byte{0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0}) // an answer, with authority; one question
	if asked != string(labels) || kind != typeA {
		return reply
	}
	reply[7] = byte(len(addresses))
	for _, a := range addresses {
		// The name is that of the question; type A, class IN, no time to live, four bytes.
		reply = append(reply, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, a.AsSlice()...)
	}
	return reply
}
