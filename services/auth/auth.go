// Package auth is the identity service: it registers people, signs them in and out,
// and is the only one that can sign the access tokens which every service verifies.
package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/revocation"
	pkgrpc "github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/password"
	"github.com/inframind/inframind/services/auth/internal/rpc"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
	"github.com/inframind/inframind/services/auth/internal/store/sqlite"
)

// Deps is what the service is given; it needs all of it.
type Deps struct {
	Telemetry   *telemetry.Telemetry
	Clock       clockwork.Clock
	Random      io.Reader        // of secrets, so crypto/rand.Reader but in tests
	Revocations revocation.Store // told what ends here, and put back at start
}

// Service is the running service.
type Service struct {
	store *sqlite.Store
	keys  *signingkey.Ring
	rpc   *rpc.Server
}

// New opens the database and the signing keys, and puts back what has been revoked:
// once it returns, the service is ready and d.Revocations answers. It says all
// faults of the settings at once.
func New(ctx context.Context, c Config, d Deps) (*Service, error) {
	if faults := c.Validate(); len(faults) > 0 {
		return nil, &config.Faults{List: faults}
	}
	store, err := sqlite.Open(ctx, filepath.Join(c.DataDir, "auth.db"), d.Telemetry.Tracer)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	s, err := assemble(ctx, c, d, store)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("auth: %w", err), store.Close())
	}
	return s, nil
}

func assemble(ctx context.Context, c Config, d Deps, store *sqlite.Store) (*Service, error) {
	keys, err := signingkey.Open(ctx,
		signingkey.Secrets{Current: c.SecretKey, Previous: c.PreviousSecretKey},
		signingkey.Deps{
			Store:     store,
			Clock:     d.Clock,
			Random:    d.Random,
			Log:       d.Telemetry.Log,
			TokenLife: session.AccessLife,
		})
	if err != nil {
		return nil, err
	}
	hasher, err := password.NewHasher(c.BcryptRounds, password.NewQueue(runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, err
	}
	accounts := account.New(store, hasher, d.Clock, randomID)
	sessions := session.New(session.Deps{
		Store:       store,
		Accounts:    accounts,
		Signer:      keys,
		Revocations: d.Revocations,
		Clock:       d.Clock,
		Random:      d.Random,
		NewID:       randomID,
	})
	if err := sessions.Restore(ctx); err != nil {
		return nil, err
	}
	return &Service{store: store, keys: keys, rpc: rpc.New(accounts, sessions, keys)}, nil
}

func randomID(prefix string) string { return pkgrpc.DerivedID(prefix, "", "", "") }

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { authv1.RegisterAuthServiceServer(r, s.rpc) }

// Ready says whether the service can do its work now.
func (s *Service) Ready(ctx context.Context) error { return s.store.Ready(ctx) }

// Keys are the keys that verify its tokens, without a call.
func (s *Service) Keys() token.KeySource { return s.keys }

// Close closes the database. Calls that are still running fail.
func (s *Service) Close() error { return s.store.Close() }
