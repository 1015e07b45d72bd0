package standalone_test

import (
	"bufio"
	"context"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

const (
	overviewPath = "/api/v2/dashboard/overview"
	streamPath   = "/api/v2/dashboard/metrics:stream"
)

func (s session) overview(t *testing.T) *dashboardv1.Overview {
	t.Helper()
	var got dashboardv1.GetOverviewResponse
	s.send(t, http.MethodGet, overviewPath, "").want(t, http.StatusOK).into(t, &got)
	return got.GetOverview()
}

// wantOverview compares all but the time.
func wantOverview(t *testing.T, when string, got *dashboardv1.Overview, a *assessmentv1.AssessmentSummary, r *recommendationv1.RecommendationSummary) {
	t.Helper()
	if !proto.Equal(got.GetAssessments(), a) || !proto.Equal(got.GetRecommendations(), r) || len(got.GetMissing()) != 0 || got.GetAsOfTime() == nil {
		t.Errorf("%s: got %v, want %v and %v", when, got, a, r)
	}
}

func TestTheOverviewAddsUpWhatAPersonHas(t *testing.T) {
	p := newPlatform(t)
	s, stranger := p.newSession(t), p.newSession(t)
	wantOverview(t, "at first", s.overview(t), &assessmentv1.AssessmentSummary{}, &recommendationv1.RecommendationSummary{})
	s.create(t, draft)
	one := s.submit(t, draft).GetId()
	two := s.submit(t, exampleBody(t)).GetId()
	s.generate(t, one)
	latest := s.generate(t, one).GetContent().GetPlan().GetTotalUsd() + s.generate(t, two).GetContent().GetPlan().GetTotalUsd()
	wantOverview(t, "with three assessments and three sets", s.overview(t),
		&assessmentv1.AssessmentSummary{Total: 3, Drafts: 1, Submitted: 2},
		&recommendationv1.RecommendationSummary{Sets: 3, Assessments: 2, LatestTotalUsd: math.Round(latest*100) / 100})
	wantOverview(t, "somebody else", stranger.overview(t), &assessmentv1.AssessmentSummary{}, &recommendationv1.RecommendationSummary{})

	// A set outlives its assessment.
	s.send(t, http.MethodDelete, assessments+"/"+one, "").want(t, http.StatusNoContent)
	if got := s.overview(t); got.GetAssessments().GetTotal() != 2 || got.GetRecommendations().GetSets() != 3 {
		t.Errorf("after a deletion: %v", got)
	}
	p.restart(t)
	if got := s.overview(t); got.GetAssessments().GetTotal() != 2 || got.GetRecommendations().GetSets() != 3 {
		t.Errorf("after a restart: %v", got)
	}
	s.send(t, http.MethodGet, "/api/v2/dashboard/platform-overview", "").problem(t, http.StatusForbidden, "ADMIN_REQUIRED")
}

// Each write is acknowledged before the overview is read, mostly from what was kept
// for the read before.
func TestTheOverviewIsNeverOlderThanTheLastWrite(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	random := rand.New(rand.NewPCG(1, 2)) // every run does the same
	status := map[string]bool{}           // of each assessment: whether it is submitted
	var ids []string
	want := &assessmentv1.AssessmentSummary{}
	sets := int64(0)
	for i := range 200 {
		kind := random.IntN(5)
		if len(ids) == 0 {
			kind = 0
		}
		id := ""
		if kind > 0 {
			id = ids[random.IntN(len(ids))]
		}
		switch kind {
		case 0:
			id = s.create(t, draft).GetId()
			ids = append(ids, id)
			status[id] = false
		case 1:
			s.send(t, http.MethodPost, assessments+"/"+id+":submit", "").want(t, http.StatusOK)
			status[id] = true
		case 2:
			s.send(t, http.MethodPatch, assessments+"/"+id, `{"monthlyBudgetUsd":`+strings.Repeat("9", 1+i%5)+`,"title":"`+strings.Repeat("x", 1+i%50)+`"}`).want(t, http.StatusOK)
			var now assessmentv1.GetAssessmentResponse
			s.send(t, http.MethodGet, assessments+"/"+id, "").want(t, http.StatusOK).into(t, &now)
			status[id] = now.GetAssessment().GetStatus() == assessmentv1.Assessment_STATUS_SUBMITTED
		case 3:
			s.send(t, http.MethodPost, assessments+"/"+id+":submit", "").want(t, http.StatusOK)
			status[id] = true
			s.generate(t, id)
			sets++
		case 4:
			s.send(t, http.MethodDelete, assessments+"/"+id, "").want(t, http.StatusNoContent)
			delete(status, id)
			for i := range ids {
				if ids[i] == id {
					ids = append(ids[:i], ids[i+1:]...)
					break
				}
			}
		}
		want.Total, want.Drafts, want.Submitted = int64(len(status)), 0, 0
		for _, submitted := range status {
			if submitted {
				want.Submitted++
			} else {
				want.Drafts++
			}
		}
		for range 1 + random.IntN(2) {
			got := s.overview(t)
			if !proto.Equal(got.GetAssessments(), want) || got.GetRecommendations().GetSets() != sets {
				t.Fatalf("write %d of the kind %d: got %v, want %v and %d sets", i, kind, got, want, sets)
			}
		}
	}
}

// stream reads a stream's events in turn.
type stream struct {
	*http.Response

	lines *bufio.Scanner
}

func (s session) stream(ctx context.Context, t *testing.T) stream {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.platform.url+streamPath, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.access)
	response, err := s.platform.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the stream is answered with %d", response.StatusCode)
	}
	return stream{response, bufio.NewScanner(response.Body)}
}

