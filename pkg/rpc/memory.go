package rpc

import (
	"context"
	"fmt"
	"net"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
)

// memoryBuffer holds what one side has written and the other not read yet. It takes
// a whole write of the transport (32 KiB) with room for the next.
const memoryBuffer = 256 << 10

// Memory is a network inside the process. It carries real gRPC, so that
// interceptors, deadlines and codes are those of any other network, and it tells
// each side who the other is.
type Memory struct {
	mu        sync.Mutex
	listeners map[string]*bufconn.Listener
}

// NewMemory returns a network on which nobody listens.
func NewMemory() *Memory {
	return &Memory{listeners: map[string]*bufconn.Listener{}}
}

// Listen opens the service's address. It panics when the service listens already:
// which of two servers a caller reached would be a matter of luck.
func (m *Memory) Listen(service string) net.Listener {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners[service] != nil {
		panic("rpc: two servers listen as " + service)
	}
	l := bufconn.Listen(memoryBuffer)
	m.listeners[service] = l
	return &memoryListener{Listener: l, close: func() { m.leave(service, l) }}
}

func (m *Memory) leave(service string, l *bufconn.Listener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners[service] == l {
		delete(m.listeners, service)
	}
}

// Dial returns a connection on which the service from calls the service to. It
// connects at the first call, so to need not listen yet.
func (m *Memory) Dial(from, to string, c ClientConfig) (*grpc.ClientConn, error) {
	if !serviceName(from) || !serviceName(to) {
		return nil, fmt.Errorf("%q cannot call %q: a service's name is a word in lower case", from, to)
	}
	options, err := clientOptions(from, c)
	if err != nil {
		return nil, err
	}
	options = append(options,
		grpc.WithTransportCredentials(memoryCredentials{self: from, peer: to}),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return m.connect(ctx, to)
		}),
	)
	return grpc.NewClient("passthrough:///"+to, options...)
}

func (m *Memory) connect(ctx context.Context, to string) (net.Conn, error) {
	m.mu.Lock()
	l := m.listeners[to]
	m.mu.Unlock()
	if l == nil {
		return nil, fmt.Errorf("%s is not listening", to)
	}
	conn, err := l.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	return memoryConn{conn}, nil
}

// memoryConn marks a connection as one of this network. Only such a connection is
// believed about the identity it carries.
type memoryConn struct{ net.Conn }

type memoryListener struct {
	*bufconn.Listener
	close func()
}

// Accept implements net.Listener.
func (l *memoryListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return memoryConn{conn}, nil
}

// Close implements net.Listener.
func (l *memoryListener) Close() error {
	l.close()
	return l.Listener.Close()
}
