package signingkey_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
	"github.com/inframind/inframind/services/auth/internal/store/sqlite"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

const (
	tokenLife = 15 * time.Minute
	quarter   = 90 * 24 * time.Hour
)

var (
	current  = config.NewSecret("the present secret of 32 characters or more")
	replaced = config.NewSecret("the former secret of 32 characters or more!")
)

// setting is a store with a clock, on which rings are opened.
type setting struct {
	t      *testing.T
	store  signingkey.Store
	clock  *clockwork.FakeClock
	random io.Reader
	log    bytes.Buffer
	path   string
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	path := filepath.Join(t.TempDir(), "auth.db")
	store, err := sqlite.Open(t.Context(), path, noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &setting{t: t, store: store, clock: clockwork.NewFakeClock(), random: rand.Reader, path: path}
}

func (s *setting) tryOpen(secrets signingkey.Secrets) (*signingkey.Ring, error) {
	return signingkey.Open(s.t.Context(), secrets, signingkey.Deps{
		Store:     s.store,
		Clock:     s.clock,
		Random:    s.random,
		Log:       slog.New(slog.NewTextHandler(&s.log, nil)),
		TokenLife: tokenLife,
	})
}

func (s *setting) open() *signingkey.Ring {
	s.t.Helper()
	ring, err := s.tryOpen(signingkey.Secrets{Current: current})
	if err != nil {
		s.t.Fatal(err)
	}
	return ring
}

func signs(ctx context.Context, r *signingkey.Ring) string {
	id, _ := r.SigningKey(ctx)
	return id
}

func published(ctx context.Context, r *signingkey.Ring) []string {
	var ids []string
	for _, k := range r.PublicKeys(ctx) {
		ids = append(ids, k.ID)
	}
	return ids
}

// The key and its thumbprint are the examples of RFC 8037, A.1 to A.3.
func TestTheFirstKeyIsNamedByItsThumbprint(t *testing.T) {
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	s := newSetting(t)
	s.random = bytes.NewReader(seed)
	ring := s.open()
	if got, want := signs(t.Context(), ring), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("signs with %s, want %s", got, want)
	}
	keys := ring.PublicKeys(t.Context())
	if len(keys) != 1 || base64.RawURLEncoding.EncodeToString(keys[0].Public) != "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" {
		t.Errorf("publishes %+v", keys)
	}
}

