package rpc_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
)

func contains(s any, part string) bool {
	text, _ := s.(string)
	return strings.Contains(text, part)
}

// described wants a line about a refused connection to say these things.
func described(t *testing.T, line map[string]any, says map[string]string) {
	t.Helper()
	if line["msg"] != "connection refused" || line["level"] != "WARN" || line["remote"] == nil {
		t.Errorf("the log says %v", line)
	}
	for name, value := range says {
		if name == "error" && contains(line[name], value) || line[name] == value {
			continue
		}
		if _, there := line[name]; there || value != "" {
			t.Errorf("%s is %v, want %q, in %v", name, line[name], value, line)
		}
	}
}

func uris(list ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.URIs = nil
		for _, s := range list {
			u, err := url.Parse(s)
			if err != nil {
				panic(err)
			}
			c.URIs = append(c.URIs, u)
		}
	}
}

func valid(from, to time.Time) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, to }
}

func TestAServerRefusesWhoHasNoBusinessWithIt(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register)
	old := stranger(s.ca.certify("gateway"))
	old.MaxVersion = tls.VersionTLS12
	other := stranger(s.ca.certify("gateway"))
	other.NextProtos = nil
	nobody := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}
	const gateway = "spiffe://inframind/gateway"
	for name, c := range map[string]struct {
		client *tls.Config
		says   map[string]string
	}{
		"another service": {stranger(s.ca.certify("assessment")), map[string]string{
			"reason": "not_a_caller", "peer": "assessment", "claims_to_be": "", "error": "assessment has no business with recommendation",
		}},
		"a service nobody knows": {stranger(s.ca.certify("intruder")), map[string]string{
			"reason": "not_a_caller", "peer": "intruder", "error": "intruder has no business with recommendation",
		}},
		"an expired certificate": {stranger(s.ca.certify("gateway", valid(noon.Add(-time.Hour), noon.Add(-time.Second)))), map[string]string{
			"reason": "expired", "peer": "", "claims_to_be": "gateway", "error": "expired",
		}},
		"one that is not valid yet": {stranger(s.ca.certify("gateway", valid(noon.Add(time.Hour), noon.Add(2*time.Hour)))), map[string]string{
			"reason": "expired", "claims_to_be": "gateway", "error": "not yet valid",
		}},
		"one of another authority": {stranger(newAuthority(t).certify("gateway")), map[string]string{
			"reason": "unknown_authority", "peer": "", "claims_to_be": "gateway", "error": "unknown authority",
		}},
		"one for servers only": {stranger(s.ca.certify("gateway", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] })), map[string]string{
			"reason": "invalid", "claims_to_be": "gateway", "error": "key usage",
		}},
		"one without a name": {stranger(s.ca.certify("", uris())), map[string]string{
			"reason": "no_identity", "peer": "", "error": "exactly one URI name",
		}},
		"one with a DNS name": {stranger(s.ca.certify("", uris(), func(c *x509.Certificate) { c.DNSNames = []string{"gateway"} })), map[string]string{
			"reason": "no_identity", "error": "exactly one URI name",
		}},
		"one with two names": {stranger(s.ca.certify("", uris(gateway, "spiffe://inframind/training"))), map[string]string{
			"reason": "no_identity", "error": "exactly one URI name",
		}},
		"one of another trust domain": {stranger(s.ca.certify("", uris("spiffe://elsewhere/gateway"))), map[string]string{
			"reason": "no_identity", "error": `"spiffe://elsewhere/gateway" is no service of the platform`,
		}},
		"one with a longer name": {stranger(s.ca.certify("", uris(gateway+"/admin"))), map[string]string{
			"reason": "no_identity", "error": "is no service of the platform",
		}},
		"one with an escaped name": {stranger(s.ca.certify("", uris("spiffe://inframind/%67ateway"))), map[string]string{
			"reason": "no_identity", "error": "is no service of the platform",
		}},
		"an authority's certificate": {stranger(s.ca.certify("gateway", func(c *x509.Certificate) { c.IsCA = true })), map[string]string{
			"reason": "no_identity", "error": "an authority's certificate",
		}},
		"no certificate":   {nobody, map[string]string{"reason": "no_agreement", "error": "certificate"}},
		"TLS 1.2":          {old, map[string]string{"reason": "no_agreement", "error": "versions"}},
		"another protocol": {other, map[string]string{"reason": "no_agreement", "error": "ALPN"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := knock(t, at.address, c.client); err == nil {
				t.Error("the server talks to it")
			}
			described(t, s.log.next(t), c.says)
			s.clock.Advance(10 * time.Second)
		})
	}
	if err := knock(t, at.address, stranger(s.ca.certify("gateway"))); err != nil {
		t.Errorf("the gateway is refused: %v", err)
	}
}

