package standalone

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/inframind/inframind/deploy/standalone/internal/secrets"
	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/services/assessment"
	"github.com/inframind/inframind/services/auth"
	"github.com/inframind/inframind/services/dashboard"
	"github.com/inframind/inframind/services/recommendation"
)

// settings is what the process reads from its environment: the settings of every
// part, by the same names as when each is a process of its own.
type settings struct {
	Auth           auth.Config
	Assessment     assessment.Config
	Recommendation recommendation.Config
	Dashboard      dashboard.Config
	Gateway        gateway.Config

	Environment  config.Environment `env:"ENVIRONMENT" required:"true"`
	LogLevel     slog.Level         `env:"INFRA_MIND_LOG_LEVEL" default:"INFO"`
	OTLPEndpoint string             `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	OTLPProtocol string             `env:"OTEL_EXPORTER_OTLP_PROTOCOL" default:"http/protobuf"`
}

const signingSeal = "JWT_SECRET_KEY"

// secretSource gives the setting that holds a secret which the environment lacks.
type secretSource func(folder, name string) (setting string, err error)

// load reads the settings. What the environment does not say, this process
// decides: it is for development unless told otherwise, and its databases and
// secrets are in its data folder.
func load(o Options, source secretSource) (settings, error) {
	environ := slices.DeleteFunc(slices.Clone(o.Environ), func(setting string) bool {
		name, value, _ := strings.Cut(setting, "=")
		return value == "" || name == "INFRA_MIND_DATA_DIR"
	})
	environ = append(environ, "INFRA_MIND_DATA_DIR="+o.DataDir)
	if !has(environ, "ENVIRONMENT") {
		environ = append(environ, "ENVIRONMENT="+string(config.Development))
	}
	if !has(environ, signingSeal) && !has(environ, signingSeal+"_FILE") {
		setting, err := source(filepath.Join(o.DataDir, "secrets"), signingSeal)
		if err != nil {
			return settings{}, err
		}
		environ = append(environ, setting)
	}
	var s settings
	err := config.Load(&s, environ)
	return s, err
}

func has(environ []string, name string) bool {
	return slices.ContainsFunc(environ, func(setting string) bool { return strings.HasPrefix(setting, name+"=") })
}

// makeSecrets makes the secret's file on the first start.
func makeSecrets(folder, name string) (string, error) {
	path, err := secrets.File(folder, name, rand.Reader)
	return name + "_FILE=" + path, err
}

// checkSecrets leaves a secret that has not been made yet to the first start.
func checkSecrets(folder, name string) (string, error) {
	path := filepath.Join(folder, name)
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return name + "=" + rand.Text() + rand.Text(), nil
	}
	if err != nil {
		return "", fmt.Errorf("look for a secret: %w", err)
	}
	return makeSecrets(folder, name) // It is there: only its mode is looked at.
}
