package authority

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/inframind/inframind/pkg/rpc"
)

const (
	// trustDomain is where the platform's services have their names.
	trustDomain = "inframind"
	// skew is how far the clock of another machine may be behind this one's.
	skew = 5 * time.Minute
)

// Certificate is what a service was given.
type Certificate struct {
	Service string
	Ends    time.Time
	Files   rpc.TLSFiles // in the service's folder
}

// Certify gives each of the services a new key and certificate for a number of days,
// in the place of those it had. A process that runs on them goes over to the new ones.
func (a *Authority) Certify(days int, services ...string) ([]Certificate, error) {
	ends := a.now.AddDate(0, 0, days)
	switch {
	case days < 1:
		return nil, fmt.Errorf("a certificate must last a day or more, not %d", days)
	case ends.After(a.Ends()):
		return nil, fmt.Errorf("%d days are more than the authority itself has: it ends on %s", days, day(a.Ends()))
	}
	for _, service := range services {
		if !slices.Contains(rpc.Services(), service) {
			return nil, fmt.Errorf("%q is no service of the platform; it has %s", service, strings.Join(rpc.Services(), ", "))
		}
	}
	certificates := make([]Certificate, len(services))
	for i, service := range services {
		folder := filepath.Join(a.folder, service)
		certificates[i] = Certificate{Service: service, Ends: ends, Files: rpc.TLSFiles{
			Certificate: filepath.Join(folder, "tls.crt"),
			Key:         filepath.Join(folder, "tls.key"),
			Authorities: filepath.Join(folder, certFile),
		}}
		if err := a.write(certificates[i]); err != nil {
			return certificates[:i], fmt.Errorf("certify %s: %w", service, err)
		}
	}
	return certificates, nil
}

func (a *Authority) write(c Certificate) error {
	key, keyText, err := newKey()
	if err != nil {
		return err
	}
	serial, err := serialNumber()
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Organization: []string{"InfraMind"}, CommonName: "service " + c.Service},
		NotBefore:    a.now.Add(-skew), NotAfter: c.Ends,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		URIs:                  []*url.URL{{Scheme: "spiffe", Host: trustDomain, Path: "/" + c.Service}},
	}, a.pair.Leaf, &key.PublicKey, a.pair.PrivateKey)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.Files.Certificate), 0o700); err != nil {
		return err
	}
	for _, f := range []struct {
		path string
		text []byte
		mode os.FileMode
	}{
		{c.Files.Authorities, certPEM(a.pair.Certificate[0]), 0o644},
		{c.Files.Key, keyText, 0o600},
		{c.Files.Certificate, certPEM(der), 0o644},
	} {
		if err := replace(f.path, f.text, f.mode); err != nil {
			return err
		}
	}
	return nil
}
