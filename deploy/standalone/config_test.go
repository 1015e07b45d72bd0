package standalone_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	standalone "github.com/inframind/inframind/deploy/standalone"
	"github.com/inframind/inframind/pkg/config"
)

// secret is long enough to be one.
const secret = "hush-hush-hush-hush-hush-hush-hush"

// faults are what the settings are told to have wrong. A setting that several parts
// read has its fault once for each.
func faults(t *testing.T, folder string, environ ...string) []string {
	t.Helper()
	err := standalone.CheckConfig(standalone.Options{DataDir: folder, Environ: environ})
	if err == nil {
		return nil
	}
	var all *config.Faults
	if !errors.As(err, &all) {
		t.Fatalf("%v is no list of faults", err)
	}
	return strings.Split(err.Error(), "\n")
}

func TestEachFaultOfTheSettingsIsToldByTheNameOfItsVariable(t *testing.T) {
	const app = "INFRA_MIND_CORS_ORIGINS=https://app.example.com"
	for name, c := range map[string]struct {
		environ []string
		want    []string // the beginnings of the faults, in order
	}{
		"nothing is set":            {nil, nil},
		"all that production needs": {[]string{"ENVIRONMENT=production", app, "JWT_SECRET_KEY=" + secret}, nil},
		"a short secret":            {[]string{"JWT_SECRET_KEY=hush-hush-hush-hush-hush-hush-h"}, []string{"JWT_SECRET_KEY must have at least 32"}},
		"a short former secret":     {[]string{"JWT_SECRET_KEY_PREVIOUS=hush-hush"}, []string{"JWT_SECRET_KEY_PREVIOUS must have at least 32"}},
		"an environment of its own": {[]string{"ENVIRONMENT=staging"}, []string{"ENVIRONMENT must be development or production"}},
		"production without limits": {[]string{"ENVIRONMENT=production", app, "RATE_LIMIT_ENABLED=false"}, []string{"RATE_LIMIT_ENABLED must not be false"}},
		"production for any origin": {[]string{"ENVIRONMENT=production", "INFRA_MIND_CORS_ORIGINS=*"}, []string{`INFRA_MIND_CORS_ORIGINS "*"`}},
		"production for no origin":  {[]string{"ENVIRONMENT=production"}, []string{"INFRA_MIND_CORS_ORIGINS must list"}},
		"production with 11 rounds": {[]string{"ENVIRONMENT=production", app, "BCRYPT_ROUNDS=11"}, []string{"BCRYPT_ROUNDS must be at least 12 in production"}},
		"development with 9 rounds": {[]string{"BCRYPT_ROUNDS=9"}, []string{"BCRYPT_ROUNDS must be from 10"}},
		"all at once": {
			[]string{
				"ENVIRONMENT=production", "JWT_SECRET_KEY=hush-hush", "BCRYPT_ROUNDS=11", "INFRA_MIND_CORS_ORIGINS=*",
				"RATE_LIMIT_ENABLED=false", "INFRA_MIND_LOG_LEVEL=loud",
			},
			[]string{"INFRA_MIND_LOG_LEVEL", "JWT_SECRET_KEY", "BCRYPT_ROUNDS", "INFRA_MIND_CORS_ORIGINS", "RATE_LIMIT_ENABLED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "data")
			got := faults(t, folder, c.environ...)
			if len(got) != len(c.want) {
				t.Fatalf("faults %q, want %q", got, c.want)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) || strings.Contains(got[i], "hush") {
					t.Errorf("fault %q, want %q and no secret", got[i], want)
				}
			}
			if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the check made %s: %v", folder, err)
			}
		})
	}
}

func TestAPlatformWithAFaultDoesNotStart(t *testing.T) {
	folder := t.TempDir()
	options := standalone.Options{
		Addr: "127.0.0.1:0", DataDir: folder, Log: io.Discard,
		Environ: []string{"JWT_SECRET_KEY=hush-hush", "BCRYPT_ROUNDS=99"},
	}
	p, err := standalone.Start(t.Context(), options)
	if err == nil {
		t.Fatal(p.Close(), "it started")
	}
	for _, name := range []string{"JWT_SECRET_KEY", "BCRYPT_ROUNDS"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the secret is told: %v", err)
	}
	if made, err := os.ReadDir(folder); err != nil || len(made) != 0 {
		t.Errorf("it made %v, %v", made, err)
	}

	// What has failed holds on to nothing.
	newPlatform(t, func(o *standalone.Options) { o.DataDir = folder })
}

func TestASecondPlatformOnTheSameFolderDoesNotStart(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	second, err := standalone.Start(t.Context(), p.options)
	if err == nil {
		t.Fatal(second.Close(), "it started")
	}
	if !strings.Contains(err.Error(), "another process uses the data folder") {
		t.Errorf("refused with %v", err)
	}
	s.send(t, http.MethodPost, assessments, draft).want(t, http.StatusCreated)
	p.restart(t)
	if pages := s.list(t); len(pages[0]) != 1 {
		t.Errorf("after a restart there are %v", pages)
	}
}

func TestAPlatformWhosePortIsTakenHoldsOnToNothing(t *testing.T) {
	p := newPlatform(t)
	options := p.options
	options.DataDir, options.Addr = t.TempDir(), strings.Replace(p.url, "http://localhost", "127.0.0.1", 1)
	if other, err := standalone.Start(t.Context(), options); err == nil {
		t.Fatal(other.Close(), "it started on a port that is taken")
	}
	options.AnyPort = true
	other, err := standalone.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if other.URL() == p.url {
		t.Errorf("two platforms at %s", p.url)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatThePlatformKeepsIsItsOwnersAlone(t *testing.T) {
	p := newPlatform(t, func(o *standalone.Options) { o.DataDir = filepath.Join(t.TempDir(), "data") })
	p.newSession(t)
	files := 0
	err := filepath.WalkDir(p.options.DataDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %04o", path, info.Mode().Perm())
		}
		if !d.IsDir() {
			files++
		}
		return err
	})
	if err != nil || files < 5 {
		t.Errorf("%d files, %v", files, err)
	}
}
