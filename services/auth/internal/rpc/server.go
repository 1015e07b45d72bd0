// Package rpc is the service on the wire: it decodes, calls the domain, and encodes.
package rpc

import (
	"context"

	"github.com/inframind/inframind/pkg/rpc"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

// Server implements AuthService.
type Server struct {
	authv1.UnimplementedAuthServiceServer

	accounts *account.Accounts
	sessions *session.Sessions
	keys     *signingkey.Ring
}

// New returns the service over its domain.
func New(accounts *account.Accounts, sessions *session.Sessions, keys *signingkey.Ring) *Server {
	return &Server{accounts: accounts, sessions: sessions, keys: keys}
}

// Register implements AuthServiceServer.
func (s *Server) Register(ctx context.Context, req *authv1.RegisterRequest) (*authv1.RegisterResponse, error) {
	if err := s.accounts.Register(ctx, req.GetEmail(), req.GetPassword(), req.GetDisplayName()); err != nil {
		return nil, err
	}
	return &authv1.RegisterResponse{}, nil
}

// Login implements AuthServiceServer.
func (s *Server) Login(ctx context.Context, req *authv1.LoginRequest) (*authv1.LoginResponse, error) {
	a, err := s.accounts.Authenticate(ctx, req.GetEmail(), req.GetPassword())
	if err != nil {
		return nil, err
	}
	tokens, err := s.sessions.Open(ctx, a)
	if err != nil {
		return nil, err
	}
	return &authv1.LoginResponse{Tokens: encodeTokens(tokens)}, nil
}

// Refresh implements AuthServiceServer.
func (s *Server) Refresh(ctx context.Context, req *authv1.RefreshRequest) (*authv1.RefreshResponse, error) {
	tokens, err := s.sessions.Rotate(ctx, req.GetRefreshToken())
	if err != nil {
		return nil, err
	}
	return &authv1.RefreshResponse{Tokens: encodeTokens(tokens)}, nil
}

// Logout implements AuthServiceServer.
func (s *Server) Logout(ctx context.Context, _ *authv1.LogoutRequest) (*authv1.LogoutResponse, error) {
	caller, _ := rpc.CallerFrom(ctx) // the policy lets nobody in without a token
	err := s.sessions.End(ctx, session.AccessToken{
		SessionID: caller.Claims.SessionID,
		Hash:      caller.Claims.Hash,
		ExpiresAt: caller.Claims.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	return &authv1.LogoutResponse{}, nil
}

// GetMe implements AuthServiceServer.
func (s *Server) GetMe(ctx context.Context, _ *authv1.GetMeRequest) (*authv1.GetMeResponse, error) {
	a, err := s.accounts.Account(ctx, rpc.Subject(ctx))
	if err != nil {
		return nil, err
	}
	return &authv1.GetMeResponse{Account: encodeAccount(a)}, nil
}

// GetJwks implements AuthServiceServer.
func (s *Server) GetJwks(ctx context.Context, _ *authv1.GetJwksRequest) (*authv1.GetJwksResponse, error) {
	resp := &authv1.GetJwksResponse{}
	for _, k := range s.keys.PublicKeys(ctx) {
		resp.Keys = append(resp.Keys, encodeKey(k))
	}
	return resp, nil
}
