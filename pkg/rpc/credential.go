package rpc

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// credential is what a process shows on the network and whom it believes, as the
// files said at one moment.
type credential struct {
	pair        tls.Certificate
	authorities *x509.CertPool
}

// readCredential reads the files and refuses what the other side would refuse: a
// fault that shows here is one line in this process's log, and not one in all others'.
func readCredential(service string, files TLSFiles, now time.Time) (*credential, error) {
	bundle, err := os.ReadFile(files.Authorities)
	if err != nil {
		return nil, fmt.Errorf("INFRA_MIND_TLS_CA_FILE: %w", err)
	}
	c := &credential{}
	if c.authorities, err = authorities(bundle); err != nil {
		return nil, fmt.Errorf("INFRA_MIND_TLS_CA_FILE: %s: %w", files.Authorities, err)
	}
	if c.pair, err = tls.LoadX509KeyPair(files.Certificate, files.Key); err != nil {
		return nil, fmt.Errorf("INFRA_MIND_TLS_CERT_FILE and INFRA_MIND_TLS_KEY_FILE: %w", err)
	}
	if err := c.check(service, now); err != nil {
		return nil, fmt.Errorf("INFRA_MIND_TLS_CERT_FILE: %s: %w", files.Certificate, err)
	}
	return c, nil
}

// authorities reads every certificate of a bundle or none. The pool's own reader
// passes over what it cannot read, and a bundle that was cut short would quietly
// believe fewer than it should.
func authorities(bundle []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	blocks := bytes.Count(bundle, []byte("-----BEGIN "))
	if blocks == 0 {
		return nil, errors.New("it has no certificate")
	}
	for range blocks {
		var block *pem.Block
		if block, bundle = pem.Decode(bundle); block == nil {
			return nil, errors.New("it is damaged or cut short")
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it has a %s, which is no certificate", block.Type)
		}
		authority, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if !authority.IsCA {
			return nil, fmt.Errorf("%s is not an authority's certificate", authority.Subject)
		}
		pool.AddCert(authority)
	}
	return pool, nil
}

// check wants the certificate to prove this service's identity at either end of a
// connection.
func (c *credential) check(service string, now time.Time) error {
	chain, err := parseChain(c.pair.Certificate)
	if err != nil {
		return err
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		if err := c.verify(chain, usage, now); err != nil {
			return err
		}
	}
	named, err := serviceIn(chain[0])
	if err != nil {
		return err
	}
	if named != service {
		return fmt.Errorf("it is the certificate of %s, and this is %s", named, service)
	}
	return nil
}

func parseChain(der [][]byte) ([]*x509.Certificate, error) {
	chain := make([]*x509.Certificate, len(der))
	for i := range der {
		parsed, err := x509.ParseCertificate(der[i])
		if err != nil {
			return nil, err
		}
		chain[i] = parsed
	}
	return chain, nil
}

// verify follows a chain, leaf first, to one of the authorities. The name on the
// leaf is for serviceIn to read.
func (c *credential) verify(chain []*x509.Certificate, usage x509.ExtKeyUsage, now time.Time) error {
	between := x509.NewCertPool()
	for _, link := range chain[1:] {
		between.AddCert(link)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         c.authorities,
		Intermediates: between,
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{usage},
	})
	return err
}

// serviceIn is the service that a certificate identifies. It must name one and
// nothing else by URI: of two names either could be meant.
func serviceIn(cert *x509.Certificate) (string, error) {
	if cert.IsCA {
		return "", errors.New("an authority's certificate identifies no service")
	}
	if len(cert.URIs) != 1 {
		return "", fmt.Errorf("a certificate must have exactly one URI name, and this one (serial %x) has %d", cert.SerialNumber, len(cert.URIs))
	}
	service, ok := serviceOf(cert.URIs[0].String())
	if !ok {
		return "", fmt.Errorf("%q is no service of the platform", clip(cert.URIs[0].String()))
	}
	return service, nil
}

// clip bounds what a stranger can put into the log.
func clip(s string) string {
	const most = 256
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
