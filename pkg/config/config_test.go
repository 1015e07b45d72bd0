package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/config"
)

type settings struct {
	Environment config.Environment `env:"ENVIRONMENT" required:"true"`
	Key         config.Secret      `env:"KEY" required:"true"`
	OldKey      config.Secret      `env:"OLD_KEY"`
	Name        string             `env:"NAME" default:"nobody"`
	On          bool               `env:"ON" default:"true"`
	Count       int                `env:"COUNT"`
	Bytes       int64              `env:"BYTES"`
	Share       float64            `env:"SHARE" default:"0.5"`
	Timeout     time.Duration      `env:"TIMEOUT" default:"30s"`
	Origins     []string           `env:"ORIGINS"`
	Proxies     []netip.Prefix     `env:"PROXIES"`
	Level       slog.Level         `env:"LEVEL" default:"INFO"`
	Address     netip.AddrPort     `env:"ADDRESS" default:"127.0.0.1:8080"`
	Nested      nestedSettings
	embedded
	NotASetting func()
}

type nestedSettings struct {
	Rounds int `env:"ROUNDS" default:"12"`
}

func (n nestedSettings) Validate() []error {
	if n.Rounds < 10 {
		return []error{errors.New("ROUNDS must be at least 10")}
	}
	return nil
}

type embedded struct {
	Folder string `env:"FOLDER" default:"./data"`
}

func (s *settings) Validate() []error {
	var faults []error
	if s.Count > 100 {
		faults = append(faults, errors.New("COUNT must be at most 100"))
	}
	if len(s.Key.Reveal()) < 4 {
		faults = append(faults, errors.New("KEY must have 4 characters or more"))
	}
	return faults
}

func load(t *testing.T, environ ...string) (settings, []string) {
	t.Helper()
	var s settings
	err := config.Load(&s, environ)
	var faults *config.Faults
	switch {
	case err == nil:
		return s, nil
	case !errors.As(err, &faults):
		t.Fatalf("%T is not *Faults: %v", err, err)
	}
	if len(strings.Split(err.Error(), "\n")) != len(faults.List) {
		t.Errorf("not one fault a line: %s", err)
	}
	return s, strings.Split(err.Error(), "\n")
}

var valid = []string{"ENVIRONMENT=production", "KEY=opensesame"}