// event is the next one's name and data; "" at the end of the stream.
func (s stream) event(t *testing.T) (name, data string) {
	t.Helper()
	for s.lines.Scan() {
		field, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "data":
			return name, value
		}
	}
	if err := s.lines.Err(); err != nil {
		t.Fatal(err)
	}
	return "", ""
}

func (s stream) overview(t *testing.T) *dashboardv1.Overview {
	t.Helper()
	name, data := s.event(t)
	if name != "message" {
		t.Fatalf("got the event %q: %s", name, data)
	}
	var got dashboardv1.StreamMetricsResponse
	decode(t, data, &got)
	return got.GetOverview()
}

func TestTheStreamShowsAPersonsWritesAndNobodyElses(t *testing.T) {
	p := newPlatform(t)
	s, stranger := p.newSession(t), p.newSession(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	events, theirs := s.stream(ctx, t), stranger.stream(ctx, t)
	if got := events.overview(t); got.GetAssessments().GetTotal() != 0 {
		t.Errorf("at the start: %v", got)
	}
	theirs.overview(t)
	id := s.submit(t, draft).GetId()
	s.generate(t, id)
	for got := events.overview(t); got.GetAssessments().GetSubmitted() != 1 || got.GetRecommendations().GetSets() != 1; got = events.overview(t) {
		if got.GetAssessments().GetTotal() > 1 {
			t.Fatalf("got %v", got)
		}
	}
	// The stranger's next event is of their own write: none came before it.
	stranger.create(t, draft)
	if got := theirs.overview(t); got.GetAssessments().GetTotal() != 1 || got.GetRecommendations().GetSets() != 0 {
		t.Errorf("somebody else sees %v", got)
	}
}

func TestALogoutEndsTheStream(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	events := s.stream(ctx, t)
	events.overview(t)
	s.send(t, http.MethodPost, "/api/v1/auth/logout", "").want(t, http.StatusNoContent)
	if name, data := events.event(t); name != "problem" || !strings.Contains(data, "REVOKED_TOKEN") {
		t.Errorf("after the logout: %q %s", name, data)
	}
	if name, data := events.event(t); name != "" {
		t.Errorf("after the end: %q %s", name, data)
	}
}

func TestAStreamDoesNotHoldUpTheStop(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	events := s.stream(t.Context(), t)
	events.overview(t)
	began := time.Now()
	if err := p.running.Close(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := io.Copy(io.Discard, events.Body); err != nil {
		t.Errorf("the stream ends with %v", err)
	}
	p.start(t) // for the end of the test to stop
}

func TestTheOverviewGoesOnWithoutAServiceAndNamesIt(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	s.create(t, draft)
	p.damage(t, "recommendation.db", `ALTER TABLE owner_generation RENAME TO gone`)
	got := s.overview(t)
	if !slices.Equal(got.GetMissing(), []string{"recommendation"}) || got.GetAssessments().GetTotal() != 1 || got.GetRecommendations() != nil {
		t.Errorf("got %v", got)
	}
	p.damage(t, "assessment.db", `ALTER TABLE owner_generation RENAME TO gone`)
	a := s.send(t, http.MethodGet, overviewPath, "")
	a.problem(t, http.StatusServiceUnavailable, "OVERVIEW_UNAVAILABLE")
	if a.Header.Get("Retry-After") == "" {
		t.Error("it is not said when to try again")
	}
	p.damage(t, "recommendation.db", `ALTER TABLE gone RENAME TO owner_generation`)
	p.damage(t, "assessment.db", `ALTER TABLE gone RENAME TO owner_generation`)
	if got := s.overview(t); len(got.GetMissing()) != 0 || got.GetAssessments().GetTotal() != 1 {
		t.Errorf("once they are back: %v", got)
	}
}
