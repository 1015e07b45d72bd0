package rpc_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/inframind/inframind/pkg/rpc"
)

// shown is the serial number of the certificate that a server shows now.
func (s *site) shown(address string) *big.Int {
	s.t.Helper()
	var serial *big.Int
	client := stranger(s.ca.certify("gateway"))
	client.VerifyConnection = func(c tls.ConnectionState) error {
		serial = c.PeerCertificates[0].SerialNumber
		return nil
	}
	if err := knock(s.t, address, client); err != nil {
		s.t.Fatal(err)
	}
	return serial
}

// replace puts another certificate in the place of the one in files.
func replace(t *testing.T, files rpc.TLSFiles, by tls.Certificate) {
	t.Helper()
	put(t, files.Certificate, certPEM(by.Certificate[0]))
	put(t, files.Key, keyPEM(t, by))
}

func TestANewCertificateIsUsedASecondLater(t *testing.T) {
	s := newSite(t)
	files := s.ca.files("recommendation")
	at := s.serve("recommendation", s.with("recommendation", files), answers().register)
	first, second := s.shown(at.address), s.ca.certify("recommendation")
	replace(t, files, second)
	if s.clock.Advance(time.Second - 1); s.shown(at.address).Cmp(first) != 0 {
		t.Error("the files are looked at more often than once a second")
	}
	if s.clock.Advance(1); s.shown(at.address).Cmp(second.Leaf.SerialNumber) != 0 {
		t.Error("the new certificate is not used")
	}
	if line := s.log.next(t); line["msg"] != "certificate replaced" {
		t.Errorf("the log says %v", line)
	}
}

