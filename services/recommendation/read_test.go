package recommendation_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/page"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

func TestWhatIsAnothersDoesNotExist(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "key")

	_, err := s.tryGenerate("usr_b", "asm_1", "key")
	refused(t, err, errs.KindNotFound, "ASSESSMENT_NOT_FOUND")
	_, err = s.tryList("usr_b", "asm_1", 0, "")
	refused(t, err, errs.KindNotFound, "ASSESSMENT_NOT_FOUND")
	_, err = s.tryGet("usr_b", set.GetId())
	refused(t, err, errs.KindNotFound, "RECOMMENDATION_NOT_FOUND")

	_, err = s.tryGet("usr_a", "rec_none")
	refused(t, err, errs.KindNotFound, "RECOMMENDATION_NOT_FOUND")
	_, err = s.tryList("usr_a", "asm_none", 0, "")
	refused(t, err, errs.KindNotFound, "ASSESSMENT_NOT_FOUND")
}

func TestAListIsReadPageByPageNewestFirst(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	var want []string
	for range 7 {
		want = append(want, s.generate("usr_a", "asm_1", "").GetId())
		s.clock.Advance(time.Second)
	}
	slices.Reverse(want)
	var got []string
	pages, token := 0, ""
	for {
		res, err := s.tryList("usr_a", "asm_1", 3, token)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, set := range res.GetRecommendations() {
			got = append(got, set.GetId())
			if set.GetContent() != nil {
				t.Errorf("%s is listed with its content", set.GetId())
			}
		}
		if token = res.GetNextPageToken(); token == "" {
			break
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages of %v, want 3 of %v", pages, got, want)
	}
	// A page that ends with the list has no token.
	if res, err := s.tryList("usr_a", "asm_1", 7, ""); err != nil || len(res.GetRecommendations()) != 7 || res.GetNextPageToken() != "" {
		t.Errorf("a page of all: %v, %v", res, err)
	}
}

func TestAPageTokenIsGoodForItsOwnListAlone(t *testing.T) {
	s := newSuite(t)
	for _, owner := range []string{"usr_a", "usr_b"} {
		for _, id := range []string{"asm_1", "asm_2"} {
			s.assessments.put(owner, submitted(id, 1, 2))
			s.generate(owner, id, "")
			s.generate(owner, id, "")
		}
	}
	res, err := s.tryList("usr_a", "asm_1", 1, "")
	if err != nil || res.GetNextPageToken() == "" {
		t.Fatal(res, err)
	}
	list := page.Identity(recommendationv1.RecommendationService_ListRecommendations_FullMethodName, "usr_a", "asm_1")
	for name, c := range map[string]struct{ owner, assessment, token string }{
		"of another assessment": {"usr_a", "asm_2", res.GetNextPageToken()},
		"of another owner":      {"usr_b", "asm_1", res.GetNextPageToken()},
		"of nothing":            {"usr_a", "asm_1", "AAAA"},
		"with another cursor":   {"usr_a", "asm_1", page.Encode(list, "yesterday")},
	} {
		_, err := s.tryList(c.owner, c.assessment, 1, c.token)
		e := refused(t, err, errs.KindInvalid, "INVALID_REQUEST")
		if len(e.Violations) != 1 || e.Violations[0].Field != "pageToken" || e.Violations[0].Rule != "page_token.list" {
			t.Errorf("a token %s: %+v", name, e.Violations)
		}
	}
}

func TestASetOutlivesItsAssessment(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "key")
	s.assessments.remove("usr_a", "asm_1")

	if got, err := s.tryGet("usr_a", set.GetId()); err != nil || !proto.Equal(got, set) {
		t.Errorf("read as %v, %v", got, err)
	}
	_, err := s.tryList("usr_a", "asm_1", 0, "")
	refused(t, err, errs.KindNotFound, "ASSESSMENT_NOT_FOUND")
	_, err = s.tryGenerate("usr_a", "asm_1", "key")
	refused(t, err, errs.KindNotFound, "ASSESSMENT_NOT_FOUND")
}