func TestEveryTypeIsRead(t *testing.T) {
	got, faults := load(t, append(valid, "NAME=a=b", "ON=false", "COUNT=-3", "BYTES=9000000000", "SHARE=1.5e-3",
		"TIMEOUT=2m", "ORIGINS=https://a , https://b", "PROXIES=10.0.0.0/8,::1/128", "LEVEL=DEBUG", "ADDRESS=[::1]:9",
		"ROUNDS=14", "FOLDER=/srv", "OLD_KEY=old")...)
	if faults != nil {
		t.Fatal(faults)
	}
	if got.Key.Reveal() != "opensesame" || got.OldKey.Reveal() != "old" {
		t.Errorf("keys %q, %q", got.Key.Reveal(), got.OldKey.Reveal())
	}
	got.Key, got.OldKey = config.Secret{}, config.Secret{}
	want := settings{
		Environment: config.Production, Name: "a=b", Count: -3, Bytes: 9_000_000_000, Share: 0.0015,
		Timeout: 2 * time.Minute, Origins: []string{"https://a", "https://b"},
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Level:   slog.LevelDebug, Address: netip.MustParseAddrPort("[::1]:9"),
		Nested: nestedSettings{14}, embedded: embedded{"/srv"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWhatIsNotSetHasItsDefault(t *testing.T) {
	for _, environ := range [][]string{valid, append(valid, "NAME=", "TIMEOUT=", "ROUNDS=")} {
		got, faults := load(t, environ...)
		if faults != nil || got.Name != "nobody" || !got.On || got.Timeout != 30*time.Second || got.Nested.Rounds != 12 ||
			got.Folder != "./data" || got.Address.Port() != 8080 || got.Count != 0 || got.Origins != nil || !got.OldKey.IsZero() {
			t.Errorf("got %+v, %v", got, faults)
		}
	}
}

func TestAllFaultsAreToldAtOnceInTheOrderOfTheFields(t *testing.T) {
	_, got := load(t, "ENVIRONMENT=prod", "ON=maybe", "COUNT=7.5", "BYTES=99999999999999999999", "SHARE=NaN", "TIMEOUT=30",
		"ORIGINS=a,,b", "PROXIES=10.0.0.0/8,x", "LEVEL=loud", "ADDRESS=localhost", "ROUNDS=5")
	want := []string{
		"ENVIRONMENT must be development or production",
		"KEY must be set",
		"ON must be true or false",
		"COUNT must be a whole number",
		"BYTES must be a whole number",
		"SHARE must be a finite number",
		"TIMEOUT must be a duration such as 30s or 5m",
		"ORIGINS must be a list, separated by commas, without an empty item",
		"PROXIES must be a list, separated by commas; item 2 must be a netip.Prefix",
		"LEVEL must be a log level such as INFO",
		"ADDRESS must be an address with a port such as 127.0.0.1:8080",
		"ROUNDS must be at least 10", // KEY and its length are not told twice
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestValidateIsAskedAfterwards(t *testing.T) {
	_, got := load(t, "ENVIRONMENT=development", "KEY=abc", "COUNT=101")
	if want := []string{"COUNT must be at most 100", "KEY must have 4 characters or more"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestTheFirstOfTwoSettingsCountsAsForTheSystem(t *testing.T) {
	got, _ := load(t, append(valid, "NAME=first", "NAME=second")...)
	if got.Name != "first" {
		t.Errorf("got %s", got.Name)
	}
}

func TestASecretMayStandInAFile(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"opensesame", "opensesame"},
		{"opensesame\n", "opensesame"},
		{"opensesame\r\n", "opensesame"},
		{" open\nsesame\n\n", " open\nsesame\n"},
	} {
		got, faults := load(t, "ENVIRONMENT=production", "KEY_FILE="+file(t, c.content))
		if faults != nil || got.Key.Reveal() != c.want {
			t.Errorf("%q: %q, %v", c.content, got.Key.Reveal(), faults)
		}
	}
}

func TestASecretFileThatIsNoUseIsAFault(t *testing.T) {
	good := file(t, "opensesame")
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"both":        {[]string{"KEY=opensesame", "KEY_FILE=" + good}, "KEY and KEY_FILE are both set"},
		"not there":   {[]string{"KEY_FILE=" + good + "x"}, "KEY cannot be read from the file that KEY_FILE names: no such file or directory"},
		"a folder":    {[]string{"KEY_FILE=" + filepath.Dir(good)}, "KEY cannot be read from the file that KEY_FILE names: is a directory"},
		"empty":       {[]string{"KEY_FILE=" + file(t, "\n")}, "KEY cannot be read from the file that KEY_FILE names: it is empty"},
		"too large":   {[]string{"KEY_FILE=" + file(t, strings.Repeat("x", 1<<17))}, "KEY cannot be read from the file that KEY_FILE names: it has more than 65536 bytes"},
		"unread name": {[]string{"NAME_FILE=" + good}, "KEY must be set"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := load(t, append(c.environ, "ENVIRONMENT=production")...); len(got) != 1 || got[0] != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestFaultsCanBeLookedInto(t *testing.T) {
	mine := errors.New("NAME is taken")
	if err := config.Load(&picky{err: mine}, nil); !errors.Is(err, mine) {
		t.Errorf("got %v", err)
	}
}

type picky struct{ err error }

func (p *picky) Validate() []error { return []error{p.err} }

func TestStructsThatCannotBeFilledAreFaults(t *testing.T) {
	for _, into := range []any{
		nil,
		settings{},
		new(int),
		&struct {
			hidden string `env:"HIDDEN"`
		}{},
		&struct {
			Channel chan int `env:"CHANNEL"`
		}{},
	} {
		if err := config.Load(into, []string{"HIDDEN=x", "CHANNEL=x"}); err == nil {
			t.Errorf("%T was filled", into)
		}
	}
}

func FuzzLoadNeverPanicsNorShowsASecret(f *testing.F) {
	f.Add("production", "5", "30s", "a,b", "127.0.0.1:80")
	f.Add("prod", "x", "30", ",", "localhost")
	f.Add("\x00", "-0x1p-2", "1h-", "\xff,é", "[::1%eth0]:1")
	f.Fuzz(func(t *testing.T, environment, number, duration, list, address string) {
		const secret = "Hunter2-Hunter2-Hunter2"
		var s settings
		err := config.Load(&s, []string{
			"ENVIRONMENT=" + environment, "KEY=" + secret, "OLD_KEY_FILE=" + secret, "COUNT=" + number, "SHARE=" + number,
			// Secrets that were put into the wrong variables.
			"BYTES=" + secret, "ON=" + secret, "LEVEL=" + secret, "PROXIES=" + secret,
			"TIMEOUT=" + duration, "ORIGINS=" + list, "ADDRESS=" + address,
		})
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v %#v", err, err), secret) {
			t.Errorf("faults: %v", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v", s, s, s), secret) {
			t.Errorf("the settings show it: %+v", s)
		}
		if s.Key.Reveal() != secret {
			t.Errorf("the key is %q", s.Key.Reveal())
		}
	})
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
