package token_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)

func reasonOf(err error) string {
	e, ok := errs.From(err)
	if !ok {
		return ""
	}
	return e.Reason
}

func TestATokenSaysWhatItWasSignedWith(t *testing.T) {
	clock := clockwork.NewFakeClockAt(start)
	issuer := testkit.NewIssuer(t, clock)
	verifier := token.NewVerifier(issuer, clock)
	for name, change := range map[string]func(*token.Claims){
		"a session's token":         func(*token.Claims) {},
		"with roles":                func(c *token.Claims) { c.Roles = []string{"admin", "auditor"} },
		"with scopes":               func(c *token.Claims) { c.Scopes = []string{"a:read", "a:write"} },
		"with no scope at all":      func(c *token.Claims) { c.Scopes = []string{} },
		"without proof of presence": func(c *token.Claims) { c.ProvedAt = time.Time{} },
	} {
		t.Run(name, func(t *testing.T) {
			want := issuer.Claims("usr_1", "ses_1")
			change(&want)
			raw := issuer.Sign(want)
			for range 2 { // the second time it is remembered
				got, err := verifier.Verify(t.Context(), raw)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Hash) != 64 {
					t.Errorf("the hash is %q", got.Hash)
				}
				got.Hash = ""
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got  %+v\nwant %+v", got, want)
				}
			}
		})
	}
}

func TestScopesLimitATokenOnlyWhenItHasThem(t *testing.T) {
	for name, c := range map[string]struct {
		scopes []string
		scope  string
		want   bool
	}{
		"a session has every scope":          {nil, "a:read", true},
		"a scoped token has its own":         {[]string{"a:read"}, "a:read", true},
		"and no other":                       {[]string{"a:read"}, "a:write", false},
		"a token without scopes has none":    {[]string{}, "a:read", false},
		"a method without scope asks for no": {[]string{}, "", true},
	} {
		if got := (token.Claims{Scopes: c.scopes}).Allows(c.scope); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestATokenThatIsNotOursIsRefused(t *testing.T) {
	clock := clockwork.NewFakeClockAt(start)
	issuer := testkit.NewIssuer(t, clock)
	verifier := token.NewVerifier(issuer, clock)
	good := issuer.Token("usr_1", "ses_1")
	changed := func(change func(*token.Claims)) string {
		c := issuer.Claims("usr_1", "ses_1")
		change(&c)
		return issuer.Sign(c)
	}
	for name, c := range map[string]struct{ raw, reason string }{
		"nothing":                         {"", "MISSING_TOKEN"},
		"a word":                          {"token", "MALFORMED_TOKEN"},
		"two parts":                       {"a.b", "MALFORMED_TOKEN"},
		"three parts of nothing":          {"..", "MALFORMED_TOKEN"},
		"more than four KiB":              {strings.Repeat("a", 4095) + "..", "MALFORMED_TOKEN"},
		"a line break, which is skipped":  {good + "\n", "MALFORMED_TOKEN"},
		"another way to write the same":   {respelt(good), "MALFORMED_TOKEN"},
		"another signature":               {good[:len(good)-10] + "AAAAAAAAAA", "INVALID_TOKEN"},
		"somebody else's key":             {testkit.NewIssuer(t, clock).Token("usr_1", "ses_1"), "INVALID_TOKEN"},
		"a key that does not exist":       {changed(func(c *token.Claims) { c.KeyID = "other" }), "INVALID_TOKEN"},
		"no key":                          {changed(func(c *token.Claims) { c.KeyID = "" }), "INVALID_TOKEN"},
		"no subject":                      {changed(func(c *token.Claims) { c.Subject = "" }), "INVALID_TOKEN"},
		"no session":                      {changed(func(c *token.Claims) { c.SessionID = "" }), "INVALID_TOKEN"},
		"an end in this moment":           {changed(func(c *token.Claims) { c.ExpiresAt = start }), "EXPIRED_TOKEN"},
		"a beginning after our clock":     {changed(func(c *token.Claims) { c.IssuedAt = start.Add(6 * time.Second) }), "INVALID_TOKEN"},
		"an algorithm without a key":      {unsigned(t), "INVALID_TOKEN"},
		"a public key used as a password": {withPublicKeyAsSecret(t, issuer), "INVALID_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Verify(t.Context(), c.raw)
			if !errs.Is(err, errs.KindUnauthenticated) || reasonOf(err) != c.reason {
				t.Errorf("got %v with reason %s, want %s", err, reasonOf(err), c.reason)
			}
		})
	}
}

// respelt sets one of the last character's bits that mean nothing.
func respelt(raw string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, raw[len(raw)-1])
	return raw[:len(raw)-1] + string(alphabet[last|1])
}

func mapClaims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "inframind", "aud": "inframind", "sub": "usr_1", "sid": "ses_1",
		"iat": start.Unix(), "exp": start.Add(time.Minute).Unix(),
	}
}

