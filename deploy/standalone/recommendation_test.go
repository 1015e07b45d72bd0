package standalone_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
)

// exampleBody is the example assessment as the API takes it.
func exampleBody(t *testing.T) string {
	t.Helper()
	a, err := document.Read("the example", bytes.NewReader(example.YAML))
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestASubmittedAssessmentIsAnswered(t *testing.T) {
	s := newPlatform(t).newSession(t)
	t.Run("an infeasible workload is no error, and the set says what came nearest", func(t *testing.T) { infeasible(t, s) })
	t.Run("the example is answered within its constraints", func(t *testing.T) { exampleAnswered(t, s) })
	t.Run("a draft has no answer until it is submitted", func(t *testing.T) { unsubmitted(t, s) })
}

func infeasible(t *testing.T, s session) {
	large := strings.Replace(workloads(2), `"name":"w1","kind":"KIND_API","vcpu":2`, `"name":"w1","kind":"KIND_BATCH","vcpu":1024`, 1)
	id := s.submit(t, strings.Replace(large, `"title"`, `"allowedRegions":["europe-north1"],"title"`, 1)).GetId()
	content := s.generate(t, id).GetContent()
	rows := content.GetCatalog().GetRows()
	for _, w := range content.GetWorkloads() {
		counted, reasons := w.GetFeasible(), map[string]int32{}
		for _, r := range w.GetRejections() {
			counted += r.GetRows()
			reasons[r.GetReason()] += r.GetRows()
		}
		if rows == 0 || counted != rows {
			t.Errorf("%s: %d rows are accounted for of %d", w.GetWorkload(), counted, rows)
		}
		miss := w.GetNearestMiss()
		switch w.GetWorkload() {
		case "w0":
			if w.GetFeasible() == 0 || w.GetCheapest() == nil || miss != nil {
				t.Errorf("the feasible one: %v", w)
			}
		default:
			if w.GetFeasible() != 0 || w.GetCheapest() != nil || reasons["vcpu"] == 0 {
				t.Errorf("the infeasible one: %v", w)
			}
			if miss.GetReason() != "vcpu" || miss.GetInstance().GetType() == "" || !strings.Contains(miss.GetDetail(), "needs 1024") {
				t.Errorf("the nearest miss: %v", miss)
			}
		}
	}
	plan := content.GetPlan()
	if len(plan.GetLines()) != 1 || plan.GetLines()[0].GetWorkload() != "w0" || len(plan.GetUncovered()) != 1 || plan.GetUncovered()[0] != "w1" {
		t.Errorf("the plan: %v", plan)
	}
}

func exampleAnswered(t *testing.T, s session) {
	set := s.generate(t, s.submit(t, exampleBody(t)).GetId())
	plan := set.GetContent().GetPlan()
	if len(plan.GetLines()) != 5 || len(plan.GetUncovered()) != 0 || plan.GetAtLeast() {
		t.Fatalf("the plan: %v", plan)
	}
	if plan.GetComputeUsd() != 1800.60 || !set.GetContent().GetBudget().GetWithin() {
		t.Errorf("compute %.2f, budget %v", plan.GetComputeUsd(), set.GetContent().GetBudget())
	}
	for _, l := range plan.GetLines() {
		if l.GetInstance().GetProvider() != "gcp" || !strings.HasPrefix(l.GetInstance().GetRegion(), "europe-west") || l.GetReason() == "" {
			t.Errorf("%s: %v, because %q", l.GetWorkload(), l.GetInstance(), l.GetReason())
		}
	}
}

func unsubmitted(t *testing.T, s session) {
	id := s.create(t, draft).GetId()
	s.send(t, http.MethodPost, assessments+"/"+id+"/recommendations:generate", "").
		problem(t, http.StatusConflict, "ASSESSMENT_NOT_SUBMITTED")
	if sets := s.sets(t, id); len(sets) != 0 {
		t.Errorf("%d sets are stored", len(sets))
	}
}
