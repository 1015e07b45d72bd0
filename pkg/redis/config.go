package redis

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/inframind/inframind/pkg/config"
)

// Mode is how the servers are set up.
type Mode string

// The modes.
const (
	Single   Mode = "single"   // one server
	Sentinel Mode = "sentinel" // a master, which sentinels name and replace
	Cluster  Mode = "cluster"  // the keys spread over several masters
)

// Config says where Redis is and how long to wait for it. Load it with config.Load,
// which sets the defaults.
type Config struct {
	Host string `env:"REDIS_HOST"`
	Port int    `env:"REDIS_PORT" default:"6379"`

	Mode      Mode     `env:"INFRA_MIND_REDIS_MODE" default:"single"`
	Addresses []string `env:"INFRA_MIND_REDIS_ADDRESSES"` // host:port of sentinels or of nodes, if there is more to start from than Host
	Master    string   `env:"INFRA_MIND_REDIS_MASTER"`    // the name the sentinels have for the master
	Database  int      `env:"INFRA_MIND_REDIS_DATABASE" default:"0"`

	Username         string        `env:"INFRA_MIND_REDIS_USERNAME"`
	Password         config.Secret `env:"INFRA_MIND_REDIS_PASSWORD"`
	SentinelUsername string        `env:"INFRA_MIND_REDIS_SENTINEL_USERNAME"`
	SentinelPassword config.Secret `env:"INFRA_MIND_REDIS_SENTINEL_PASSWORD"`

	TLS TLSConfig

	// A request waits for Redis more than once on its way. These times are far above
	// what a healthy server takes and low enough for the request to be answered, with
	// a refusal, while its client still listens.
	Timeout     time.Duration `env:"INFRA_MIND_REDIS_TIMEOUT" default:"250ms"`      // of one read or write, and of the wait for a connection
	DialTimeout time.Duration `env:"INFRA_MIND_REDIS_DIAL_TIMEOUT" default:"500ms"` // of a new connection
	Connections int           `env:"INFRA_MIND_REDIS_CONNECTIONS" default:"64"`     // at most, to each server
}

const (
	// retries is one: it covers a connection that broke and a master that is being
	// replaced. A server that hangs is waited for twice and no longer.
	retries         = 1
	minRetryBackoff = 8 * time.Millisecond
	maxRetryBackoff = 64 * time.Millisecond

	// idleTime closes what a peak has opened.
	idleTime = 5 * time.Minute
)

// Validate says what is wrong with the settings.
func (c Config) Validate() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if c.Host == "" && len(c.Addresses) == 0 {
		fault("REDIS_HOST must be set")
	}
	if c.Port < 1 || c.Port > 65535 {
		fault("REDIS_PORT must be between 1 and 65535")
	}
	switch c.Mode {
	case Single:
		if len(c.Addresses) > 0 {
			fault("INFRA_MIND_REDIS_ADDRESSES is for the modes sentinel and cluster; a single server has REDIS_HOST and REDIS_PORT")
		}
	case Sentinel:
		if c.Master == "" {
			fault("INFRA_MIND_REDIS_MASTER must be set in the mode sentinel")
		}
	case Cluster:
		if c.Database != 0 {
			fault("INFRA_MIND_REDIS_DATABASE must be 0 in the mode cluster, which has no other")
		}
	default:
		fault("INFRA_MIND_REDIS_MODE must be single, sentinel or cluster")
	}
	for i, address := range c.Addresses {
		if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
			fault("INFRA_MIND_REDIS_ADDRESSES must be a list of host:port; item %d is not", i+1)
		}
	}
	if c.Master != "" && c.Mode != Sentinel {
		fault("INFRA_MIND_REDIS_MASTER is for the mode sentinel")
	}
	if c.Database < 0 {
		fault("INFRA_MIND_REDIS_DATABASE must not be negative")
	}
	if c.Username != "" && c.Password.IsZero() {
		fault("INFRA_MIND_REDIS_PASSWORD must be set, as INFRA_MIND_REDIS_USERNAME is")
	}
	if c.SentinelUsername != "" && c.SentinelPassword.IsZero() {
		fault("INFRA_MIND_REDIS_SENTINEL_PASSWORD must be set, as INFRA_MIND_REDIS_SENTINEL_USERNAME is")
	}
	return append(faults, c.validateLimits()...)
}

func (c Config) validateLimits() []error {
	var faults []error
	if c.Timeout < time.Millisecond {
		faults = append(faults, errors.New("INFRA_MIND_REDIS_TIMEOUT must be at least 1ms"))
	}
	if c.DialTimeout < time.Millisecond {
		faults = append(faults, errors.New("INFRA_MIND_REDIS_DIAL_TIMEOUT must be at least 1ms"))
	}
	if c.Connections < 1 {
		faults = append(faults, errors.New("INFRA_MIND_REDIS_CONNECTIONS must be at least 1"))
	}
	return faults
}

func (c Config) addresses() []string {
	if len(c.Addresses) > 0 {
		return c.Addresses
	}
	return []string{net.JoinHostPort(c.Host, strconv.Itoa(c.Port))}
}

func (c Config) options() (*goredis.UniversalOptions, error) {
	encryption, err := c.TLS.load()
	if err != nil {
		return nil, err
	}
	return &goredis.UniversalOptions{
		Addrs:         c.addresses(),
		IsClusterMode: c.Mode == Cluster,
		MasterName:    c.Master,
		DB:            c.Database,

		Username:         c.Username,
		Password:         c.Password.Reveal(),
		SentinelUsername: c.SentinelUsername,
		SentinelPassword: c.SentinelPassword.Reveal(),
		TLSConfig:        encryption,

		DialTimeout:           c.DialTimeout,
		DialerRetries:         1,
		ReadTimeout:           c.Timeout,
		WriteTimeout:          c.Timeout,
		ContextTimeoutEnabled: true, // a caller with less time waits less
		MaxRetries:            retries,
		MinRetryBackoff:       minRetryBackoff,
		MaxRetryBackoff:       maxRetryBackoff,

		PoolSize:         c.Connections,
		MaxActiveConns:   c.Connections,
		PoolTimeout:      c.Timeout,
		PipelinePoolSize: -1, // nothing is pipelined
		ConnMaxIdleTime:  idleTime,

		// What the client would say about itself, and what it would like to be told,
		// are commands that a narrow access list refuses.
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}, nil
}