func unsigned(t *testing.T) string {
	t.Helper()
	tok := jwt.NewWithClaims(jwt.SigningMethodNone, mapClaims())
	tok.Header["kid"] = testkit.KeyID
	raw, err := tok.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func withPublicKeyAsSecret(t *testing.T, issuer *testkit.Issuer) string {
	t.Helper()
	key, err := issuer.Key(t.Context(), testkit.KeyID)
	if err != nil {
		t.Fatal(err)
	}
	tok := jwt.NewWithClaims(jwt.SigningMethodHS256, mapClaims())
	tok.Header["kid"] = testkit.KeyID
	raw, err := tok.SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestClaimsThatAreNotOursAreRefusedThoughTheSignatureIs(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	verifier := token.NewVerifier(oneKey{public}, clockwork.NewFakeClockAt(start))
	for name, c := range map[string]struct {
		claim  string
		value  any
		reason string
	}{
		"nothing is wrong":         {"sub", "usr_1", ""},
		"another issuer":           {"iss", "elsewhere", "INVALID_TOKEN"},
		"no issuer":                {"iss", nil, "INVALID_TOKEN"},
		"another audience":         {"aud", "elsewhere", "INVALID_TOKEN"},
		"no audience":              {"aud", nil, "INVALID_TOKEN"},
		"no end":                   {"exp", nil, "INVALID_TOKEN"},
		"no beginning":             {"iat", nil, "INVALID_TOKEN"},
		"an end before 1970":       {"exp", -1, "MALFORMED_TOKEN"},
		"an end after all time":    {"exp", 1e300, "MALFORMED_TOKEN"},
		"an end that is no number": {"exp", "tomorrow", "MALFORMED_TOKEN"},
		"a subject that is a list": {"sub", []string{"usr_1"}, "MALFORMED_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := mapClaims()
			claims[c.claim] = c.value
			if c.value == nil {
				delete(claims, c.claim)
			}
			tok := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
			tok.Header["kid"] = testkit.KeyID
			raw, err := tok.SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := verifier.Verify(t.Context(), raw); reasonOf(err) != c.reason {
				t.Errorf("got %v with reason %q, want %q", err, reasonOf(err), c.reason)
			}
		})
	}
}

type oneKey struct{ key ed25519.PublicKey }

func (o oneKey) Key(context.Context, string) (ed25519.PublicKey, error) { return o.key, nil }

// counted counts how often a key was asked for, and can be out of reach.
type counted struct {
	token.KeySource
	asked int
	fault error
}

func (c *counted) Key(ctx context.Context, kid string) (ed25519.PublicKey, error) {
	c.asked++
	if c.fault != nil {
		return nil, c.fault
	}
	return c.KeySource.Key(ctx, kid)
}

func TestATokenIsVerifiedOnceAndRefusedWhenItsTimeIsOver(t *testing.T) {
	clock := clockwork.NewFakeClockAt(start)
	issuer := testkit.NewIssuer(t, clock)
	keys := &counted{KeySource: issuer}
	verifier := token.NewVerifier(keys, clock)
	raw := issuer.Token("usr_1", "ses_1")
	for range 3 {
		if _, err := verifier.Verify(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		clock.Advance(5*time.Minute - time.Microsecond)
	}
	if keys.asked != 1 {
		t.Errorf("the key was asked for %d times", keys.asked)
	}
	clock.Advance(3 * time.Microsecond)
	if _, err := verifier.Verify(t.Context(), raw); reasonOf(err) != "EXPIRED_TOKEN" {
		t.Errorf("after 15 minutes: %v", err)
	}
}

func TestAKeySourceThatIsAwayDoesNotMakeATokenInvalid(t *testing.T) {
	clock := clockwork.NewFakeClockAt(start)
	issuer := testkit.NewIssuer(t, clock)
	away := errs.Unavailable("KEYS_UNAVAILABLE", "away", time.Second)
	keys := &counted{KeySource: issuer, fault: away}
	verifier := token.NewVerifier(keys, clock)
	raw := issuer.Token("usr_1", "ses_1")
	if _, err := verifier.Verify(t.Context(), raw); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	keys.fault = nil
	if _, err := verifier.Verify(t.Context(), raw); err != nil {
		t.Errorf("once the keys are back: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	clock := clockwork.NewFakeClockAt(start)
	issuer := testkit.NewIssuer(f, clock)
	verifier := token.NewVerifier(issuer, clock)
	good := issuer.Token("usr_1", "ses_1", "admin")
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","kid":"test-key"}`))
	for _, seed := range []string{"", ".", "..", good, good + ".", respelt(good), strings.ToUpper(good), header + ".e30.", "\xff.\xff.\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		claims, err := verifier.Verify(t.Context(), raw)
		switch {
		case raw == good && err != nil:
			t.Errorf("the issuer's own token is refused: %v", err)
		case raw != good && err == nil:
			t.Errorf("%q is taken for %+v", raw, claims)
		case err != nil && !errs.Is(err, errs.KindUnauthenticated):
			t.Errorf("%q: %v", raw, err)
		}
	})
}
