package secrets_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/inframind/inframind/deploy/standalone/internal/secrets"
)

func TestASecretIsMadeOnceAndReadableByItsOwnerAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "secrets")
	path, err := secrets.File(folder, "jwt", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(strings.TrimSpace(string(first))) < 32 {
		t.Fatalf("the secret has %d characters", len(first))
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	again, err := secrets.File(folder, "jwt", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(again)
	if err != nil || string(second) != string(first) {
		t.Fatalf("the second start changed the secret (%v)", err)
	}
}

func TestASecretThatOthersCanReadIsRefused(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "jwt")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.File(folder, "jwt", rand.Reader); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Fatalf("it was used: %v", err)
	}
}

func TestWithoutRandomnessThereIsNoSecret(t *testing.T) {
	folder := t.TempDir()
	if _, err := secrets.File(folder, "jwt", iotest.ErrReader(errors.New("dry"))); err == nil {
		t.Fatal("a secret was made of nothing")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}

func TestAllWhoMakeASecretAtTheSameTimeHaveTheSame(t *testing.T) {
	for range 50 {
		folder := t.TempDir()
		const makers = 8
		got, errs := make([]string, makers), make([]error, makers)
		var making sync.WaitGroup
		for i := range makers {
			making.Go(func() {
				path, err := secrets.File(folder, "KEY", rand.Reader)
				if err != nil {
					errs[i] = err
					return
				}
				text, err := os.ReadFile(path)
				got[i], errs[i] = string(text), err
			})
		}
		making.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, text := range got {
			if text == "" || text != got[0] {
				t.Fatalf("%d makers have %q", makers, got)
			}
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
			t.Fatalf("left: %v, %v", left, err)
		}
	}
}