func TestFilesThatLookLikeTheOldOnesAreNewAllTheSame(t *testing.T) {
	s := newSite(t)
	files := s.ca.files("recommendation")
	dated := func() (size int64) {
		for _, path := range []string{files.Certificate, files.Key} {
			if err := os.Chtimes(path, noon, noon); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(files.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	size := dated()
	at := s.serve("recommendation", s.with("recommendation", files), answers().register)
	var twin tls.Certificate
	for made := int64(-1); made != size; made = dated() { // a signature is a byte longer or shorter
		twin = s.ca.certify("recommendation")
		replace(t, files, twin)
	}
	if s.clock.Advance(time.Second); s.shown(at.address).Cmp(twin.Leaf.SerialNumber) != 0 {
		t.Error("the new certificate is not used")
	}
}

func TestFilesThatAreNotInOrderChangeNothing(t *testing.T) {
	for name, spoil := range map[string]func(s *site, files rpc.TLSFiles){
		"half of a new pair": func(s *site, files rpc.TLSFiles) {
			put(t, files.Certificate, certPEM(s.ca.certify("recommendation").Certificate[0]))
		},
		"no key": func(_ *site, files rpc.TLSFiles) {
			if err := os.Remove(files.Key); err != nil {
				t.Fatal(err)
			}
		},
		"an empty certificate":  func(_ *site, files rpc.TLSFiles) { put(t, files.Certificate, nil) },
		"authorities cut short": func(_ *site, files rpc.TLSFiles) { put(t, files.Authorities, []byte("-----BEGIN CERT")) },
		"another service's":     func(s *site, files rpc.TLSFiles) { replace(t, files, s.ca.certify("auth")) },
		"another authority's":   func(_ *site, files rpc.TLSFiles) { replace(t, files, newAuthority(t).certify("recommendation")) },
		"one that has had its day": func(s *site, files rpc.TLSFiles) {
			replace(t, files, s.ca.certify("recommendation", valid(noon.Add(-time.Hour), noon)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			files := s.ca.files("recommendation")
			at := s.serve("recommendation", s.with("recommendation", files), answers().register)
			first := s.shown(at.address)
			spoil(s, files)
			for range 5 {
				if s.clock.Advance(time.Second); s.shown(at.address).Cmp(first) != 0 {
					t.Error("the certificate in use is lost")
				}
			}
			if line := s.log.next(t); line["level"] != "WARN" || !contains(line["error"], "INFRA_MIND_TLS_") {
				t.Errorf("the log says %v", line)
			}
			if len(s.log) != 0 {
				t.Errorf("and again: %v", <-s.log)
			}
			put(t, files.Authorities, certPEM(s.ca.cert.Raw))
			good := s.ca.certify("recommendation")
			replace(t, files, good)
			if s.clock.Advance(time.Second); s.shown(at.address).Cmp(good.Leaf.SerialNumber) != 0 {
				t.Error("a good certificate is not used any more")
			}
		})
	}
}

func TestAnAuthorityThatIsNoLongerListedIsNoLongerBelieved(t *testing.T) {
	s := newSite(t)
	files := s.ca.files("recommendation")
	at := s.serve("recommendation", s.with("recommendation", files), answers().register)
	old, next := s.ca, newAuthority(t)
	put(t, files.Authorities, slices.Concat(certPEM(old.cert.Raw), certPEM(next.cert.Raw)))
	replace(t, files, next.certify("recommendation"))
	s.clock.Advance(time.Second)
	for _, of := range []*authority{old, next} {
		if err := knock(t, at.address, stranger(of.certify("gateway"))); err != nil {
			t.Errorf("both are listed, and one is refused: %v", err)
		}
	}
	put(t, files.Authorities, certPEM(next.cert.Raw))
	s.clock.Advance(time.Second)
	if err := knock(t, at.address, stranger(old.certify("gateway"))); err == nil {
		t.Error("the old one is believed")
	}
	if err := knock(t, at.address, stranger(next.certify("gateway"))); err != nil {
		t.Errorf("the new one is refused: %v", err)
	}
}

// load calls without a pause until it is stopped, and counts.
type load struct {
	stop   context.CancelFunc
	done   sync.WaitGroup
	calls  atomic.Int64
	failed atomic.Pointer[error]
}

// put under load, each caller on a connection of its own. The method is one that is
// not repeated when it fails.
func (s *site) load(from *rpc.TLS, to, address string, callers int) *load {
	l := &load{}
	ctx, stop := context.WithCancel(s.t.Context())
	l.stop = stop
	for range callers {
		conn := s.call(from, to, address)
		l.done.Go(func() {
			for ctx.Err() == nil {
				if err := invoke(context.WithoutCancel(ctx), conn, "Public"); err != nil {
					l.failed.CompareAndSwap(nil, &err)
				}
				l.calls.Add(1)
			}
		})
	}
	return l
}

// pass waits until more connections have been made and more calls answered.
func (l *load) pass(t *testing.T, on *listener) {
	t.Helper()
	calls, conns := l.calls.Load()+20, on.accepted.Load()+4
	for late := time.Now().Add(patience); l.calls.Load() < calls || on.accepted.Load() < conns; {
		select {
		case <-on.handshakes:
		case <-time.After(time.Until(late)):
			t.Fatal("the load has come to a halt")
		}
	}
}

func TestCertificatesReplacedUnderLoadDropNoRequest(t *testing.T) {
	s := newSite(t)
	p := answers()
	p.stream = echo().stream
	atServer, atCaller := s.ca.files("recommendation"), s.ca.files("gateway")
	own, caller := s.with("recommendation", atServer), s.with("gateway", atCaller)
	// Connections are so short-lived that there are handshakes all the time.
	at := s.serve("recommendation", own, p.register, func(c *rpc.ServerConfig) { c.ConnectionAge = 30 * time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream := open(ctx, t, s.call(caller, "recommendation", at.address), "Open")
	l := s.load(caller, "recommendation", at.address, 4)
	defer l.stop()

	renew := func(a *authority) {
		for files, cert := range map[rpc.TLSFiles]tls.Certificate{
			atServer: a.certify("recommendation"), atCaller: a.certify("gateway"),
		} {
			put(t, files.Certificate, certPEM(cert.Certificate[0]))
			s.clock.Advance(time.Second) // the pair is seen with one half replaced
			l.pass(t, at.lis)
			put(t, files.Key, keyPEM(t, cert))
			s.clock.Advance(time.Second)
			l.pass(t, at.lis)
		}
		if shown := s.shown(at.address); !signedBy(t, a, atServer, shown) {
			t.Errorf("the server shows %x", shown)
		}
		want(t, exchange(stream), codes.OK, "") // on a connection of the beginning
	}
	believe := func(bundle ...*authority) {
		for _, files := range []rpc.TLSFiles{atServer, atCaller} {
			var text []byte
			for _, a := range bundle {
				text = append(text, certPEM(a.cert.Raw)...)
			}
			put(t, files.Authorities, text)
			s.clock.Advance(time.Second)
			l.pass(t, at.lis)
		}
	}
	old, next := s.ca, newAuthority(t)
	renew(old)
	believe(old, next)
	s.ca = next // who knocks from now on
	renew(next)
	believe(next)
	renew(next)
	l.stop()
	l.done.Wait()
	if failed := l.failed.Load(); failed != nil {
		t.Errorf("of %d calls one failed: %v", l.calls.Load(), *failed)
	}
	if err := knock(t, at.address, stranger(old.certify("gateway"))); err == nil {
		t.Error("the old authority is still believed")
	}
	t.Logf("%d calls over %d connections", l.calls.Load(), at.lis.accepted.Load())
}

// signedBy says whether the certificate in files has that number and is the
// authority's.
func signedBy(t *testing.T, a *authority, files rpc.TLSFiles, serial *big.Int) bool {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: a.pool(), CurrentTime: noon})
	return err == nil && pair.Leaf.SerialNumber.Cmp(serial) == 0
}
