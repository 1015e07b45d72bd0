package standalone_test

import (
	"crypto/rand"
	"maps"
	"net/http"
	"strings"
	"testing"

	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
)

func TestNobodyLearnsWhoHasAnAccount(t *testing.T) {
	known := newPlatform(t).newSession(t).person
	t.Run("by registering", func(t *testing.T) { registering(t, known) })
	t.Run("by signing in", func(t *testing.T) { signingIn(t, known) })
	t.Run("though an address is one account however it is written", func(t *testing.T) { spelling(t, known) })
}

func registering(t *testing.T, known person) {
	p := known.platform
	register := func(email string) answer {
		return p.send(t, http.MethodPost, "/api/v1/auth/register",
			`{"email":"`+email+`","password":"`+rand.Text()+`","displayName":"Eve"}`)
	}
	fresh := shape(t, register("nobody-"+rand.Text()+"@example.com").want(t, http.StatusAccepted))
	for _, email := range []string{known.email, strings.ToUpper(known.email)} {
		if got := shape(t, register(email)); !maps.Equal(got, fresh) {
			t.Errorf("for a known address: %v\nfor a new one:      %v", got, fresh)
		}
	}

	// Nor does it do anything to the account: the first password still opens it.
	var me authv1.GetMeResponse
	known.signIn(t).send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK).into(t, &me)
	if me.GetAccount().GetDisplayName() != "" || me.GetAccount().GetEmail() != strings.ToLower(known.email) {
		t.Errorf("the account is now %v", me.GetAccount())
	}
}

func signingIn(t *testing.T, known person) {
	p := known.platform
	wrong := person{p, known.email, rand.Text()}
	unknown := person{p, "nobody-" + rand.Text() + "@example.com", rand.Text()}
	answers := make([]map[string]string, 2)
	for i, who := range []person{wrong, unknown} {
		a := p.send(t, http.MethodPost, "/api/v1/auth/login", who.credentials())
		a.problem(t, http.StatusUnauthorized, "INVALID_CREDENTIALS")
		answers[i] = shape(t, a)
	}
	if !maps.Equal(answers[0], answers[1]) {
		t.Errorf("with a wrong password: %v\nof nobody:             %v", answers[0], answers[1])
	}
}

func spelling(t *testing.T, who person) {
	shouting := person{who.platform, strings.ToUpper(who.email), who.password}
	var here, there authv1.GetMeResponse
	who.signIn(t).send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK).into(t, &here)
	shouting.signIn(t).send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK).into(t, &there)
	if here.GetAccount().GetId() == "" || here.GetAccount().GetId() != there.GetAccount().GetId() {
		t.Errorf("%v and %v", here.GetAccount(), there.GetAccount())
	}
}
