package rpc

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/token"
)

// askAgain is how long a running stream goes on the last answer about its token, and
// look is how often it is looked whether so much time has passed.
const (
	askAgain = 5 * time.Second
	look     = time.Second
)

// authenticate finds out who the person is, for the methods that need one. Others
// ignore a token that comes along. A revocation store that cannot answer lets nobody
// through.
type authenticate struct{ config ServerConfig }

func (a authenticate) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := a.call(ctx, callFrom(ctx)); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (a authenticate) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	c := callFrom(ss.Context())
	if err := a.call(ss.Context(), c); err != nil {
		return err
	}
	if !c.method.needsToken {
		return next(srv, ss)
	}
	ctx, end := context.WithCancel(ss.Context())
	watched := &watchedStream{
		ServerStream: &contextStream{ss, ctx}, authenticate: a,
		raw: c.caller.RawToken, askedAt: a.config.Clock.Now(),
	}
	var watching sync.WaitGroup
	watching.Go(func() { watched.watch(end) })
	defer watching.Wait()
	defer end()
	err := next(srv, watched)
	if refused := watched.answer(); err != nil && refused != nil {
		return refused // the handler may only know that its context has ended
	}
	return err
}

func (a authenticate) call(ctx context.Context, c *call) error {
	if !c.method.needsToken {
		return nil
	}
	raw, err := bearer(ctx)
	if err != nil {
		return err
	}
	claims, err := a.check(ctx, raw)
	if err != nil {
		return err
	}
	c.caller.Claims, c.caller.RawToken = claims, raw
	return nil
}

func (a authenticate) check(ctx context.Context, raw string) (token.Claims, error) {
	claims, err := a.config.Verifier.Verify(ctx, raw)
	if err != nil {
		return token.Claims{}, err
	}
	revoked, err := a.config.Revocations.Revoked(ctx, revocation.Query{
		TokenHash: claims.Hash,
		SessionID: claims.SessionID,
		Subject:   claims.Subject,
		KeyID:     claims.KeyID,
		IssuedAt:  claims.IssuedAt,
	})
	switch {
	case err != nil:
		return token.Claims{}, unanswered(err)
	case revoked:
		return token.Claims{}, errs.Unauthenticated("REVOKED_TOKEN", "the access token has been revoked")
	}
	return claims, nil
}

// unanswered is what a revocation store's error means for the call, whatever it is.
func unanswered(err error) error {
	if _, typed := errs.From(err); typed {
		return err
	}
	return errs.Unavailable("REVOCATIONS_UNAVAILABLE", "it cannot be checked now whether the token was revoked", time.Second).Wrap(err)
}

// watchedStream asks again, while messages come and go and while none do, whether the
// token that the stream was opened with is still good. Once it is not, nothing passes
// any more and the stream's context ends.
type watchedStream struct {
	grpc.ServerStream
	authenticate
	raw string

	mu      sync.Mutex // held while it is asked: what is sent meanwhile waits for the answer
	askedAt time.Time
	refused error
}

// SendMsg implements grpc.ServerStream.
func (s *watchedStream) SendMsg(m any) error {
	if err := s.ask(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}

// RecvMsg implements grpc.ServerStream. It asks after the message has come, because
// it may have waited for it for hours.
func (s *watchedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.ask()
}

// watch ends a stream on which nothing is sent: its handler waits for something to
// send, and would wait for someone who is gone.
func (s *watchedStream) watch(end context.CancelFunc) {
	ticker := s.config.Clock.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-s.Context().Done():
			return
		case <-ticker.Chan():
			if s.ask() != nil {
				end()
				return
			}
		}
	}
}

func (s *watchedStream) ask() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock.Now()
	if s.refused != nil || now.Sub(s.askedAt) < askAgain {
		return s.refused
	}
	s.askedAt = now
	_, s.refused = s.check(s.Context(), s.raw)
	return s.refused
}

// answer is the last one, without asking.
func (s *watchedStream) answer() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
