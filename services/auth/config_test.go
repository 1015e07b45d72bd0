package auth_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/services/auth"
)

const secret = "correct-horse-battery-staple-0123456789"

// environ is a good environment with some settings changed.
func environ(changes ...string) []string {
	good := []string{"ENVIRONMENT=production", "INFRA_MIND_DATA_DIR=/var/lib/inframind", "JWT_SECRET_KEY=" + secret}
	return append(changes, good...) // the first of two settings counts
}

func TestASoundConfigurationIsReadWithItsDefaults(t *testing.T) {
	var c auth.Config
	if err := config.Load(&c, environ()); err != nil {
		t.Fatal(err)
	}
	if c.Environment != config.Production || c.DataDir != "/var/lib/inframind" || c.BcryptRounds != 12 ||
		c.SecretKey.Reveal() != secret || !c.PreviousSecretKey.IsZero() {
		t.Errorf("read %+v", c)
	}
}

func TestAConfigurationIsRefusedForEachFault(t *testing.T) {
	for _, c := range []struct {
		name    string
		environ []string
		want    []string // how each fault begins; none: it is sound
	}{
		{"nothing is set", nil, []string{"ENVIRONMENT ", "INFRA_MIND_DATA_DIR ", "JWT_SECRET_KEY "}},
		{"a missing secret", environ("JWT_SECRET_KEY="), []string{"JWT_SECRET_KEY "}},
		{"a secret of 31 characters", environ("JWT_SECRET_KEY=" + secret[:31]), []string{"JWT_SECRET_KEY "}},
		{"a secret of 32 characters", environ("JWT_SECRET_KEY=" + secret[:32]), nil},
		{"a secret of 31 letters in 62 bytes", environ("JWT_SECRET_KEY=" + strings.Repeat("ж", 31)), []string{"JWT_SECRET_KEY "}},
		{"a previous secret", environ("JWT_SECRET_KEY_PREVIOUS=" + secret[1:]), nil},
		{"a short previous secret", environ("JWT_SECRET_KEY_PREVIOUS=" + secret[:31]), []string{"JWT_SECRET_KEY_PREVIOUS "}},
		{"a misspelt environment", environ("ENVIRONMENT=prod"), []string{"ENVIRONMENT "}},
		{"11 rounds in production", environ("BCRYPT_ROUNDS=11"), []string{"BCRYPT_ROUNDS "}},
		{"10 rounds in development", environ("BCRYPT_ROUNDS=10", "ENVIRONMENT=development"), nil},
		{"9 rounds in development", environ("BCRYPT_ROUNDS=9", "ENVIRONMENT=development"), []string{"BCRYPT_ROUNDS "}},
		{"15 rounds", environ("BCRYPT_ROUNDS=15"), nil},
		{"16 rounds", environ("BCRYPT_ROUNDS=16"), []string{"BCRYPT_ROUNDS "}},
		{"rounds that are no number", environ("BCRYPT_ROUNDS=many"), []string{"BCRYPT_ROUNDS "}},
		{
			"all at once",
			[]string{"ENVIRONMENT=production", "JWT_SECRET_KEY=" + secret[:20], "JWT_SECRET_KEY_PREVIOUS=" + secret[:10], "BCRYPT_ROUNDS=11"},
			[]string{"INFRA_MIND_DATA_DIR ", "JWT_SECRET_KEY ", "JWT_SECRET_KEY_PREVIOUS ", "BCRYPT_ROUNDS "},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := config.Load(&auth.Config{}, c.environ)
			var lines []string
			if err != nil {
				lines = strings.Split(err.Error(), "\n")
			}
			if !slices.EqualFunc(lines, c.want, strings.HasPrefix) {
				t.Errorf("faults %q, want those of %q", lines, c.want)
			}
			for _, line := range lines {
				if strings.Contains(line, secret[:10]) || strings.Contains(line, "ж") {
					t.Errorf("%q shows a secret", line)
				}
			}
		})
	}
}

// The standalone process makes the configuration itself.
func TestAServiceIsNotStartedWithAFaultyConfiguration(t *testing.T) {
	dir := t.TempDir()
	_, err := auth.New(t.Context(), auth.Config{DataDir: dir, SecretKey: config.NewSecret("short")}, auth.Deps{})
	var faults *config.Faults
	if !errors.As(err, &faults) || len(faults.List) != 3 {
		t.Errorf("New = %v, want faults of ENVIRONMENT, JWT_SECRET_KEY and BCRYPT_ROUNDS", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it left %v, %v", files, err)
	}
}
