package standalone_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

const repeats = 200

// repeat sends the same request many times at once and returns all answers.
func (s session) repeat(ctx context.Context, r request) ([]answer, []error) {
	answers, errs := make([]answer, repeats), make([]error, repeats)
	start := make(chan struct{})
	var sending sync.WaitGroup
	for i := range repeats {
		sending.Go(func() {
			<-start
			answers[i], errs[i] = s.try(ctx, r)
		})
	}
	close(start)
	sending.Wait()
	return answers, errs
}

func TestRepeatsAtTheSameTimeMakeOne(t *testing.T) {
	s := newPlatform(t).newSession(t)
	t.Run("assessment", func(t *testing.T) { repeatedCreate(t, s) })
	t.Run("set", func(t *testing.T) { repeatedGenerate(t, s) })
}

func repeatedCreate(t *testing.T, s session) {
	answers, errs := s.repeat(t.Context(), request{http.MethodPost, assessments, draft, []string{"Idempotency-Key: once"}})
	for i, a := range answers {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if a.StatusCode != http.StatusCreated || a.body != answers[0].body || a.Header.Get("Location") != answers[0].Header.Get("Location") {
			t.Errorf("%d %s, and before %s", a.StatusCode, a.body, answers[0].body)
		}
	}
	pages := s.list(t)
	if len(pages) != 1 || len(pages[0]) != 1 || pages[0][0].GetId() != decoded(t, answers[0].body).GetId() {
		t.Errorf("stored: %v", pages)
	}
}

func TestAKeyNamesOneRequestOfOnePerson(t *testing.T) {
	p := newPlatform(t)
	s, other := p.newSession(t), p.newSession(t)
	const key = "Idempotency-Key: a-key"
	made := s.create(t, draft, key)

	s.send(t, http.MethodPost, assessments, assessed(`"monthlyBudgetUsd":5`), key).
		problem(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
	// Order, spaces and what the service assigns make no other request.
	same := `{ "workloads": [{"memoryGib": 8.0, "vcpu": 2, "name":"api", "kind": "KIND_API"}], "id": "x", "title": "Portal" }`
	if again := s.create(t, same, key); !proto.Equal(again, made) {
		t.Errorf("made %v, and then %v", made, again)
	}
	theirs := other.create(t, draft, key)
	if theirs.GetId() == made.GetId() {
		t.Error("two people's keys are one")
	}
	if fresh := s.create(t, draft, "Idempotency-Key: b-key"); fresh.GetId() == made.GetId() {
		t.Error("two keys are one")
	}
	if pages := s.list(t); len(pages[0]) != 2 {
		t.Errorf("stored: %v", pages)
	}

	// A repeat tells how the assessment is by now.
	s.send(t, http.MethodPatch, assessments+"/"+made.GetId(), `{"title":"Renamed"}`).want(t, http.StatusOK)
	if again := s.create(t, draft, key); again.GetId() != made.GetId() || again.GetTitle() != "Renamed" {
		t.Errorf("repeated after a change: %v", again)
	}
	s.send(t, http.MethodDelete, assessments+"/"+made.GetId(), "").want(t, http.StatusNoContent)
	s.send(t, http.MethodPost, assessments, draft, key).problem(t, http.StatusConflict, "ASSESSMENT_DELETED")
	s.send(t, http.MethodGet, assessments+"/"+made.GetId(), "").problem(t, http.StatusNotFound, "ASSESSMENT_NOT_FOUND")
}

func repeatedGenerate(t *testing.T, s session) {
	id := s.submit(t, draft).GetId()
	answers, errs := s.repeat(t.Context(), request{
		verb: http.MethodPost, path: assessments + "/" + id + "/recommendations:generate", headers: []string{"Idempotency-Key: once"},
	})
	for i, a := range answers {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if a.StatusCode != http.StatusCreated || a.body != answers[0].body {
			t.Fatalf("%d %s, and before %s", a.StatusCode, a.body, answers[0].body)
		}
	}
	if sets := s.sets(t, id); len(sets) != 1 {
		t.Errorf("%d sets are stored", len(sets))
	}
}

// sets are the sets of an assessment, without content.
func (s session) sets(t *testing.T, assessment string) []*recommendationv1.RecommendationSet {
	t.Helper()
	var got recommendationv1.ListRecommendationsResponse
	s.send(t, http.MethodGet, assessments+"/"+assessment+"/recommendations", "").want(t, http.StatusOK).into(t, &got)
	return got.GetRecommendations()
}

func TestOneRevisionHasOneAnswerToTheByte(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)
	id := s.submit(t, exampleBody(t)).GetId()
	first := s.generate(t, id, "Idempotency-Key: first")
	if repeat := s.generate(t, id, "Idempotency-Key: first"); !proto.Equal(repeat, first) {
		t.Errorf("repeated as %v", repeat)
	}
	p.restart(t)
	second := s.generate(t, id)
	if second.GetId() == first.GetId() || second.GetContentSha256() != first.GetContentSha256() {
		t.Errorf("%s %s, and then %s %s", first.GetId(), first.GetContentSha256(), second.GetId(), second.GetContentSha256())
	}
	for _, set := range []*recommendationv1.RecommendationSet{first, second} {
		var got recommendationv1.GetRecommendationResponse
		s.send(t, http.MethodGet, "/api/v1/recommendations/"+set.GetId(), "").want(t, http.StatusOK).into(t, &got)
		if !proto.Equal(got.GetRecommendation(), set) {
			t.Errorf("made as %v, read as %v", set, got.GetRecommendation())
		}
		bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(got.GetRecommendation().GetContent())
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(bytes); hex.EncodeToString(sum[:]) != set.GetContentSha256() {
			t.Errorf("the content of %s has %x, and is said to have %s", set.GetId(), sum, set.GetContentSha256())
		}
	}

	// The next revision is another answer, and its key another's.
	s.send(t, http.MethodPatch, assessments+"/"+id, `{"allowedProviders":["aws"]}`).want(t, http.StatusOK)
	if old := s.generate(t, id); old.GetAssessmentRevision() != 1 || old.GetContentSha256() != first.GetContentSha256() {
		t.Errorf("before the change is submitted: revision %d, %s", old.GetAssessmentRevision(), old.GetContentSha256())
	}
	s.send(t, http.MethodPost, assessments+"/"+id+":submit", "").want(t, http.StatusOK)
	s.send(t, http.MethodPost, assessments+"/"+id+"/recommendations:generate", "", "Idempotency-Key: first").
		problem(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
	if next := s.generate(t, id); next.GetAssessmentRevision() != 2 || next.GetContentSha256() == first.GetContentSha256() {
		t.Errorf("after it: revision %d, %s", next.GetAssessmentRevision(), next.GetContentSha256())
	}
	if sets := s.sets(t, id); len(sets) != 4 {
		t.Errorf("%d sets are stored", len(sets))
	}
}
