package auth

import (
	"fmt"
	"unicode/utf8"

	"github.com/inframind/inframind/pkg/config"
)

const (
	// minSecret is in characters. The secret seals the signing keys: who guesses it
	// and has the database signs tokens as anyone.
	minSecret = 32

	// bcrypt's rounds are powers of two: 10 takes about 60 ms of a core, 12 takes
	// 230 ms, 15 takes two seconds, which is as long as anyone waits.
	minRounds           = 10
	minProductionRounds = 12
	maxRounds           = 15
)

// Config is the service's settings.
type Config struct {
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
	DataDir     string             `env:"INFRA_MIND_DATA_DIR" required:"true"` // where auth.db is kept

	// SecretKey is what the signing keys are sealed under. While it is being changed
	// the former one stands beside it.
	SecretKey         config.Secret `env:"JWT_SECRET_KEY" required:"true"`
	PreviousSecretKey config.Secret `env:"JWT_SECRET_KEY_PREVIOUS"`

	BcryptRounds int `env:"BCRYPT_ROUNDS" default:"12"`
}

// Validate says everything that is wrong. It shows no secret, only how long one is.
func (c Config) Validate() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	production := c.Environment == config.Production
	if !production && c.Environment != config.Development {
		fault("ENVIRONMENT must be %s or %s", config.Development, config.Production)
	}
	if c.DataDir == "" {
		fault("INFRA_MIND_DATA_DIR must be set")
	}
	if n := length(c.SecretKey); n < minSecret {
		fault("JWT_SECRET_KEY must have at least %d characters; it has %d", minSecret, n)
	}
	if n := length(c.PreviousSecretKey); n > 0 && n < minSecret {
		fault("JWT_SECRET_KEY_PREVIOUS must have at least %d characters; it has %d", minSecret, n)
	}
	switch rounds := c.BcryptRounds; {
	case rounds < minRounds || rounds > maxRounds:
		fault("BCRYPT_ROUNDS must be from %d to %d; it is %d", minRounds, maxRounds, rounds)
	case production && rounds < minProductionRounds:
		fault("BCRYPT_ROUNDS must be at least %d in production; it is %d", minProductionRounds, rounds)
	}
	return faults
}

func length(s config.Secret) int { return utf8.RuneCountInString(s.Reveal()) }