func TestAServerRefusesPlaintext(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register)
	conn, err := grpc.NewClient(at.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := invoke(t.Context(), conn, "Public"); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	described(t, s.log.next(t), map[string]string{"reason": "not_tls", "error": "does not look like a TLS handshake"})
}

func TestACallerRefusesWhoeverIsNotTheServiceItCalls(t *testing.T) {
	s := newSite(t)
	rogue := newAuthority(t)
	for name, c := range map[string]struct {
		server tls.Certificate
		says   map[string]string
	}{
		"another service": {s.ca.certify("dashboard"), map[string]string{
			"reason": "wrong_server", "peer": "dashboard", "error": "dashboard answered in the place of auth",
		}},
		"one of another authority": {rogue.certify("auth"), map[string]string{"reason": "unknown_authority", "claims_to_be": "auth"}},
		"an expired certificate": {s.ca.certify("auth", valid(noon.Add(-time.Hour), noon.Add(-time.Second))), map[string]string{
			"reason": "expired", "claims_to_be": "auth",
		}},
		"one for clients only": {s.ca.certify("auth", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[1:] }), map[string]string{
			"reason": "invalid", "claims_to_be": "auth",
		}},
		"one with two names": {s.ca.certify("", uris("spiffe://inframind/auth", "spiffe://inframind/dashboard")), map[string]string{
			"reason": "no_identity",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			lis, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{c.server}, NextProtos: []string{"h2"}})
			if err != nil {
				t.Fatal(err)
			}
			var answered error
			done := make(chan struct{})
			go func() {
				defer close(done)
				answered = answerOnce(lis)
			}()
			conn := s.call(s.as("gateway"), "auth", lis.Addr().String())
			want(t, invoke(t.Context(), conn, "Public"), codes.Unavailable, "UNAVAILABLE")
			conn.Close()
			c.says["to"] = "auth"
			described(t, s.log.next(t), c.says)
			lis.Close()
			if <-done; answered == nil {
				t.Error("the handshake was a success")
			}
		})
	}
}

// answerOnce finishes the handshake of one caller, and closes the others unheard.
func answerOnce(lis net.Listener) error {
	conn, err := lis.Accept()
	if err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 1))
	conn.Close()
	for {
		next, over := lis.Accept()
		if over != nil {
			return err
		}
		next.Close()
	}
}

func TestAServerSaysThatItsOwnCertificateWasRefused(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register)
	picky := stranger(s.ca.certify("gateway"))
	picky.InsecureSkipVerify, picky.ServerName, picky.RootCAs = false, "gateway", newAuthority(t).pool()
	if err := knock(t, at.address, picky); err == nil {
		t.Error("the caller took it")
	}
	described(t, s.log.next(t), map[string]string{"reason": "refused_by_peer", "error": "does not accept our certificate"})
}

func TestWhoLeavesWithoutAWordIsNotWorthALine(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register)
	conn, err := net.Dial("tcp", at.address)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	<-at.lis.handshakes
	if len(s.log) > 0 {
		t.Errorf("the log says %v", <-s.log)
	}
}

func TestWhoIsRefusedAgainAndAgainDoesNotFloodTheLog(t *testing.T) {
	s := newSite(t)
	at := s.serve("recommendation", s.as("recommendation"), answers().register)
	refuse := func(times int, cert tls.Certificate) {
		for range times {
			knock(t, at.address, stranger(cert))
			<-at.lis.handshakes
		}
	}
	wrong := s.ca.certify("assessment")
	refuse(20, wrong)
	refuse(1, s.ca.certify("intruder"))
	if len(s.log) != 2 {
		t.Fatalf("there are %d lines about two services", len(s.log))
	}
	if line := s.log.next(t); line["more_like_it"] != nil {
		t.Errorf("the first line says %v", line)
	}
	s.log.next(t)
	s.clock.Advance(10*time.Second - 1)
	refuse(1, wrong)
	if len(s.log) != 0 {
		t.Errorf("too soon: %v", <-s.log)
	}
	s.clock.Advance(1)
	refuse(1, wrong)
	if line := s.log.next(t); line["more_like_it"] != 20.0 || line["peer"] != "assessment" {
		t.Errorf("got %v", line)
	}
}

