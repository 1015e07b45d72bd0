package signingkey

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/config"
)

// sealContext separates the keys derived here from whatever else may be derived
// from the same secret one day.
const sealContext = "inframind auth: seal of signing keys, v1"

// errNotOpened says which setting is wrong; it is shown to who starts the service.
var errNotOpened = errors.New("a stored signing key cannot be opened: JWT_SECRET_KEY is not the secret it was sealed with; " +
	"give that one, or give it as JWT_SECRET_KEY_PREVIOUS beside the new one")

// sealer encrypts private keys with AES-256-GCM under a key derived from the
// service's secret. The key's ID is authenticated with it: a sealed key moved to
// another row does not open.
type sealer struct {
	current  cipher.AEAD
	previous cipher.AEAD // nil when no secret is being replaced
}

func newSealer(current, previous config.Secret) (*sealer, error) {
	now, err := aead(current)
	if err != nil {
		return nil, err
	}
	s := &sealer{current: now}
	if previous.Reveal() != "" {
		if s.previous, err = aead(previous); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func aead(secret config.Secret) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, sealContext, 32)
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the sealing cipher: %w", err)
	}
	sealing, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make the sealing cipher: %w", err)
	}
	return sealing, nil
}

func (s *sealer) seal(id string, seed []byte) []byte {
	return s.current.Seal(nil, nil, seed, []byte(id)) // #nosec G407 -- this AEAD draws its nonce itself
}

// open also says whether the secret was the previous one, so that the key should
// be sealed anew.
func (s *sealer) open(id string, sealed []byte) (seed []byte, outdated bool, err error) {
	seed, err = s.current.Open(nil, nil, sealed, []byte(id))
	if err == nil {
		return seed, false, nil
	}
	if s.previous != nil {
		if seed, err = s.previous.Open(nil, nil, sealed, []byte(id)); err == nil {
			return seed, true, nil
		}
	}
	return nil, false, errNotOpened
}
