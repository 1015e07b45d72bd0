package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// trustDomain is the SPIFFE trust domain of the platform.
const trustDomain = "spiffe://inframind/"

// identity is who is at the other end of a connection. The credentials that made the
// connection vouch for it.
type identity struct {
	credentials.CommonAuthInfo
	service string
}

// AuthType implements credentials.AuthInfo.
func (identity) AuthType() string { return "spiffe" }

// String is the SPIFFE ID.
func (i identity) String() string { return trustDomain + i.service }

// peerService is the service that makes the call; "" when it did not show who it is.
func peerService(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		if id, ok := p.AuthInfo.(identity); ok {
			return id.service
		}
	}
	return ""
}

// serviceOf reads a SPIFFE ID of a service of the platform.
func serviceOf(id string) (string, bool) {
	service, ok := strings.CutPrefix(id, trustDomain)
	return service, ok && serviceName(service)
}

// serviceName says whether s can be a service's name: a word in lower case.
func serviceName(s string) bool {
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

var errNotMemory = errors.New("only connections inside the process carry this identity")

// memoryCredentials exchange the two sides' SPIFFE IDs when a connection of Memory
// opens. Nothing proves them but that both sides are in this process, so any other
// connection is refused.
type memoryCredentials struct {
	self string
	peer string // who must answer; "" at a server, which takes whoever calls
}

// ClientHandshake implements credentials.TransportCredentials.
func (c memoryCredentials) ClientHandshake(ctx context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if _, ok := conn.(memoryConn); !ok {
		return nil, nil, errNotMemory
	}
	interrupt := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer interrupt()
	if err := writeID(conn, c.self); err != nil {
		return nil, nil, err
	}
	id, err := readID(conn)
	if err != nil {
		return nil, nil, err
	}
	if id.service != c.peer {
		return nil, nil, fmt.Errorf("%s answered in the place of %s", id.service, c.peer)
	}
	return conn, id, nil
}

// ServerHandshake implements credentials.TransportCredentials. grpc has set a
// deadline on the connection.
func (c memoryCredentials) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if _, ok := conn.(memoryConn); !ok {
		return nil, nil, errNotMemory
	}
	id, err := readID(conn)
	if err != nil {
		return nil, nil, err
	}
	if err := writeID(conn, c.self); err != nil {
		return nil, nil, err
	}
	return conn, id, nil
}

// Info implements credentials.TransportCredentials.
func (c memoryCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: identity{}.AuthType()}
}

// Clone implements credentials.TransportCredentials.
func (c memoryCredentials) Clone() credentials.TransportCredentials { return c }

// OverrideServerName implements credentials.TransportCredentials; the name to expect
// is the peer's.
func (c memoryCredentials) OverrideServerName(string) error { return nil }

// writeID sends a SPIFFE ID with its length in one byte before it.
func writeID(w io.Writer, service string) error {
	id := trustDomain + service
	_, err := w.Write(append([]byte{byte(len(id))}, id...))
	return err
}

func readID(r io.Reader) (identity, error) {
	var length [1]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return identity{}, err
	}
	id := make([]byte, length[0])
	if _, err := io.ReadFull(r, id); err != nil {
		return identity{}, err
	}
	service, ok := serviceOf(string(id))
	if !ok {
		return identity{}, fmt.Errorf("%q is no service of the platform", id)
	}
	return identity{
		// What stays in the process can be neither read nor changed on its way.
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
		service:        service,
	}, nil
}
