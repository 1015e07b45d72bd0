// Package demo does the platform's main job over REST as a user would:
// register, sign in, submit an assessment and get a recommendation.
package demo

import (
	"context"
	"crypto/rand"
	"io"
	"net/url"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// Account is what a person signs in with.
type Account struct {
	Email    string
	Password string
}

// NewAccount returns an account that nobody has: its name and its password are
// random.
func NewAccount() Account {
	return Account{Email: "demo-" + rand.Text() + "@example.org", Password: rand.Text()}
}

// Run does the main job at the platform at base, says each step on progress,
// and returns the recommendation set.
func Run(ctx context.Context, base string, who Account, a *assessmentv1.Assessment, progress io.Writer) (*recommendationv1.RecommendationSet, error) {
	c := newClient(base, progress)
	defer c.http.CloseIdleConnections()
	id, err := c.submit(ctx, who, a)
	if err != nil {
		return nil, err
	}
	c.step("Asking for a recommendation")
	made := new(recommendationv1.GenerateRecommendationResponse)
	if err := c.post(ctx, assessmentPath(id)+"/recommendations:generate",
		&recommendationv1.GenerateRecommendationRequest{}, made); err != nil {
		return nil, err
	}
	return made.GetRecommendation(), nil
}

// Submit does the job up to the submitted assessment. It returns the access token
// of the session and the assessment's ID.
func Submit(ctx context.Context, base string, who Account, a *assessmentv1.Assessment, progress io.Writer) (bearer, id string, err error) {
	c := newClient(base, progress)
	defer c.http.CloseIdleConnections()
	id, err = c.submit(ctx, who, a)
	return c.bearer, id, err
}

func (c *client) submit(ctx context.Context, who Account, a *assessmentv1.Assessment) (id string, err error) {
	c.step("Registering " + who.Email)
	if err := c.post(ctx, "/api/v1/auth/register", &authv1.RegisterRequest{
		Email: who.Email, Password: who.Password, DisplayName: "Demo",
	}, nil); err != nil {
		return "", err
	}

	c.step("Signing in")
	session := new(authv1.LoginResponse)
	if err := c.post(ctx, "/api/v1/auth/login", &authv1.LoginRequest{
		Email: who.Email, Password: who.Password,
	}, session); err != nil {
		return "", err
	}
	c.bearer = session.GetTokens().GetAccessToken()

	c.step("Submitting the assessment " + a.GetTitle())
	created := new(assessmentv1.CreateAssessmentResponse)
	if err := c.post(ctx, "/api/v1/assessments", a, created); err != nil {
		return "", err
	}
	id = created.GetAssessment().GetId()
	return id, c.post(ctx, assessmentPath(id)+":submit", &assessmentv1.SubmitAssessmentRequest{
		Etag: created.GetAssessment().GetEtag(),
	}, nil)
}

func assessmentPath(id string) string { return "/api/v1/assessments/" + url.PathEscape(id) }
