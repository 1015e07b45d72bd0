package standalone_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	standalone "github.com/inframind/inframind/deploy/standalone"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

const (
	creates = 1000 // of a run
	amid    = 500  // the acknowledged create after which the platform is killed
	workers = 8
)

// numbered is the nth assessment: its title is its key, and its figures are its own.
func numbered(n int64) (key, body string) {
	key = fmt.Sprintf("key-%04d", n)
	return key, fmt.Sprintf(`{"title":%q,"monthlyBudgetUsd":%d,"dataResidency":["EU"],"workloads":[
		{"name":"api","kind":"KIND_API","vcpu":%d,"memoryGib":%g,"replicas":3}]}`, key, n*10, 1+n%64, 0.5+float64(n))
}

// createAll makes the numbered assessments with several workers, each of which ends
// when one of its requests gets no answer. It returns what was answered, by key.
func createAll(t *testing.T, s session, acknowledged func(count int)) map[string]string {
	t.Helper()
	var (
		mu      sync.Mutex
		answers = map[string]string{}
		next    atomic.Int64
		working sync.WaitGroup
	)
	work := func() {
		for n := next.Add(1); n <= creates; n = next.Add(1) {
			key, body := numbered(n)
			a, err := s.try(t.Context(), request{http.MethodPost, assessments, body, []string{"Idempotency-Key: " + key}})
			if err != nil {
				return // not acknowledged
			}
			if a.StatusCode != http.StatusCreated {
				t.Errorf("%s: %d %s", key, a.StatusCode, a.body)
				return
			}
			mu.Lock()
			answers[key] = a.body
			acknowledged(len(answers))
			mu.Unlock()
		}
	}
	for range workers {
		working.Go(work)
	}
	working.Wait()
	return answers
}

func TestEveryAcknowledgedCreateSurvivesAKill(t *testing.T) {
	folder := t.TempDir()
	doomed, kill := startDoomed(t, folder)
	ada := doomed.newSession(t)
	left := ada.signIn(t)
	left.send(t, http.MethodPost, "/api/v1/auth/logout", "").want(t, http.StatusNoContent)
	before := createAll(t, ada, func(count int) {
		if count == amid {
			kill()
		}
	})
	if len(before) < amid || len(before) == creates {
		t.Fatalf("%d creates were acknowledged; the kill did not come amid them", len(before))
	}

	p := newPlatform(t, func(o *standalone.Options) { o.DataDir = folder })
	ada.platform, left.platform = p, p
	for key, said := range before {
		if a := ada.send(t, http.MethodGet, assessments+"/"+decoded(t, said).GetId(), ""); a.body != said {
			t.Fatalf("%s: acknowledged as %s, and now %d %s", key, said, a.StatusCode, a.body)
		}
	}
	kept := byTitle(t, ada.list(t))
	for key := range before {
		if kept[key] == nil {
			t.Errorf("%s is not listed", key)
		}
	}
	// Each worker had one request under way, which may have been stored.
	if unanswered := len(kept) - len(before); unanswered < 0 || unanswered > workers {
		t.Errorf("%d acknowledged, %d stored", len(before), len(kept))
	}

	// The same requests once more: what is stored is found, the rest is made.
	again := createAll(t, ada, func(int) {})
	if len(again) != creates {
		t.Fatalf("%d of %d requests were answered", len(again), creates)
	}
	for key, said := range before {
		if again[key] != said {
			t.Errorf("%s: acknowledged as %s, and repeated as %s", key, said, again[key])
		}
	}
	pages := ada.list(t)
	for i, page := range pages {
		if len(page) != 200 {
			t.Errorf("page %d has %d assessments", i+1, len(page))
		}
	}
	final := byTitle(t, pages)
	if len(pages) != creates/200 || len(final) != creates {
		t.Fatalf("%d assessments on %d pages", len(final), len(pages))
	}
	for key, said := range again {
		if !proto.Equal(final[key], decoded(t, said)) {
			t.Errorf("%s: listed as %v, and answered as %s", key, final[key], said)
		}
	}
	key, _ := numbered(1)
	ada.send(t, http.MethodPost, assessments, draft, "Idempotency-Key: "+key).
		problem(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")

	ada.signIn(t)
	ada.renew(t).want(t, http.StatusOK)
	left.send(t, http.MethodGet, "/api/v1/auth/me", "").problem(t, http.StatusUnauthorized, "REVOKED_TOKEN")
}

func decoded(t *testing.T, created string) *assessmentv1.Assessment {
	t.Helper()
	var made assessmentv1.CreateAssessmentResponse
	decode(t, created, &made)
	return made.GetAssessment()
}

// byTitle wants that no assessment, and no title, is there twice, and that the
// newest come first.
func byTitle(t *testing.T, pages [][]*assessmentv1.Assessment) map[string]*assessmentv1.Assessment {
	t.Helper()
	titles, ids := map[string]*assessmentv1.Assessment{}, map[string]bool{}
	all := slices.Concat(pages...)
	for i, a := range all {
		if titles[a.GetTitle()] != nil || ids[a.GetId()] {
			t.Errorf("%s %s is there twice", a.GetId(), a.GetTitle())
		}
		titles[a.GetTitle()], ids[a.GetId()] = a, true
		if i > 0 && a.GetCreateTime().AsTime().After(all[i-1].GetCreateTime().AsTime()) {
			t.Errorf("%s is newer than the one before it", a.GetTitle())
		}
	}
	return titles
}
