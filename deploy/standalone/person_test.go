package standalone_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"testing"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// person has an account at a platform.
type person struct {
	platform        *platform
	email, password string
}

// session is one sign-in of a person.
type session struct {
	person

	access, refresh string
}

// draft is a small assessment that is complete.
const draft = `{"title":"Portal","workloads":[{"name":"api","kind":"KIND_API","vcpu":2,"memoryGib":8}]}`

// newSession registers a person whom nobody knows yet, and signs in.
func (p *platform) newSession(t *testing.T) session {
	t.Helper()
	who := person{p, "person-" + rand.Text() + "@example.com", rand.Text()}
	p.send(t, http.MethodPost, "/api/v1/auth/register", who.credentials()).want(t, http.StatusAccepted)
	return who.signIn(t)
}

func (p person) credentials() string {
	return `{"email":"` + p.email + `","password":"` + p.password + `"}`
}

func (p person) signIn(t *testing.T) session {
	t.Helper()
	var got authv1.LoginResponse
	p.platform.send(t, http.MethodPost, "/api/v1/auth/login", p.credentials()).want(t, http.StatusOK).into(t, &got)
	return session{p, got.GetTokens().GetAccessToken(), got.GetTokens().GetRefreshToken()}
}

// renew exchanges the session's refresh token.
func (s session) renew(t *testing.T) answer {
	t.Helper()
	return s.platform.send(t, http.MethodPost, "/api/v1/auth/refresh", `{"refreshToken":"`+s.refresh+`"}`)
}

// try sends a request with the session's token from any goroutine.
func (s session) try(ctx context.Context, r request) (answer, error) {
	r.headers = append([]string{"Authorization: Bearer " + s.access}, r.headers...)
	return s.platform.try(ctx, r)
}

// send sends a request with the session's token.
func (s session) send(t *testing.T, verb, path, body string, headers ...string) answer {
	t.Helper()
	a, err := s.try(t.Context(), request{verb, path, body, headers})
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	return a
}

const assessments = "/api/v1/assessments"

// create makes an assessment.
func (s session) create(t *testing.T, body string, headers ...string) *assessmentv1.Assessment {
	t.Helper()
	var made assessmentv1.CreateAssessmentResponse
	s.send(t, http.MethodPost, assessments, body, headers...).want(t, http.StatusCreated).into(t, &made)
	return made.GetAssessment()
}

// submit makes an assessment that recommendations may be made for.
func (s session) submit(t *testing.T, body string) *assessmentv1.Assessment {
	t.Helper()
	var submitted assessmentv1.SubmitAssessmentResponse
	s.send(t, http.MethodPost, assessments+"/"+s.create(t, body).GetId()+":submit", "").want(t, http.StatusOK).into(t, &submitted)
	return submitted.GetAssessment()
}

// generate makes a recommendation set.
func (s session) generate(t *testing.T, assessment string, headers ...string) *recommendationv1.RecommendationSet {
	t.Helper()
	var made recommendationv1.GenerateRecommendationResponse
	s.send(t, http.MethodPost, assessments+"/"+assessment+"/recommendations:generate", "", headers...).
		want(t, http.StatusCreated).into(t, &made)
	return made.GetRecommendation()
}

// list is the person's assessments, page by page.
func (s session) list(t *testing.T) (pages [][]*assessmentv1.Assessment) {
	t.Helper()
	for token := ""; ; {
		var got assessmentv1.ListAssessmentsResponse
		s.send(t, http.MethodGet, assessments+"?pageSize=200&pageToken="+token, "").want(t, http.StatusOK).into(t, &got)
		pages = append(pages, got.GetAssessments())
		if token = got.GetNextPageToken(); token == "" {
			return pages
		}
	}
}

// hasNothing wants that nothing was stored.
func (s session) hasNothing(t *testing.T) {
	t.Helper()
	if pages := s.list(t); len(pages) != 1 || len(pages[0]) != 0 {
		t.Errorf("something is stored: %v", pages)
	}
}
