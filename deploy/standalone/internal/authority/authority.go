// Package authority is a certificate authority in a folder, for development: it lets
// the platform's services prove to each other who they are, without a public key
// infrastructure of one's own.
//
//	ca.crt, ca.key           the authority; made once, never replaced
//	<service>/tls.crt        the service's certificate
//	<service>/tls.key        its key
//	<service>/ca.crt         whom the service believes
//
// A service needs its own folder and nothing else. Whoever has ca.key can be any
// service.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// years is how long an authority lasts. It serves development, where nobody would
// remember to replace it.
const years = 10

// The authority's files.
const (
	certFile = "ca.crt"
	keyFile  = "ca.key"
)

// Authority signs certificates of services.
type Authority struct {
	Made bool // just now; false: it was there

	folder string
	pair   tls.Certificate
	now    time.Time
}

// Open opens the authority in folder, and makes one when there is none. What is there
// and cannot be used is a fault, because all services would have to leave an
// authority that is replaced.
func Open(folder string, now time.Time) (*Authority, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the authority's folder: %w", err)
	}
	a := &Authority{folder: folder, now: now}
	cert, key := filepath.Join(folder, certFile), filepath.Join(folder, keyFile)
	hasCert, hasKey := exists(cert), exists(key)
	if !hasCert && !hasKey {
		a.Made = true
		if err := a.make(cert, key); err != nil {
			return nil, fmt.Errorf("make an authority: %w", err)
		}
	} else if !hasCert || !hasKey {
		return nil, fmt.Errorf("%s must have both %s and %s of an authority, or neither; it has one", folder, certFile, keyFile)
	}
	var err error
	if a.pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
		return nil, fmt.Errorf("open the authority in %s: %w", folder, err)
	}
	if err := a.check(key); err != nil {
		return nil, fmt.Errorf("the authority in %s cannot be used: %w", folder, err)
	}
	return a, nil
}

// exists is true also of what cannot be looked at: it must not be replaced.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func (a *Authority) check(key string) error {
	info, err := os.Stat(key)
	switch {
	case err != nil:
		return err
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s is readable by others (mode %04o); it must be 0600", key, info.Mode().Perm())
	case !a.pair.Leaf.IsCA:
		return fmt.Errorf("%s is not the certificate of an authority", certFile)
	case a.now.After(a.pair.Leaf.NotAfter):
		return fmt.Errorf("it ended on %s; move %s and %s away to make a new one", day(a.Ends()), certFile, keyFile)
	default:
		return nil
	}
}

// Ends is when the authority is no longer believed.
func (a *Authority) Ends() time.Time { return a.pair.Leaf.NotAfter }

// File is the authority's certificate.
func (a *Authority) File() string { return filepath.Join(a.folder, certFile) }

func (a *Authority) make(cert, key string) error {
	private, keyText, err := newKey()
	if err != nil {
		return err
	}
	serial, err := serialNumber()
	if err != nil {
		return err
	}
	everywhere := []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}
	itself := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{Organization: []string{"InfraMind"}, CommonName: "development authority " + a.now.UTC().Format(time.DateOnly)},
		NotBefore:    a.now.Add(-skew), NotAfter: a.now.AddDate(years, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		// It can name services of the platform and nothing else: a browser that was
		// made to believe it would still not believe any web site by it.
		PermittedDNSDomainsCritical: true, // of all of these, whatever its name says
		PermittedURIDomains:         []string{trustDomain},
		ExcludedDNSDomains:          []string{""},
		ExcludedEmailAddresses:      []string{""},
		ExcludedIPRanges:            everywhere,
	}
	der, err := x509.CreateCertificate(rand.Reader, itself, itself, &private.PublicKey, private)
	if err != nil {
		return err
	}
	if err := keep(key, keyText); err != nil {
		return err
	}
	return keep(cert, certPEM(der))
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	text, err := keyPEM(key)
	return key, text, err
}

// serialNumber is one that no other certificate has.
func serialNumber() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
