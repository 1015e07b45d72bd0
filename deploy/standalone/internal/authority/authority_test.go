package authority_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/inframind/inframind/deploy/standalone/internal/authority"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, folder string, now time.Time) *authority.Authority {
	t.Helper()
	a, err := authority.Open(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func certify(t *testing.T, a *authority.Authority, services ...string) map[string]authority.Certificate {
	t.Helper()
	list, err := a.Certify(90, services...)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]authority.Certificate{}
	for _, c := range list {
		made[c.Service] = c
	}
	return made
}

// content is everything in a folder.
func content(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// TestServicesKnowEachOtherBeforeAndAfterARenewal: auth serves all the while.
func TestServicesKnowEachOtherBeforeAndAfterARenewal(t *testing.T) {
	folder, clock, log := t.TempDir(), clockwork.NewFakeClockAt(noon), &lines{}
	tel, err := telemetry.New(t.Context(), telemetry.Config{Service: "auth", LogWriter: log})
	if err != nil {
		t.Fatal(err)
	}
	made := certify(t, open(t, folder, noon), rpc.Services()...)
	on := map[string]*rpc.TLS{}
	for _, service := range rpc.Services() {
		if on[service], err = rpc.LoadTLS(service, made[service].Files, clock, tel.Log); err != nil {
			t.Fatal(err)
		}
	}
	server, err := rpc.NewServer(rpc.ServerConfig{Service: "auth", TLS: on["auth"], Telemetry: tel, Clock: clock}, func(grpc.ServiceRegistrar) {})
	if err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(lis) }()
	ask := func() {
		t.Helper()
		for _, caller := range rpc.Services() {
			conn, err := on[caller].Dial("auth", lis.Addr().String(), rpc.ClientConfig{Telemetry: tel})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
				t.Errorf("%s: %v", caller, err)
			}
			conn.Close()
		}
	}
	ask()
	clock.Advance(89 * 24 * time.Hour)
	certify(t, open(t, folder, clock.Now()), rpc.Services()...)
	clock.Advance(time.Hour)
	ask()
	clock.Advance(48 * time.Hour) // the first certificates have ended
	ask()
	if n := log.count("certificate replaced"); n != len(rpc.Services()) {
		t.Errorf("%d certificates were replaced while in use", n)
	}
	if err := server.Drain(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestAnAuthorityIsMadeOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	if !open(t, folder, noon).Made {
		t.Error("it was there")
	}
	before := content(t, folder)
	if open(t, folder, noon.AddDate(9, 0, 0)).Made {
		t.Error("it was made again")
	}
	for path, text := range content(t, folder) {
		if before[path] != text {
			t.Errorf("%s is another", path)
		}
	}
}

func TestOfManyWhoMakeOneAtTheSameTimeOneDoes(t *testing.T) {
	folder := t.TempDir()
	ends := make(chan *authority.Authority, 8)
	var all sync.WaitGroup
	for range cap(ends) {
		all.Go(func() {
			if a, err := authority.Open(folder, noon); err == nil { // others find it half made
				ends <- a
			}
		})
	}
	all.Wait()
	close(ends)
	made := 0
	for a := range ends {
		if a.Made {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d have made one", made)
	}
	certify(t, open(t, folder, noon), "auth")
}

func TestKeysAreForTheirOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	made := certify(t, open(t, folder, noon), "auth")
	for _, path := range []string{filepath.Join(folder, "ca.key"), made["auth"].Files.Key} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
	}
	for path := range content(t, folder) {
		if strings.HasPrefix(filepath.Base(path), ".") {
			t.Errorf("%s was left behind", path)
		}
	}
}

func TestAnAuthorityThatCannotBeUsedStaysAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, cert, key string) error
		fault string
	}{
		"its key is lost":             {func(_ *testing.T, _, key string) error { return os.Remove(key) }, "must have both"},
		"its certificate is lost":     {func(_ *testing.T, cert, _ string) error { return os.Remove(cert) }, "must have both"},
		"others can read its key":     {func(_ *testing.T, _, key string) error { return os.Chmod(key, 0o640) }, "readable by others"},
		"its certificate was damaged": {func(_ *testing.T, cert, _ string) error { return os.WriteFile(cert, []byte("x"), 0o600) }, "open the authority"},
		"its key is another's": {func(t *testing.T, _, key string) error {
			other := t.TempDir()
			open(t, other, noon)
			return os.Rename(filepath.Join(other, "ca.key"), key)
		}, "does not match"},
		"it is no authority": {func(t *testing.T, cert, key string) error {
			made := certify(t, open(t, t.TempDir(), noon), "auth")["auth"].Files
			return errors.Join(os.Rename(made.Certificate, cert), os.Rename(made.Key, key))
		}, "not the certificate of an authority"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			open(t, folder, noon)
			if err := c.spoil(t, filepath.Join(folder, "ca.crt"), filepath.Join(folder, "ca.key")); err != nil {
				t.Fatal(err)
			}
			before := content(t, folder)
			if _, err := authority.Open(folder, noon); err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("got %v, want %q", err, c.fault)
			}
			after := content(t, folder)
			for path, text := range before {
				if after[path] != text || len(before) != len(after) {
					t.Errorf("%s has changed", path)
				}
			}
		})
	}
	folder := t.TempDir()
	open(t, folder, noon)
	if _, err := authority.Open(folder, noon.AddDate(10, 0, 1)); err == nil || !strings.Contains(err.Error(), "it ended on 2036-03-01") {
		t.Errorf("got %v", err)
	}
}

func TestACertificateThatWouldBeOfNoUseIsNotMade(t *testing.T) {
	folder := t.TempDir()
	a := open(t, folder, noon)
	for fault, c := range map[string]struct {
		days    int
		service string
	}{
		`"autj" is no service of the platform; it has assessment`: {90, "autj"},
		"a day or more":                          {0, "auth"},
		"it ends on":                             {10 * 366, "auth"},
		"\"../x\" is no service of the platform": {90, "../x"},
	} {
		if _, err := a.Certify(c.days, "gateway", c.service); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("got %v, want %q", err, fault)
		}
	}
	if files := content(t, folder); len(files) != 2 {
		t.Errorf("there are %d files", len(files))
	}
}

// TestWithTheAuthoritysKeyOneCanBeAServiceAndNothingElse signs by its key what this
// package never would.
func TestWithTheAuthoritysKeyOneCanBeAServiceAndNothingElse(t *testing.T) {
	folder := t.TempDir()
	open(t, folder, noon)
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "ca.crt"), filepath.Join(folder, "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		sound  bool
	}{
		"a service":        {func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "spiffe", Host: "inframind", Path: "/auth"}} }, true},
		"one of elsewhere": {func(c *x509.Certificate) { c.URIs = []*url.URL{{Scheme: "spiffe", Host: "elsewhere", Path: "/auth"}} }, false},
		"a web site":       {func(c *x509.Certificate) { c.DNSNames = []string{"example.com"} }, false},
		"an address":       {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }, false},
		"an IPv6 address":  {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv6loopback} }, false},
		"a person":         {func(c *x509.Certificate) { c.EmailAddresses = []string{"a@example.com"} }, false},
	} {
		template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: noon, NotAfter: noon.Add(time.Hour)}
		c.change(template)
		der, err := x509.CreateCertificate(rand.Reader, template, pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey).Public(), pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		if (err == nil) != c.sound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
