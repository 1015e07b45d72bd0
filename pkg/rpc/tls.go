package rpc

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
)

// lookAgain is how long the files are taken to be unchanged.
const lookAgain = time.Second

// TLSFiles names the PEM files by which a process proves on the network which service
// it is. When they change, new connections use what they say then.
type TLSFiles struct {
	Certificate string `env:"INFRA_MIND_TLS_CERT_FILE" required:"true"` // of the service; intermediate ones may follow
	Key         string `env:"INFRA_MIND_TLS_KEY_FILE" required:"true"`  // of that certificate
	Authorities string `env:"INFRA_MIND_TLS_CA_FILE" required:"true"`   // who may have signed the others' certificates
}

// Validate says which files cannot be read.
func (f TLSFiles) Validate() []error {
	var faults []error
	for _, file := range []struct{ name, path string }{
		{"INFRA_MIND_TLS_CERT_FILE", f.Certificate}, {"INFRA_MIND_TLS_KEY_FILE", f.Key}, {"INFRA_MIND_TLS_CA_FILE", f.Authorities},
	} {
		if file.path == "" {
			continue // which is a fault already
		}
		if _, err := os.ReadFile(file.path); err != nil {
			faults = append(faults, fmt.Errorf("%s cannot be read: %w", file.name, err))
		}
	}
	return faults
}

// TLS is the network between processes, as one service is on it: mutual TLS 1.3 in
// which both sides prove by a certificate which service they are. It is what Memory
// is inside a process.
type TLS struct {
	service string
	files   TLSFiles
	clock   clockwork.Clock
	log     *slog.Logger

	mu       sync.Mutex // held while the files are looked at, so that one handshake does it for all
	current  *credential
	read     state  // of the files that current was read from
	faulty   *state // of files that were not in order, which has been logged
	lookedAt time.Time
}

// LoadTLS reads the files. The certificate must identify the service.
func LoadTLS(service string, files TLSFiles, clock clockwork.Clock, log *slog.Logger) (*TLS, error) {
	t := &TLS{service: service, files: files, clock: clock, log: log}
	if err := t.load(clock.Now()); err != nil {
		return nil, fmt.Errorf("%s cannot prove who it is: %w", service, err)
	}
	return t, nil
}

// Dial returns a connection on which this service calls the service to, at a host
// and port. When the host has several addresses, calls go to each in turn. It
// connects at the first call, so to need not listen yet.
func (t *TLS) Dial(to, address string, c ClientConfig) (*grpc.ClientConn, error) {
	if !admitted(t.service, to) {
		return nil, fmt.Errorf("%s may not call %q", t.service, to)
	}
	if host, _, err := net.SplitHostPort(address); err != nil || host == "" {
		return nil, fmt.Errorf("the address of %s must be host:port, not %q", to, address)
	}
	options, err := clientOptions(t.service, c)
	if err != nil {
		return nil, err
	}
	overNetwork, err := networkDialOptions()
	if err != nil {
		return nil, err
	}
	options = append(options, overNetwork...)
	options = append(options, grpc.WithTransportCredentials(t.credentials(to, c.Telemetry.Log)))
	return grpc.NewClient("dns:///"+address, options...)
}

// credential is what the files say now, or said when they were last in order.
func (t *TLS) credential() *credential {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if now.Sub(t.lookedAt) < lookAgain {
		return t.current
	}
	t.lookedAt = now
	seen := t.look()
	if seen.same(t.read) {
		return t.current
	}
	if err := t.load(now); err != nil {
		// A certificate and its key cannot be replaced in one go, so this may be
		// over at the next look. What is wrong for longer is said once.
		if t.faulty == nil || !seen.same(*t.faulty) {
			t.faulty = &seen
			t.log.Warn("keeping the certificate in use: the new files are not in order", slog.Any("error", err))
		}
		return t.current
	}
	t.log.Info("certificate replaced", slog.Time("expires", t.current.pair.Leaf.NotAfter))
	return t.current
}

// load looks at the files before it reads them, so that a change in between is one
// at the next look.
func (t *TLS) load(now time.Time) error {
	read := t.look()
	loaded, err := readCredential(t.service, t.files, now)
	if err != nil {
		return err
	}
	t.current, t.read, t.faulty = loaded, read, nil
	return nil
}

// state tells files apart from what they were before, without reading them.
type state [3]os.FileInfo

// look has nil for a file that cannot be looked at.
func (t *TLS) look() state {
	var s state
	for i, path := range []string{t.files.Certificate, t.files.Key, t.files.Authorities} {
		if info, err := os.Stat(path); err == nil {
			s[i] = info
		}
	}
	return s
}

// same compares the files themselves too: one with the same size and time may have
// been put in another's place.
func (s state) same(as state) bool {
	for i, a := range s {
		b := as[i]
		if (a == nil) != (b == nil) {
			return false
		}
		if a != nil && (!os.SameFile(a, b) || a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime())) {
			return false
		}
	}
	return true
}
