package config

import "fmt"

// Environment is where the process runs: it decides which faults are forgiven.
type Environment string

// The environments.
const (
	Development Environment = "development"
	Production  Environment = "production"
)

// UnmarshalText accepts the two names and nothing else: a misspelt production must
// not run with what development forgives.
func (e *Environment) UnmarshalText(text []byte) error {
	switch name := Environment(text); name {
	case Development, Production:
		*e = name
		return nil
	default:
		return fmt.Errorf("must be %s or %s", Development, Production)
	}
}
