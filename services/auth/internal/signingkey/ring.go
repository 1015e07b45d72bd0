package signingkey

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
)

const (
	// rotateAfter is how old the newest key grows before another follows it.
	rotateAfter = 90 * 24 * time.Hour

	// lead is how long a new key is published before it signs: by then every process
	// has it, and every service that has cached the published keys has asked again.
	lead = time.Hour

	// skew is by how much the clocks of two processes may differ.
	skew = time.Minute

	// retryAfter is when a rotation that failed is tried again. Meanwhile the key
	// that is due goes on signing.
	retryAfter = 10 * time.Second
)

// Store keeps sealed keys.
type Store interface {
	// SigningKeys are all keys, by generation.
	SigningKeys(ctx context.Context) ([]Record, error)

	// ClaimSigningKey keeps r, unless its generation is taken: of several processes
	// that come at the same time one succeeds, and the others find its key.
	ClaimSigningKey(ctx context.Context, r Record) error

	// ResealSigningKey puts one sealed form of a key in another's place, unless that
	// is no longer the one it has.
	ResealSigningKey(ctx context.Context, id string, from, to []byte) error
}

// Secrets are what private keys are sealed under.
type Secrets struct {
	Current  config.Secret
	Previous config.Secret // empty, or the one that Current is replacing
}

// Ring is the keys in use. Keys follow each other by age alone, so that processes
// on one store change keys together without talking to each other.
type Ring struct {
	store     Store
	sealer    *sealer
	clock     clockwork.Clock
	random    io.Reader
	log       *slog.Logger
	tokenLife time.Duration

	mu      sync.Mutex
	keys    []signer // by generation, never empty
	nextTry time.Time
}

// Deps is what a ring works with.
type Deps struct {
	Store     Store
	Clock     clockwork.Clock
	Random    io.Reader
	Log       *slog.Logger
	TokenLife time.Duration // of the tokens that the keys sign
}

// Open opens the stored keys, or makes the first one. Keys sealed under the
// previous secret are sealed anew under the current one; it is an error when
// neither opens a key that is still in use.
func Open(ctx context.Context, s Secrets, d Deps) (*Ring, error) {
	sealer, err := newSealer(s.Current, s.Previous)
	if err != nil {
		return nil, err
	}
	r := &Ring{store: d.Store, sealer: sealer, clock: d.Clock, random: d.Random, log: d.Log, tokenLife: d.TokenLife}
	records, err := d.Store.SigningKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("load signing keys: %w", err)
	}
	if len(records) == 0 {
		err = r.add(ctx, 1)
	} else {
		err = r.load(ctx, records)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// SigningKey is the key that signs now.
func (r *Ring) SigningKey(ctx context.Context) (id string, private ed25519.PrivateKey) {
	now := r.rotateIfDue(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.keys) - 1; i > 0; i-- {
		if k := r.keys[i]; now.Sub(k.createTime) >= lead {
			return k.ID, k.private
		}
	}
	return r.keys[0].ID, r.keys[0].private
}

// PublicKeys are the keys whose tokens may be alive, and the one that signs next.
func (r *Ring) PublicKeys(ctx context.Context) []Key {
	now := r.rotateIfDue(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	var published []Key
	for i, k := range r.keys {
		if i == len(r.keys)-1 || !r.retired(r.keys[i+1].createTime, now) {
			published = append(published, k.Key)
		}
	}
	return published
}

// Key is the published key with an ID, as token.KeySource asks for it.
func (r *Ring) Key(ctx context.Context, id string) (ed25519.PublicKey, error) {
	for _, k := range r.PublicKeys(ctx) {
		if k.ID == id {
			return k.Public, nil
		}
	}
	return nil, errs.NotFound("key", id)
}

// retired says whether no token of the key before the one made at successor can be
// alive any more.
func (r *Ring) retired(successor, now time.Time) bool {
	return !now.Before(successor.Add(lead + r.tokenLife + skew))
}

// rotateIfDue makes the next key when the newest is old enough, and returns the
// present. A failure only delays: the keys at hand stay good.
func (r *Ring) rotateIfDue(ctx context.Context) time.Time {
	now := clock.Now(r.clock)
	r.mu.Lock()
	newest := r.keys[len(r.keys)-1]
	due := now.Sub(newest.createTime) >= rotateAfter && !now.Before(r.nextTry)
	if due {
		r.nextTry = now.Add(retryAfter) // the others go on with what there is
	}
	r.mu.Unlock()
	if due {
		if err := r.add(ctx, newest.generation+1); err != nil {
			r.log.WarnContext(ctx, "the next signing key could not be made; the present one goes on", "error", err)
		}
	}
	return now
}

// add claims a generation with a new key and loads whichever key has it then.
func (r *Ring) add(ctx context.Context, generation int) error {
	seed, err := newSeed(r.random)
	if err != nil {
		return err
	}
	id := thumbprint(public(ed25519.NewKeyFromSeed(seed)))
	err = r.store.ClaimSigningKey(ctx, Record{
		ID:         id,
		Generation: generation,
		Sealed:     r.sealer.seal(id, seed),
		CreateTime: clock.Now(r.clock),
	})
	if err != nil {
		return fmt.Errorf("keep a new signing key: %w", err)
	}
	records, err := r.store.SigningKeys(ctx)
	if err != nil {
		return fmt.Errorf("load signing keys: %w", err)
	}
	return r.load(ctx, records)
}

// load opens the keys that are not retired. One whose secret is two changes back is
// none of them, and does not keep the service from starting.
func (r *Ring) load(ctx context.Context, records []Record) error {
	now := clock.Now(r.clock)
	var keys []signer
	for i, rec := range records {
		if i+1 < len(records) && r.retired(records[i+1].CreateTime, now) {
			continue
		}
		k, err := r.open(ctx, rec)
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
	return nil
}

func (r *Ring) open(ctx context.Context, rec Record) (signer, error) {
	seed, outdated, err := r.sealer.open(rec.ID, rec.Sealed)
	if err != nil {
		return signer{}, err
	}
	private := ed25519.NewKeyFromSeed(seed)
	if outdated {
		if err := r.store.ResealSigningKey(ctx, rec.ID, rec.Sealed, r.sealer.seal(rec.ID, seed)); err != nil {
			return signer{}, fmt.Errorf("seal a signing key under the new secret: %w", err)
		}
	}
	return signer{
		Key:        Key{ID: rec.ID, Public: public(private)},
		private:    private,
		generation: rec.Generation,
		createTime: rec.CreateTime,
	}, nil
}
