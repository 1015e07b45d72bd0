package recommendation_test

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/errs"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation"
)

func TestASubmittedAssessmentIsAnswered(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	set := s.generate("usr_a", "asm_1", "")
	if set.GetAssessmentId() != "asm_1" || set.GetAssessmentRevision() != 1 || !set.GetCreateTime().AsTime().Equal(start) ||
		!regexp.MustCompile(`^rec_[0-9a-z]{26}$`).MatchString(set.GetId()) {
		t.Errorf("the set is %v", set)
	}

	// The advisor alone says the same, to the byte.
	advisor, err := recommendation.NewAdvisor()
	if err != nil {
		t.Fatal(err)
	}
	want, err := advisor.Advise(submitted("asm_1", 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(set.GetContent(), want) || set.GetCatalogVersion() != advisor.CatalogVersion() || advisor.CatalogVersion() == "" {
		t.Errorf("the service says %v\nthe advisor %v", set, want)
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(encoded); set.GetContentSha256() != hex.EncodeToString(sum[:]) {
		t.Errorf("the SHA-256 is %s, want %x", set.GetContentSha256(), sum)
	}

	got, err := s.tryGet("usr_a", set.GetId())
	if err != nil || !proto.Equal(got, set) {
		t.Errorf("read back as %v, %v", got, err)
	}
	head := proto.CloneOf(set)
	head.Content = nil
	if listed := s.list("usr_a", "asm_1"); len(listed) != 1 || !proto.Equal(listed[0], head) {
		t.Errorf("listed as %v, want it without content", listed)
	}
}

func TestTheLastSubmittedRevisionIsAnsweredWhateverWasWrittenSince(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	s.assessments.put("usr_a", submitted("asm_1", 2, 4))
	s.assessments.put("usr_a", draft("asm_1", 3, 2))
	set := s.generate("usr_a", "asm_1", "")
	if got := set.GetContent().GetWorkloads()[0].GetNeed().GetVcpu(); set.GetAssessmentRevision() != 2 || got != 4 {
		t.Errorf("answered revision %d with %v vCPUs, want 2 with 4", set.GetAssessmentRevision(), got)
	}
}

func TestADraftThatWasNeverSubmittedIsRefused(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", draft("asm_1", 1, 0))
	_, err := s.tryGenerate("usr_a", "asm_1", "key")
	refused(t, err, errs.KindState, "ASSESSMENT_NOT_SUBMITTED")
	if listed := s.list("usr_a", "asm_1"); len(listed) != 0 {
		t.Errorf("%v was kept", listed)
	}
}

func TestARepeatWithItsKeyReturnsTheSameSet(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	first := s.generate("usr_a", "asm_1", "key")
	s.clock.Advance(time.Minute)
	if again := s.generate("usr_a", "asm_1", "key"); !proto.Equal(again, first) {
		t.Errorf("the repeat is %v, the first was %v", again, first)
	}
	if other := s.generate("usr_a", "asm_1", "another-key"); other.GetId() == first.GetId() {
		t.Error("another key made the same set")
	}
	if a, b := s.generate("usr_a", "asm_1", ""), s.generate("usr_a", "asm_1", ""); a.GetId() == b.GetId() {
		t.Error("two calls without a key made one set")
	}
	if listed := s.list("usr_a", "asm_1"); len(listed) != 4 {
		t.Errorf("%d sets are listed, want 4", len(listed))
	}
}

func TestAKeyThatMadeAnotherSetIsRefused(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	s.assessments.put("usr_a", submitted("asm_2", 1, 2))
	first := s.generate("usr_a", "asm_1", "key")

	_, err := s.tryGenerate("usr_a", "asm_2", "key")
	refused(t, err, errs.KindMismatch, "IDEMPOTENCY_KEY_REUSED")

	s.assessments.put("usr_a", submitted("asm_1", 2, 4))
	_, err = s.tryGenerate("usr_a", "asm_1", "key")
	refused(t, err, errs.KindMismatch, "IDEMPOTENCY_KEY_REUSED")

	if got, err := s.tryGet("usr_a", first.GetId()); err != nil || !proto.Equal(got, first) {
		t.Errorf("the first set is now %v, %v", got, err)
	}
}

func TestAKeyIsItsOwnersAlone(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	s.assessments.put("usr_b", submitted("asm_2", 1, 4))
	a, b := s.generate("usr_a", "asm_1", "key"), s.generate("usr_b", "asm_2", "key")
	if a.GetId() == b.GetId() || b.GetAssessmentId() != "asm_2" {
		t.Errorf("one key of two people made %v and %v", a, b)
	}
}

func Test64RepeatsAtTheSameTimeMakeOneSet(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 2))
	sets := make([]*recommendationv1.RecommendationSet, 64)
	var calls sync.WaitGroup
	for i := range sets {
		calls.Go(func() {
			set, err := s.tryGenerate("usr_a", "asm_1", "key")
			if err != nil {
				t.Errorf("call %d: %v", i, err)
			}
			sets[i] = set
		})
	}
	calls.Wait()
	for i, set := range sets {
		if !proto.Equal(set, sets[0]) {
			t.Fatalf("call %d got %v, call 0 %v", i, set, sets[0])
		}
	}
	if listed := s.list("usr_a", "asm_1"); len(listed) != 1 {
		t.Errorf("%d sets are listed, want 1", len(listed))
	}
}

func TestAnInfeasibleWorkloadIsPartOfTheAnswer(t *testing.T) {
	s := newSuite(t)
	s.assessments.put("usr_a", submitted("asm_1", 1, 1024))
	f := s.generate("usr_a", "asm_1", "").GetContent().GetWorkloads()[0]
	if f.GetFeasible() != 0 || f.GetCheapest() != nil || f.GetNearestMiss().GetReason() != "vcpu" || len(f.GetRejections()) == 0 {
		t.Errorf("the finding is %v", f)
	}
}

func TestAFigureOutOfBoundsIsRefusedByItsField(t *testing.T) {
	s := newSuite(t)
	a := submitted("asm_1", 1, 2)
	a.Workloads[0].HoursPerMonth = 10_000
	s.assessments.put("usr_a", a)
	_, err := s.tryGenerate("usr_a", "asm_1", "")
	e := refused(t, err, errs.KindInvalid, "INVALID_REQUEST")
	if len(e.Violations) != 1 || e.Violations[0].Field != "workloads[0].hoursPerMonth" {
		t.Errorf("violations %+v", e.Violations)
	}
}