func TestThePublishedKeyVerifiesWhatTheSigningKeySigned(t *testing.T) {
	ring := newSetting(t).open()
	id, private := ring.SigningKey(t.Context())
	public, err := ring.Key(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(public, []byte("message"), ed25519.Sign(private, []byte("message"))) {
		t.Error("the signature does not verify")
	}
	if _, err := ring.Key(t.Context(), "another"); !errs.Is(err, errs.KindNotFound) {
		t.Errorf("an unknown key: %v, want not found", err)
	}
}

func TestTheKeyIsTheSameAfterARestart(t *testing.T) {
	s := newSetting(t)
	first := signs(t.Context(), s.open())
	if second := signs(t.Context(), s.open()); second != first {
		t.Errorf("signs with %s, then with %s", first, second)
	}
}

func TestProcessesThatStartAtOnceEndUpWithOneKey(t *testing.T) {
	s := newSetting(t)
	var (
		wg  sync.WaitGroup
		ids = make([]string, 8)
	)
	for i := range ids {
		wg.Go(func() {
			ring, err := s.tryOpen(signingkey.Secrets{Current: current})
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = signs(t.Context(), ring)
		})
	}
	wg.Wait()
	if slices.Sort(ids); ids[0] == "" || ids[0] != ids[len(ids)-1] {
		t.Errorf("the processes sign with %v", ids)
	}
}

func TestAWrongSecretRefusesToStartAndSaysWhichSettingIsWrong(t *testing.T) {
	s := newSetting(t)
	s.open()
	_, err := s.tryOpen(signingkey.Secrets{Current: replaced, Previous: config.NewSecret(strings.Repeat("x", 32))})
	if err == nil {
		t.Fatal("a wrong secret was accepted")
	}
	if text := err.Error(); !strings.Contains(text, "JWT_SECRET_KEY") || strings.Contains(text, replaced.Reveal()) {
		t.Errorf("the error is %q", text)
	}
}

func TestThePreviousSecretOpensAndTheCurrentOneSealsAnew(t *testing.T) {
	s := newSetting(t)
	first, err := s.tryOpen(signingkey.Secrets{Current: replaced})
	if err != nil {
		t.Fatal(err)
	}
	during, err := s.tryOpen(signingkey.Secrets{Current: current, Previous: replaced})
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.tryOpen(signingkey.Secrets{Current: current})
	if err != nil {
		t.Fatalf("the key was not sealed anew: %v", err)
	}
	if id := signs(t.Context(), first); signs(t.Context(), during) != id || signs(t.Context(), after) != id {
		t.Error("the key changed with the secret")
	}
	if _, err := s.tryOpen(signingkey.Secrets{Current: replaced}); err == nil {
		t.Error("the former secret still opens the key")
	}
}

func TestASealedKeyOpensOnlyInItsOwnPlaceAndUnchanged(t *testing.T) {
	s := newSetting(t)
	s.open()
	records, err := s.store.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	genuine := records[0]
	flipped := slices.Clone(genuine.Sealed)
	flipped[len(flipped)/2] ^= 1
	for name, forged := range map[string]signingkey.Record{
		"another name":  {ID: "another", Sealed: genuine.Sealed},
		"a flipped bit": {ID: genuine.ID, Sealed: flipped},
		"cut short":     {ID: genuine.ID, Sealed: genuine.Sealed[:20]},
		"empty":         {ID: genuine.ID, Sealed: []byte{}},
	} {
		t.Run(name, func(t *testing.T) {
			other := newSetting(t)
			forged.Generation, forged.CreateTime = 1, other.clock.Now()
			if err := other.store.ClaimSigningKey(t.Context(), forged); err != nil {
				t.Fatal(err)
			}
			if _, err := other.tryOpen(signingkey.Secrets{Current: current}); err == nil {
				t.Error("it was opened")
			}
		})
	}
}

func TestThePrivateKeyIsNotInTheFile(t *testing.T) {
	s := newSetting(t)
	_, private := s.open().SigningKey(t.Context())
	var found bool
	for _, path := range []string{s.path, s.path + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(content, []byte("CREATE TABLE signing_keys"))
		if bytes.Contains(content, private.Seed()) || bytes.Contains(content, []byte(current.Reveal())) {
			t.Errorf("%s contains the private key or the secret", filepath.Base(path))
		}
	}
	if !found {
		t.Error("the files that were read are not those of the database")
	}
}

func TestAKeyIsFollowedByAnotherThatIsPublishedBeforeItSigns(t *testing.T) {
	s := newSetting(t)
	ctx := t.Context()
	ring, other := s.open(), s.open()
	first := signs(ctx, ring)

	s.clock.Advance(quarter - time.Second)
	if got := published(ctx, ring); !slices.Equal(got, []string{first}) {
		t.Fatalf("published before its time: %v", got)
	}
	s.clock.Advance(time.Second)
	keys := published(ctx, ring)
	if len(keys) != 2 || keys[0] != first {
		t.Fatalf("published %v, want %s and one more", keys, first)
	}
	second := keys[1]
	if got := published(ctx, other); !slices.Equal(got, keys) {
		t.Errorf("another process publishes %v, want %v", got, keys)
	}
	if got := signs(ctx, ring); got != first {
		t.Errorf("signs with %s at once, want %s for an hour", got, first)
	}
	s.clock.Advance(time.Hour)
	if a, b := signs(ctx, ring), signs(ctx, other); a != second || b != second {
		t.Errorf("sign with %s and %s after an hour, want %s", a, b, second)
	}
	s.clock.Advance(tokenLife)
	if got := published(ctx, ring); !slices.Equal(got, keys) {
		t.Errorf("published %v while tokens of %s may live", got, first)
	}
	s.clock.Advance(time.Minute)
	for name, r := range map[string]*signingkey.Ring{"the first": ring, "another": other, "a new one": s.open()} {
		if got := published(ctx, r); !slices.Equal(got, []string{second}) {
			t.Errorf("%s publishes %v after the last token of %s, want %s", name, got, first, second)
		}
		if got := signs(ctx, r); got != second {
			t.Errorf("%s signs with %s, want %s", name, got, second)
		}
	}
}

// flaky is a store that is away for a while.
type flaky struct {
	signingkey.Store
	away  bool
	asked int
}

var errAway = errors.New("the store is away")

func (f *flaky) ClaimSigningKey(ctx context.Context, r signingkey.Record) error {
	f.asked++
	if f.away {
		return errAway
	}
	return f.Store.ClaimSigningKey(ctx, r)
}

func TestAKeyGoesOnWhileTheNextOneCannotBeMade(t *testing.T) {
	s := newSetting(t)
	store := &flaky{Store: s.store}
	s.store = store
	ctx := t.Context()
	ring := s.open()
	first := signs(ctx, ring)

	store.away, store.asked = true, 0
	s.clock.Advance(quarter + 2*time.Hour)
	for range 5 {
		if got := signs(ctx, ring); got != first {
			t.Errorf("signs with %s, want %s", got, first)
		}
	}
	if store.asked != 1 || !strings.Contains(s.log.String(), errAway.Error()) {
		t.Errorf("asked %d times, want once; the log is %q", store.asked, s.log.String())
	}
	store.away = false
	s.clock.Advance(10 * time.Second)
	if got := published(ctx, ring); len(got) != 2 {
		t.Errorf("published %v once the store is back, want a second key", got)
	}
}
