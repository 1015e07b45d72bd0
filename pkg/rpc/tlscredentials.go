package rpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"

	"google.golang.org/grpc/credentials"
)

// tlsCredentials make a connection of the network: they hand over to the rest of the
// package the same identity that those of Memory do, proved by a certificate.
type tlsCredentials struct {
	tls  *TLS
	peer string // who must answer; "" at a server, which takes whom its callers name
	log  *refusals
}

func (t *TLS) credentials(peer string, log *slog.Logger) credentials.TransportCredentials {
	return tlsCredentials{tls: t, peer: peer, log: &refusals{log: log, clock: t.clock}}
}

// ClientHandshake implements credentials.TransportCredentials.
func (c tlsCredentials) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := credentials.NewTLS(c.clientConfig()).ClientHandshake(ctx, authority, raw)
	return c.identified(ctx, raw, conn, info, err)
}

// ServerHandshake implements credentials.TransportCredentials. grpc has set a
// deadline on the connection.
func (c tlsCredentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := credentials.NewTLS(c.serverConfig()).ServerHandshake(raw)
	return c.identified(context.Background(), raw, conn, info, err)
}

// identified turns the outcome of a handshake into an identity or a line in the log.
func (c tlsCredentials) identified(ctx context.Context, raw, conn net.Conn, info credentials.AuthInfo, err error) (net.Conn, credentials.AuthInfo, error) {
	if err != nil {
		c.log.note(ctx, c.peer, raw.RemoteAddr(), err)
		return nil, nil, err
	}
	proved := info.(credentials.TLSInfo)
	service, err := serviceIn(proved.State.PeerCertificates[0])
	if err != nil {
		return nil, nil, err
	}
	return conn, identity{CommonAuthInfo: proved.CommonAuthInfo, service: service}, nil
}

// serverConfig is made for each handshake, of what the files say then.
func (c tlsCredentials) serverConfig() *tls.Config {
	own := c.tls.credential()
	config := c.config(own)
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, own.authorities
	config.VerifyConnection = func(s tls.ConnectionState) error {
		caller, err := serviceIn(s.PeerCertificates[0])
		if err != nil {
			return &refusal{reason: refusedIdentity, err: err}
		}
		if !admitted(caller, c.tls.service) {
			return &refusal{reason: refusedCaller, peer: caller, err: fmt.Errorf("%s has no business with %s", caller, c.tls.service)}
		}
		return nil
	}
	return config
}

func (c tlsCredentials) clientConfig() *tls.Config {
	own := c.tls.credential()
	config := c.config(own)
	// Whatever authorities the server names, it gets to see our certificate: it can
	// then say whose it has refused.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own.pair, nil }
	// A service is known by its SPIFFE ID, under whatever address it was reached. So
	// the library's check, which is by address, is replaced by the one below: of the
	// chain as much as of the name.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(s tls.ConnectionState) error {
		if err := own.verify(s.PeerCertificates, x509.ExtKeyUsageServerAuth, c.tls.clock.Now()); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
		server, err := serviceIn(s.PeerCertificates[0])
		if err != nil {
			return &refusal{reason: refusedIdentity, err: err}
		}
		if server != c.peer {
			return &refusal{reason: refusedServer, peer: server, err: fmt.Errorf("%s answered in the place of %s", server, c.peer)}
		}
		return nil
	}
	return config
}

// config is what both sides have. Sessions are not resumed: each connection shows
// its certificates, and they are checked against the authorities of that moment.
func (c tlsCredentials) config(own *credential) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{own.pair},
		Time:                   c.tls.clock.Now,
		SessionTicketsDisabled: true,
	}
}

// Info implements credentials.TransportCredentials.
func (c tlsCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: identity{}.AuthType()}
}

// Clone implements credentials.TransportCredentials.
func (c tlsCredentials) Clone() credentials.TransportCredentials { return c }

// OverrideServerName implements credentials.TransportCredentials; the name to expect
// is the peer's.
func (c tlsCredentials) OverrideServerName(string) error { return nil }
