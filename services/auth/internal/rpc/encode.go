package rpc

import (
	"encoding/base64"

	"google.golang.org/protobuf/types/known/timestamppb"

	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
)

func encodeTokens(t session.Tokens) *authv1.TokenPair {
	return &authv1.TokenPair{
		AccessToken:       t.Access,
		TokenType:         "Bearer",
		AccessExpireTime:  timestamppb.New(t.AccessExpiry),
		RefreshToken:      t.Refresh,
		RefreshExpireTime: timestamppb.New(t.RefreshExpiry),
	}
}

func encodeAccount(a account.Account) *authv1.Account {
	return &authv1.Account{
		Id:            a.ID,
		Email:         a.Email,
		EmailVerified: a.EmailVerified,
		DisplayName:   a.DisplayName,
		Roles:         a.Roles,
		CreateTime:    timestamppb.New(a.CreateTime),
	}
}

func encodeKey(k signingkey.Key) *authv1.Jwk {
	return &authv1.Jwk{
		Kty: "OKP",
		Crv: "Ed25519",
		X:   base64.RawURLEncoding.EncodeToString(k.Public),
		Kid: k.ID,
		Alg: "EdDSA",
		Use: "sig",
	}
}
