package redis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/redis/redistest"
)

// authority is a certificate authority with its files in a folder.
type authority struct {
	t      *testing.T
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, folder: t.TempDir()}
	a.sign("ca")
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.folder, name) }

// sign writes name.pem and name.key; the first one signs all that follow.
func (a *authority) sign(name string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(time.Now().UnixNano()),
		Subject:               pkix.Name{CommonName: name},
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  a.cert == nil,
		BasicConstraintsValid: true,
	}
	if a.cert == nil {
		a.cert, a.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	secretDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		name + ".pem": {Type: "CERTIFICATE", Bytes: der},
		name + ".key": {Type: "PRIVATE KEY", Bytes: secretDER},
	} {
		if err := os.WriteFile(a.path(path), pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
}

// server is a TLS server's configuration that lets in whom the authority knows.
func (a *authority) server() *tls.Config {
	a.t.Helper()
	a.sign("server")
	pair, err := tls.LoadX509KeyPair(a.path("server.pem"), a.path("server.key"))
	if err != nil {
		a.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	ca, err := os.ReadFile(a.path("ca.pem"))
	if err != nil || !pool.AppendCertsFromPEM(ca) {
		a.t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
}

// client is the settings of a client with a certificate of that name.
func (a *authority) client(name string) []string {
	return []string{
		"INFRA_MIND_REDIS_TLS=true",
		"INFRA_MIND_REDIS_TLS_CA=" + a.path("ca.pem"),
		"INFRA_MIND_REDIS_TLS_CERTIFICATE=" + a.path(name+".pem"),
		"INFRA_MIND_REDIS_TLS_KEY=" + a.path(name+".key"),
	}
}

func TestEachSideProvesWhoItIs(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	ours.sign("client")
	theirs.sign("client")
	mini := redistest.NewMiniTLS(t, ours.server())
	if err := redistest.Open(t, mini, ours.client("client")...).Ready(t.Context()); err != nil {
		t.Error(err)
	}
	refused(t, redistest.Config(t, mini), "redis at")
	refused(t, redistest.Config(t, mini, theirs.client("client")...), "unknown authority")
	stranger := theirs.client("client")
	stranger[1] = ours.client("client")[1]
	refused(t, redistest.Config(t, mini, stranger...), "redis at")
}

func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	before, after := newAuthority(t), newAuthority(t)
	before.sign("client")
	after.sign("client")
	server := before.server()
	mini := redistest.NewMiniTLS(t, server)
	client := redistest.Open(t, mini, before.client("client")...)
	mini.Stop()
	server.ClientCAs = after.server().ClientCAs
	mini.Restart()
	if err := client.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Fatalf("with the old certificate: %v", err)
	}
	for _, name := range []string{"client.pem", "client.key"} {
		if err := os.Rename(after.path(name), before.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Ready(t.Context()); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
}

func TestCertificateFilesThatAreNoneAreNamed(t *testing.T) {
	ours := newAuthority(t)
	mini := redistest.NewMiniTLS(t, ours.server())
	refused(t, redistest.Config(t, mini, ours.client("missing")...), "INFRA_MIND_REDIS_TLS_CERTIFICATE: ")
	for path, want := range map[string]string{"server.key": "INFRA_MIND_REDIS_TLS_CA: the file has no certificate", "missing": "INFRA_MIND_REDIS_TLS_CA: open"} {
		settings := ours.client("server")
		settings[1] = "INFRA_MIND_REDIS_TLS_CA=" + ours.path(path)
		refused(t, redistest.Config(t, mini, settings...), want)
	}
}
