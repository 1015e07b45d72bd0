package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLSConfig says how the connection is encrypted. The settings that name files are
// paths of PEM files.
type TLSConfig struct {
	Enabled     bool   `env:"INFRA_MIND_REDIS_TLS"`
	Authorities string `env:"INFRA_MIND_REDIS_TLS_CA"`          // who may have signed the server's certificate; not set: the system's
	Certificate string `env:"INFRA_MIND_REDIS_TLS_CERTIFICATE"` // ours, if the server asks for one
	Key         string `env:"INFRA_MIND_REDIS_TLS_KEY"`         // of that certificate
}

// Validate says what is wrong with the settings.
func (c TLSConfig) Validate() []error {
	var faults []error
	if !c.Enabled && c != (TLSConfig{}) {
		faults = append(faults, errors.New("INFRA_MIND_REDIS_TLS must be true for the other INFRA_MIND_REDIS_TLS_ settings to mean anything"))
	}
	if (c.Certificate == "") != (c.Key == "") {
		faults = append(faults, errors.New("INFRA_MIND_REDIS_TLS_CERTIFICATE and INFRA_MIND_REDIS_TLS_KEY must be set together"))
	}
	return faults
}

// load is nil without encryption.
func (c TLSConfig) load() (*tls.Config, error) {
	if !c.Enabled {
		return nil, nil
	}
	loaded := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.Authorities != "" {
		pem, err := os.ReadFile(c.Authorities)
		if err != nil {
			return nil, fmt.Errorf("INFRA_MIND_REDIS_TLS_CA: %w", err)
		}
		loaded.RootCAs = x509.NewCertPool()
		if !loaded.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("INFRA_MIND_REDIS_TLS_CA: the file has no certificate")
		}
	}
	if c.Certificate != "" {
		if _, err := c.pair(); err != nil {
			return nil, err
		}
		// Read for each connection, so that a renewed certificate needs no restart.
		loaded.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.pair() }
	}
	return loaded, nil
}

func (c TLSConfig) pair() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return nil, fmt.Errorf("INFRA_MIND_REDIS_TLS_CERTIFICATE: %w", err)
	}
	return &pair, nil
}
