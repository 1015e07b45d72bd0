package standalone_test

import (
	"net/http"
	"testing"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

func TestAnEtagNamesWhatWasRead(t *testing.T) {
	s := newPlatform(t).newSession(t)
	t.Run("a write on a stale one is refused and changes nothing", func(t *testing.T) { staleEtag(t, s) })
	t.Run("a reader that holds the latest gets no body", func(t *testing.T) { heldEtag(t, s) })
}

func staleEtag(t *testing.T, s session) {
	made := s.create(t, draft)
	path := assessments + "/" + made.GetId()
	var changed assessmentv1.UpdateAssessmentResponse
	a := s.send(t, http.MethodPatch, path, `{"title":"Second"}`, `If-Match: "`+made.GetEtag()+`"`).want(t, http.StatusOK)
	a.into(t, &changed)
	latest := changed.GetAssessment()
	if latest.GetEtag() == made.GetEtag() || latest.GetRevision() != 2 || a.Header.Get("ETag") != `"`+latest.GetEtag()+`"` {
		t.Fatalf("the change is not told: %v", latest)
	}
	before := s.send(t, http.MethodGet, path, "").want(t, http.StatusOK).body
	stale := `If-Match: "` + made.GetEtag() + `"`
	for _, c := range []struct {
		verb, path, body string
		headers          []string
	}{
		{http.MethodPatch, path, `{"title":"Third"}`, []string{stale}},
		{http.MethodPatch, path, `{"title":"Third","etag":"` + made.GetEtag() + `"}`, nil},
		{http.MethodPost, path + ":submit", "", []string{stale}},
		{http.MethodPost, path + ":submit", `{"etag":"` + made.GetEtag() + `"}`, nil},
		{http.MethodDelete, path, "", []string{stale}},
		{http.MethodDelete, path + "?etag=" + made.GetEtag(), "", nil},
	} {
		s.send(t, c.verb, c.path, c.body, c.headers...).problem(t, http.StatusPreconditionFailed, "ETAG_MISMATCH")
		if after := s.send(t, http.MethodGet, path, "").body; after != before {
			t.Fatalf("%s %s %s changed %s into %s", c.verb, c.path, c.body, before, after)
		}
	}
	fresh := `If-Match: "` + latest.GetEtag() + `"`
	s.send(t, http.MethodPost, path+":submit", "", fresh).want(t, http.StatusOK)
	s.send(t, http.MethodDelete, path, "", fresh).problem(t, http.StatusPreconditionFailed, "ETAG_MISMATCH")
	s.send(t, http.MethodDelete, path, "", `If-Match: *`).want(t, http.StatusNoContent)
	s.send(t, http.MethodGet, path, "").problem(t, http.StatusNotFound, "ASSESSMENT_NOT_FOUND")
}

func heldEtag(t *testing.T, s session) {
	made := s.create(t, draft)
	path := assessments + "/" + made.GetId()
	held := `If-None-Match: "` + made.GetEtag() + `"`
	if a := s.send(t, http.MethodGet, path, "", held).want(t, http.StatusNotModified); a.body != "" {
		t.Errorf("body %q", a.body)
	}
	s.send(t, http.MethodPatch, path, `{"title":"Second"}`).want(t, http.StatusOK)
	s.send(t, http.MethodGet, path, "", held).want(t, http.StatusOK)
}

func TestAPageTokenIsGoodForItsOwnListAlone(t *testing.T) {
	p := newPlatform(t)
	s, other := p.newSession(t), p.newSession(t)
	his, hers := s.submit(t, draft).GetId(), s.submit(t, draft).GetId()
	for range 2 {
		s.generate(t, his)
	}
	var page assessmentv1.ListAssessmentsResponse
	s.send(t, http.MethodGet, assessments+"?pageSize=1", "").want(t, http.StatusOK).into(t, &page)
	token := page.GetNextPageToken()
	if token == "" || len(page.GetAssessments()) != 1 || page.GetAssessments()[0].GetId() != hers {
		t.Fatalf("first page %v", &page)
	}
	for _, c := range []struct {
		session
		path string
	}{
		{s, assessments + "?status=STATUS_SUBMITTED&pageToken=" + token},
		{other, assessments + "?pageToken=" + token},
		{s, assessments + "/" + his + "/recommendations?pageToken=" + token},
	} {
		c.send(t, http.MethodGet, c.path, "").problem(t, http.StatusBadRequest, "INVALID_REQUEST").names(t, "pageToken", "page_token.list")
	}
	var next assessmentv1.ListAssessmentsResponse
	s.send(t, http.MethodGet, assessments+"?pageSize=1&pageToken="+token, "").want(t, http.StatusOK).into(t, &next)
	if len(next.GetAssessments()) != 1 || next.GetAssessments()[0].GetId() != his || next.GetNextPageToken() != "" {
		t.Errorf("second page %v", &next)
	}
}
