package dashboard_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
)

func (p *platform) overview(ctx context.Context) (*dashboardv1.Overview, error) {
	res, err := p.GetOverview(ctx, &dashboardv1.GetOverviewRequest{})
	return res.GetOverview(), err
}

func TestAnOverviewIsOfTheCallersOwnThings(t *testing.T) {
	p := newPlatform(t)
	p.assessments.write("usr_ann")
	p.assessments.write("usr_ann")
	p.recommendations.write("usr_ann")
	p.assessments.write("usr_bob")
	o, err := p.overview(p.as(t, "usr_ann"))
	if err != nil || o.GetAssessments().GetTotal() != 2 || o.GetRecommendations().GetSets() != 1 || len(o.GetMissing()) != 0 ||
		!o.GetAsOfTime().AsTime().Equal(start) {
		t.Errorf("got %v, %v", o, err)
	}
	if o, err := p.overview(p.as(t, "usr_eve")); err != nil || o.GetAssessments() == nil || o.GetAssessments().GetTotal() != 0 {
		t.Errorf("somebody who has nothing: %v, %v", o, err)
	}
	if _, err := p.overview(t.Context()); status.Code(err) != codes.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
}

func TestThePlatformsOverviewIsOfEverybodysThingsAndForAdmins(t *testing.T) {
	p := newPlatform(t)
	p.assessments.write("usr_ann")
	p.assessments.write("usr_bob")
	p.recommendations.write("usr_bob")
	res, err := p.GetPlatformOverview(p.as(t, "usr_root", token.RoleAdmin), &dashboardv1.GetPlatformOverviewRequest{})
	if o := res.GetOverview(); err != nil || o.GetAssessments().GetTotal() != 2 || o.GetRecommendations().GetSets() != 1 {
		t.Errorf("got %v, %v", o, err)
	}
	_, err = p.GetPlatformOverview(p.as(t, "usr_ann"), &dashboardv1.GetPlatformOverviewRequest{})
	if status.Code(err) != codes.PermissionDenied {
		t.Errorf("a person: %v", err)
	}
}

// faults are the ways in which a service may not answer.
var faults = map[string]func(context.Context) error{
	"unavailable": func(context.Context) error { return errs.Unavailable("STORAGE_UNAVAILABLE", "away", time.Second) },
	"broken":      func(context.Context) error { return errors.New("a fault") },
	"hanging":     func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
}

func TestAnOverviewNamesTheServiceThatDoesNotAnswer(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t)
			p.assessments.write("usr_ann")
			p.recommendations.breakWith(fault)
			ctx, cancel := context.WithTimeout(p.as(t, "usr_ann"), 500*time.Millisecond)
			defer cancel()
			o, err := p.overview(ctx)
			if err != nil || o.GetAssessments().GetTotal() != 1 || o.GetRecommendations() != nil || !slices.Equal(o.GetMissing(), []string{"recommendation"}) {
				t.Errorf("got %v, %v", o, err)
			}
		})
	}
	t.Run("with nothing in its answer", func(t *testing.T) {
		p := newPlatform(t)
		p.assessments.empty = true
		o, err := p.overview(p.as(t, "usr_ann"))
		if err != nil || !slices.Equal(o.GetMissing(), []string{"assessment"}) {
			t.Errorf("got %v, %v", o, err)
		}
	})
}

func TestWithoutAnyPartThereIsNoOverview(t *testing.T) {
	p := newPlatform(t)
	p.assessments.breakWith(faults["broken"])
	p.recommendations.breakWith(faults["unavailable"])
	_, err := p.overview(p.as(t, "usr_ann"))
	e, ok := errs.From(err)
	if !ok || e.Kind != errs.KindUnavailable || e.Reason != "OVERVIEW_UNAVAILABLE" || e.RetryAfter <= 0 {
		t.Errorf("got %v", err)
	}
}

// What a service holds against the caller is no fault of the service.
func TestACallerWhoMayNotReadAPartIsTold(t *testing.T) {
	p := newPlatform(t)
	claims := p.issuer.Claims("usr_ann", "ses_ann")
	claims.Scopes = []string{"dashboard:read", "assessments:read"}
	ctx := testkit.WithToken(t.Context(), p.issuer.Sign(claims))
	_, err := p.overview(ctx)
	if e, ok := errs.From(err); !ok || e.Kind != errs.KindDenied || e.Reason != "SCOPE_REQUIRED" {
		t.Errorf("got %v", err)
	}
}
