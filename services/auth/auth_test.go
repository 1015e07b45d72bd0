package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	"github.com/inframind/inframind/services/auth"
)

func TestAPersonRegistersSignsInAndIsKnown(t *testing.T) {
	s := newSetting(t)
	now := clock.Now(s.clock)
	s.register()
	tokens := s.signIn()
	if tokens.GetTokenType() != "Bearer" ||
		!tokens.GetAccessExpireTime().AsTime().Equal(now.Add(15*time.Minute)) ||
		!tokens.GetRefreshExpireTime().AsTime().Equal(now.Add(7*24*time.Hour)) {
		t.Errorf("tokens %v", tokens)
	}
	resp, err := s.GetMe(s.as(tokens), &authv1.GetMeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	me := resp.GetAccount()
	if !regexp.MustCompile(`^acc_[0-9a-hjkmnp-tv-z]{26}$`).MatchString(me.GetId()) {
		t.Errorf("the ID is %q", me.GetId())
	}
	if me.GetEmail() != email || me.GetDisplayName() != "Ada" || me.GetEmailVerified() || len(me.GetRoles()) != 0 ||
		!me.GetCreateTime().AsTime().Equal(now) {
		t.Errorf("the account is %v", me)
	}
}

func TestTheAnswerOfRegisterTellsNothing(t *testing.T) {
	s := newSetting(t)
	var answers []*authv1.RegisterResponse
	for _, address := range []string{email, "ADA@example.com", email} {
		resp, err := s.Register(t.Context(), &authv1.RegisterRequest{Email: address, Password: password})
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		answers = append(answers, resp)
	}
	for _, a := range answers {
		if proto.Size(a) != 0 {
			t.Errorf("an answer has a body: %v", a)
		}
	}
	s.signIn()
}

func TestCredentialsAreRefusedAlike(t *testing.T) {
	s := newSetting(t)
	s.register()
	_, unknown := s.Login(t.Context(), &authv1.LoginRequest{Email: "bob@example.com", Password: password})
	_, wrong := s.Login(t.Context(), &authv1.LoginRequest{Email: email, Password: "incorrect horse"})
	s.wantReason(unknown, errs.KindUnauthenticated, "INVALID_CREDENTIALS")
	s.wantReason(wrong, errs.KindUnauthenticated, "INVALID_CREDENTIALS")
	if unknown.Error() != wrong.Error() {
		t.Errorf("answers %q and %q", unknown, wrong)
	}
}

func TestABadRequestNamesTheFieldAndTheRule(t *testing.T) {
	s := newSetting(t)
	long := strings.Repeat("long", 25)
	register := func(email, password, name string) error {
		_, err := s.Register(t.Context(), &authv1.RegisterRequest{Email: email, Password: password, DisplayName: name})
		return err
	}
	login := func(email, password string) error {
		_, err := s.Login(t.Context(), &authv1.LoginRequest{Email: email, Password: password})
		return err
	}
	_, refresh := s.Refresh(t.Context(), &authv1.RefreshRequest{})
	for name, c := range map[string]struct {
		err         error
		field, rule string
	}{
		"register with a password of 100 bytes":       {register(email, long, ""), "password", "string.max_bytes"},
		"register with 72 letters in 73 bytes":        {register(email, "é"+long[:71], ""), "password", "string.max_bytes"},
		"register with a password of 14 characters":   {register(email, long[:14], ""), "password", "string.min_len"},
		"register with what is no address":            {register("ada", password, ""), "email", "string.email"},
		"register with a name of over 100 characters": {register(email, password, long+"x"), "displayName", "string.max_len"},
		"sign in with a password of 100 bytes":        {login(email, long), "password", "string.max_bytes"},
		"sign in without a password":                  {login(email, ""), "password", "string.min_len"},
		"refresh without a token":                     {refresh, "refreshToken", "string.min_len"},
	} {
		e, ok := errs.From(c.err)
		if !ok || e.Kind != errs.KindInvalid || len(e.Violations) != 1 {
			t.Errorf("%s: %v, want one violation", name, c.err)
			continue
		}
		if v := e.Violations[0]; v.Field != c.field || v.Rule != c.rule {
			t.Errorf("%s: violation %+v, want %s, %s", name, v, c.field, c.rule)
		}
	}
	if err := login(email, long[:72]); !errs.Is(err, errs.KindUnauthenticated) {
		t.Errorf("something was stored: %v", err)
	}
}

func TestARefreshTokenWorksOnce(t *testing.T) {
	s := newSetting(t)
	s.register()
	first := s.signIn()
	resp, err := s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: first.GetRefreshToken()})
	if err != nil {
		t.Fatal(err)
	}
	second := resp.GetTokens()
	if _, err := s.GetMe(s.as(second), &authv1.GetMeRequest{}); err != nil {
		t.Errorf("the new access token: %v", err)
	}
	_, err = s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: first.GetRefreshToken()})
	s.wantReason(err, errs.KindUnauthenticated, "INVALID_REFRESH_TOKEN")
	for name, tokens := range map[string]*authv1.TokenPair{"first": first, "second": second} {
		_, err := s.GetMe(s.as(tokens), &authv1.GetMeRequest{})
		s.wantReason(err, errs.KindUnauthenticated, "REVOKED_TOKEN")
		_, err = s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: tokens.GetRefreshToken()})
		s.wantReason(err, errs.KindUnauthenticated, "INVALID_REFRESH_TOKEN")
		if t.Failed() {
			t.Fatalf("with the %s tokens", name)
		}
	}
}

