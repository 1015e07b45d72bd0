package standalone_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
)

func TestNoSecretIsInTheLogOrInATrace(t *testing.T) {
	recorded := newSpans()
	p := newPlatform(t, with("INFRA_MIND_LOG_LEVEL=DEBUG", "JWT_SECRET_KEY="+secret), recorded.record)
	secrets := []string{secret, "correct-horse"}
	s := p.newSession(t)
	secrets = append(secrets, s.password, s.access, s.refresh)

	// All goes well.
	his := s.newBelongings(t)
	s.send(t, http.MethodGet, "/api/v1/auth/me", "").want(t, http.StatusOK)
	var renewed authv1.RefreshResponse
	s.renew(t).want(t, http.StatusOK).into(t, &renewed)
	secrets = append(secrets, renewed.GetTokens().GetAccessToken(), renewed.GetTokens().GetRefreshToken())

	// And all goes wrong.
	wrong := person{p, s.email, "correct-horse-" + rand.Text()}
	p.send(t, http.MethodPost, "/api/v1/auth/login", wrong.credentials()).want(t, http.StatusUnauthorized)
	p.send(t, http.MethodPost, "/api/v1/auth/register", wrong.credentials()).want(t, http.StatusAccepted)
	for _, body := range []string{
		`{"email":"a@example.com","password":"correct-horse` + strings.Repeat("x", 100) + `"}`,
		`{"email":"correct-horse","password":"correct-horse"}`,
		`{"email":"a@example.com","passwort":"correct-horse"}`,
		`{"email":"a@example.com","password":["correct-horse"]}`,
		`{"email":"a@example.com","password":"correct-horse`,
	} {
		a := p.send(t, http.MethodPost, "/api/v1/auth/register", body).want(t, http.StatusBadRequest)
		if strings.Contains(a.body, "correct-horse") {
			t.Errorf("the answer repeats the password: %s", a.body)
		}
	}
	p.send(t, http.MethodGet, assessments, "", "Authorization: Bearer correct-horse").want(t, http.StatusUnauthorized)
	p.send(t, http.MethodGet, assessments, "", "Authorization: Bearer "+s.access+"x").want(t, http.StatusUnauthorized)
	p.send(t, http.MethodGet, assessments, "", "Authorization: Basic correct-horse").want(t, http.StatusUnauthorized)
	s.renew(t).want(t, http.StatusUnauthorized) // used already: it ends the session
	s.send(t, http.MethodGet, assessments+"/"+his.assessment, "").want(t, http.StatusUnauthorized)
	p.tamper(t, his.set)
	s.signIn(t).send(t, http.MethodGet, "/api/v1/recommendations/"+his.set, "").want(t, http.StatusInternalServerError)
	p.stop(t) // so that every span has ended

	if !strings.Contains(p.log.String(), `"level":"ERROR"`) || len(recorded.GetSpans()) == 0 {
		t.Fatalf("nothing is told: %s", p.log)
	}
	told := p.log.String() + fmt.Sprint(recorded.GetSpans())
	for _, hidden := range secrets {
		if hidden == "" || strings.Contains(told, hidden) {
			t.Errorf("%q is told", hidden)
		}
	}
}

func TestTheFolderHoldsNoPasswordAndNoTokenAsTheyAre(t *testing.T) {
	p := newPlatform(t, with("JWT_SECRET_KEY="+secret))
	s := p.newSession(t)
	s.newBelongings(t)
	files, err := filepath.Glob(filepath.Join(p.options.DataDir, "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("files %v, %v", files, err)
	}
	found := false
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(content), strings.ToLower(s.email))
		for _, hidden := range []string{secret, s.password, s.access, s.refresh} {
			if strings.Contains(string(content), hidden) {
				t.Errorf("%s has %q", filepath.Base(path), hidden)
			}
		}
	}
	if !found {
		t.Error("not even the account is there: the test looks in the wrong place")
	}
}
