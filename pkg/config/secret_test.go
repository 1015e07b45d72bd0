package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/config"
)

// holder has a secret in all the places where a printer could come upon it.
type holder struct {
	Exported config.Secret
	hidden   config.Secret
	List     []config.Secret
	Map      map[string]config.Secret
	Pointer  *config.Secret
	Any      any
	config.Secret
}

func TestASecretNeverShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Z0-9]{4}[ -~]{8,40}`).Draw(t, "text")
		s := config.NewSecret(text)
		h := holder{
			Exported: s, hidden: s, List: []config.Secret{s}, Map: map[string]config.Secret{"k": s},
			Pointer: &s, Any: s, Secret: s,
		}
		if h.hidden.Reveal() != text {
			t.Fatal("the secret does not reveal itself when asked")
		}
		for _, v := range []any{s, &s, h, &h, []any{h}, struct{ unexported holder }{h}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%t", "%p", "%5.2f"} {
				mustHide(t, text, fmt.Sprintf(verb, v))
			}
			for _, encode := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
				out, _ := encode(v) // what cannot be encoded shows nothing either
				mustHide(t, text, string(out))
			}
			var log bytes.Buffer
			slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
			slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
			mustHide(t, text, log.String())
		}
		mustHide(t, text, s.String()+s.GoString())
	})
}

func mustHide(t *rapid.T, secret, out string) {
	t.Helper()
	for _, form := range []string{secret, fmt.Sprintf("%q", secret), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
		if strings.Contains(out, form) {
			t.Fatalf("%q is in %s", form, out)
		}
	}
}

func TestASecretSaysThatItIsOne(t *testing.T) {
	s := config.NewSecret("hunter2")
	out, err := json.Marshal(map[string]config.Secret{"k": s})
	if err != nil || string(out) != `{"k":"[secret]"}` {
		t.Errorf("JSON %s, %v", out, err)
	}
	for _, got := range []string{s.String(), fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprint(config.Secret{}), s.LogValue().String()} {
		if got != "[secret]" {
			t.Errorf("got %q", got)
		}
	}
}

func TestSecretsAreEqualByTheirText(t *testing.T) {
	a := config.NewSecret("a")
	if !a.Equal(config.NewSecret("a")) || a.Equal(config.NewSecret("b")) || a.Equal(config.Secret{}) || a.Equal(config.NewSecret("aa")) {
		t.Error("Equal is wrong")
	}
	if !(config.Secret{}).Equal(config.NewSecret("")) || !config.NewSecret("").IsZero() || a.IsZero() || (config.Secret{}).Reveal() != "" {
		t.Error("the empty secret is wrong")
	}
}
