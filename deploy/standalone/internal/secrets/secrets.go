// Package secrets makes the secrets of a standalone process on its first start
// and keeps them in its data folder, readable by its owner alone.
package secrets

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const size = 32

// File returns the path of the named secret's file in folder, and makes the
// secret when there is none. A secret once written never changes: what was
// sealed with it could not be opened again.
func File(folder, name string, random io.Reader) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the secrets: %w", err)
	}
	path := filepath.Join(folder, name)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s is readable by others (mode %04o); it must be 0600", path, info.Mode().Perm())
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("look for a secret: %w", err)
	}
	secret := make([]byte, size)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("make a secret: %w", err)
	}
	if err := write(path, base64.URLEncoding.EncodeToString(secret)+"\n"); err != nil {
		return "", fmt.Errorf("keep a secret: %w", err)
	}
	return path, nil
}

// write puts the whole text in place or nothing: a secret cut short by a crash
// would lock the owner out of all that was sealed with it.
func write(path, text string) error {
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".new-*") // Its mode is 0600.
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // What is left of it is never read.
	if _, err := f.WriteString(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	// A link, because a rename would replace the secret of a process that started at
	// the same time and seals with it already. Whoever came first made the secret.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := os.Open(folder) //nolint:gosec // The data folder of this process.
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