func TestALogoutIsForGood(t *testing.T) {
	s := newSetting(t)
	s.register()
	tokens, other := s.signIn(), s.signIn()
	if _, err := s.Logout(s.as(tokens), &authv1.LogoutRequest{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := s.GetMe(s.as(tokens), &authv1.GetMeRequest{})
		s.wantReason(err, errs.KindUnauthenticated, "REVOKED_TOKEN")
		_, err = s.Logout(s.as(tokens), &authv1.LogoutRequest{})
		s.wantReason(err, errs.KindUnauthenticated, "REVOKED_TOKEN")
		_, err = s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: tokens.GetRefreshToken()})
		s.wantReason(err, errs.KindUnauthenticated, "INVALID_REFRESH_TOKEN")
		if _, err := s.GetMe(s.as(other), &authv1.GetMeRequest{}); err != nil {
			t.Errorf("the person's other session: %v", err)
		}
		if err := s.service.Close(); err != nil {
			t.Fatal(err)
		}
		s.start()
	}
	s.signIn()
}

func TestALogoutIsForgottenOnceItsTokensHaveExpired(t *testing.T) {
	s := newSetting(t)
	s.register()
	if _, err := s.Logout(s.as(s.signIn()), &authv1.LogoutRequest{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  int // the token and its session, then the session alone for its margin
	}{{0, 2}, {15 * time.Minute, 1}, {time.Minute, 0}} {
		s.clock.Advance(c.after)
		if err := s.service.Close(); err != nil {
			t.Fatal(err)
		}
		s.start()
		if got := s.revocations.Len(); got != c.want {
			t.Errorf("%v later %d revocations are put back, want %d", c.after, got, c.want)
		}
	}
}

func TestAnAccessTokenExpires(t *testing.T) {
	s := newSetting(t)
	s.register()
	tokens := s.signIn()
	s.clock.Advance(15 * time.Minute)
	_, err := s.GetMe(s.as(tokens), &authv1.GetMeRequest{})
	s.wantReason(err, errs.KindUnauthenticated, "EXPIRED_TOKEN")
}

// This is how every other service verifies.
func TestThePublishedKeysVerifyTheTokens(t *testing.T) {
	s := newSetting(t)
	s.register()
	tokens := s.signIn()
	keys := token.NewJWKS(func(ctx context.Context) (map[string]ed25519.PublicKey, error) { return published(ctx, s) }, s.clock)
	claims, err := token.NewVerifier(keys, s.clock).Verify(t.Context(), tokens.GetAccessToken())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(claims.Subject, "acc_") || !strings.HasPrefix(claims.SessionID, "ses_") {
		t.Errorf("claims %+v", claims)
	}
}

func published(ctx context.Context, s *setting) (map[string]ed25519.PublicKey, error) {
	resp, err := s.GetJwks(ctx, &authv1.GetJwksRequest{})
	if err != nil {
		return nil, err
	}
	keys := map[string]ed25519.PublicKey{}
	for _, k := range resp.GetKeys() {
		if k.GetKty() != "OKP" || k.GetCrv() != "Ed25519" || k.GetAlg() != "EdDSA" || k.GetUse() != "sig" {
			return nil, fmt.Errorf("key %v is of another kind", k)
		}
		x, err := base64.RawURLEncoding.DecodeString(k.GetX())
		if err != nil {
			return nil, err
		}
		keys[k.GetKid()] = x
	}
	return keys, nil
}

func TestTwoProcessesThatStartAtOnceAcceptEachOthersTokens(t *testing.T) {
	s := newSetting(t)
	s.dir = t.TempDir() // a new one, where no key is yet
	var (
		wg       sync.WaitGroup
		services [2]*auth.Service
	)
	for i := range services {
		wg.Go(func() {
			var err error
			services[i], err = auth.New(t.Context(), s.config(), deps(s.clock))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	s.start()
	s.register()
	raw := s.signIn().GetAccessToken()
	for i, service := range services {
		if _, err := token.NewVerifier(service.Keys(), s.clock).Verify(t.Context(), raw); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	}
}

func deps(c clockwork.Clock) auth.Deps {
	return auth.Deps{Telemetry: telemetry.Discard(), Clock: c, Random: rand.Reader, Revocations: revocation.NewMemory(c)}
}

func TestAWrongSecretRefusesToStart(t *testing.T) {
	s := newSetting(t)
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}
	wrong := s.config()
	wrong.SecretKey = config.NewSecret(strings.Repeat("x", 32))
	service, err := auth.New(t.Context(), wrong, deps(s.clock))
	if err == nil {
		service.Close()
		t.Fatal("it started")
	}
	if text := err.Error(); !strings.Contains(text, "JWT_SECRET_KEY") || strings.Contains(text, "xxxx") {
		t.Errorf("the error is %q", text)
	}
	changed := wrong
	changed.PreviousSecretKey = config.NewSecret(secret)
	for _, c := range []auth.Config{changed, wrong} { // once opened by the previous one, the new one is enough
		service, err := auth.New(t.Context(), c, deps(s.clock))
		if err != nil {
			t.Fatal(err)
		}
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWithoutItsDatabaseTheServiceIsUnavailableAndSaysNothingMore(t *testing.T) {
	s := newSetting(t)
	s.register()
	tokens := s.signIn()
	health := healthpb.NewHealthClient(s.conn)
	wantHealth := func(want healthpb.HealthCheckResponse_ServingStatus) {
		t.Helper()
		if resp, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil || resp.GetStatus() != want {
			t.Errorf("health %v, %v; want %v", resp.GetStatus(), err, want)
		}
	}
	wantHealth(healthpb.HealthCheckResponse_SERVING)
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}

	_, registerErr := s.Register(t.Context(), &authv1.RegisterRequest{Email: email, Password: password})
	_, loginErr := s.Login(t.Context(), &authv1.LoginRequest{Email: email, Password: password})
	_, refreshErr := s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: tokens.GetRefreshToken()})
	_, logoutErr := s.Logout(s.as(tokens), &authv1.LogoutRequest{})
	_, meErr := s.GetMe(s.as(tokens), &authv1.GetMeRequest{})
	answered := map[string]error{
		"Register": registerErr, "Login": loginErr, "Refresh": refreshErr, "Logout": logoutErr, "GetMe": meErr,
	}
	for name, err := range answered {
		s.wantReason(err, errs.KindUnavailable, "STORAGE_UNAVAILABLE")
		if e, ok := errs.From(err); ok && e.RetryAfter == 0 {
			t.Errorf("%s: no retry delay", name)
		}
		text := fmt.Sprintf("%v %+v", err, err)
		for _, leak := range []string{"sql", "database", "closed", filepath.Base(s.dir), ".db"} {
			if strings.Contains(strings.ToLower(text), leak) {
				t.Errorf("%s answers %q, which shows %q", name, text, leak)
			}
		}
	}
	// The keys are in memory: whoever has a token is let in by the other services.
	if _, err := s.GetJwks(t.Context(), &authv1.GetJwksRequest{}); err != nil {
		t.Errorf("GetJwks: %v", err)
	}
	for _, m := range authv1.AuthService_ServiceDesc.Methods {
		if _, ok := answered[m.MethodName]; !ok && m.MethodName != "GetJwks" {
			t.Errorf("%s was not called", m.MethodName)
		}
	}
	s.clock.Advance(time.Second) // health keeps an answer that long
	wantHealth(healthpb.HealthCheckResponse_NOT_SERVING)
}

func TestNeitherLogNorTracesShowASecret(t *testing.T) {
	s := newSetting(t)
	s.register()
	tokens := s.signIn()
	resp, err := s.Refresh(t.Context(), &authv1.RefreshRequest{RefreshToken: tokens.GetRefreshToken()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), &authv1.LoginRequest{Email: email, Password: password + "!"}); err == nil {
		t.Fatal("a wrong password was accepted")
	}
	if _, err := s.Logout(s.as(resp.GetTokens()), &authv1.LogoutRequest{}); err != nil {
		t.Fatal(err)
	}
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), &authv1.LoginRequest{Email: email, Password: password}); err == nil {
		t.Fatal("a closed service answered")
	}
	spans := s.spans.GetSpans()
	told := s.log.String() + fmt.Sprintf("%+v", spans)
	if !strings.Contains(told, "inframind.auth.v1.AuthService/Login") || !strings.Contains(told, "FROM accounts") {
		t.Fatalf("the %d spans are not those of the calls and their queries", len(spans))
	}
	for _, leak := range []string{
		password, email, secret, "$2a$", "imr_", tokens.GetAccessToken(), resp.GetTokens().GetAccessToken(),
	} {
		if strings.Contains(told, leak) {
			t.Errorf("%q is shown", leak)
		}
	}
}
