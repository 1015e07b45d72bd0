package gateway

import (
	"fmt"

	"github.com/inframind/inframind/gateway/internal/clientip"
	"github.com/inframind/inframind/gateway/internal/cross"
	"github.com/inframind/inframind/pkg/config"
)

// Config is what the gateway reads from the environment.
type Config struct {
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
	// CORSOrigins are the origins whose pages may call the gateway, each exactly
	// as a browser sends it. Empty: none.
	CORSOrigins []string `env:"INFRA_MIND_CORS_ORIGINS"`
	// TrustedProxies are the address ranges of the proxies in front of the
	// gateway, whose X-Forwarded-For is believed. Empty: nobody's is.
	TrustedProxies []string `env:"INFRA_MIND_TRUSTED_PROXIES"`
	// RateLimitEnabled counts requests against the limits that methods declare.
	RateLimitEnabled bool `env:"RATE_LIMIT_ENABLED" default:"true"`
}

// Validate says what is wrong with the values together.
func (c Config) Validate() []error {
	var faults []error
	for _, o := range c.CORSOrigins {
		if err := cross.CheckOrigin(o); err != nil {
			faults = append(faults, fmt.Errorf("INFRA_MIND_CORS_ORIGINS %w", err))
		}
	}
	_, wrong := clientip.NewResolver(c.TrustedProxies)
	for _, err := range wrong {
		faults = append(faults, fmt.Errorf("INFRA_MIND_TRUSTED_PROXIES %w", err))
	}
	if c.Environment == config.Production {
		if len(c.CORSOrigins) == 0 {
			faults = append(faults, fmt.Errorf("INFRA_MIND_CORS_ORIGINS must list the origins of the clients in production"))
		}
		if !c.RateLimitEnabled {
			faults = append(faults, fmt.Errorf("RATE_LIMIT_ENABLED must not be false in production"))
		}
	}
	return faults
}