func TestTheSettingsNameThreeFilesThatCanBeRead(t *testing.T) {
	files := newAuthority(t).files("auth")
	sound := []string{
		"INFRA_MIND_TLS_CERT_FILE=" + files.Certificate, "INFRA_MIND_TLS_KEY_FILE=" + files.Key, "INFRA_MIND_TLS_CA_FILE=" + files.Authorities,
	}
	var loaded rpc.TLSFiles
	if err := config.Load(&loaded, sound); err != nil || loaded != files {
		t.Errorf("got %v, %v", loaded, err)
	}
	for i, setting := range sound {
		name, _, _ := strings.Cut(setting, "=")
		for fault, value := range map[string]string{name + " must be set": name + "=", name + " cannot be read": setting + "x"} {
			settings := slices.Clone(sound)
			settings[i] = value
			if err := config.Load(&rpc.TLSFiles{}, settings); err == nil || !strings.HasPrefix(err.Error(), fault) || contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, fault)
			}
		}
	}
}

func TestACertificateThatOthersWouldRefuseIsNotLoaded(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		files  rpc.TLSFiles
		change func(rpc.TLSFiles)
		fault  string
	}{
		"there is no key": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Key, nil) }, "INFRA_MIND_TLS_KEY_FILE",
		},
		"there is no certificate": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Certificate, nil) }, "INFRA_MIND_TLS_CERT_FILE",
		},
		"the key is another's": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Key, keyPEM(t, s.ca.certify("auth"))) }, "does not match",
		},
		"there are no authorities": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Authorities, []byte("soon\n")) }, "INFRA_MIND_TLS_CA_FILE",
		},
		"the authorities are cut short": {
			s.ca.files("auth"), func(f rpc.TLSFiles) {
				whole := certPEM(s.ca.cert.Raw)
				put(t, f.Authorities, append(whole, whole[:len(whole)/2]...))
			}, "cut short",
		},
		"an authority is damaged": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Authorities, certPEM([]byte("x"))) }, "INFRA_MIND_TLS_CA_FILE",
		},
		"there is a key among the authorities": {
			s.ca.files("auth"), func(f rpc.TLSFiles) {
				put(t, f.Authorities, append(certPEM(s.ca.cert.Raw), keyPEM(t, s.ca.certify("auth"))...))
			}, "PRIVATE KEY",
		},
		"an authority is none": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Authorities, certPEM(s.ca.certify("auth").Certificate[0])) }, "not an authority",
		},
		"no authority has signed it": {
			s.ca.files("auth"), func(f rpc.TLSFiles) { put(t, f.Authorities, certPEM(newAuthority(t).cert.Raw)) }, "unknown authority",
		},
		"it has expired": {
			s.ca.files("auth", valid(noon.Add(-time.Hour), noon.Add(-time.Second))), func(rpc.TLSFiles) {}, "expired",
		},
		"it is another service's": {
			s.ca.files("training"), func(rpc.TLSFiles) {}, "it is the certificate of training, and this is auth",
		},
		"it names nobody": {
			s.ca.files("", uris()), func(rpc.TLSFiles) {}, "exactly one URI name",
		},
		"it is for servers only": {
			s.ca.files("auth", func(c *x509.Certificate) { c.ExtKeyUsage = c.ExtKeyUsage[:1] }), func(rpc.TLSFiles) {}, "key usage",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.change(c.files)
			_, err := rpc.LoadTLS("auth", c.files, s.clock, telemetry.Discard().Log)
			if err == nil || !contains(err.Error(), c.fault) {
				t.Errorf("got %v, want %q", err, c.fault)
			}
		})
	}
	for _, lost := range []func(f *rpc.TLSFiles){
		func(f *rpc.TLSFiles) { f.Certificate += "x" }, func(f *rpc.TLSFiles) { f.Key += "x" }, func(f *rpc.TLSFiles) { f.Authorities += "x" },
	} {
		files := s.ca.files("auth")
		lost(&files)
		if _, err := rpc.LoadTLS("auth", files, s.clock, telemetry.Discard().Log); err == nil || !contains(err.Error(), "no such file") {
			t.Errorf("got %v", err)
		}
	}
}
