package assessment_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

func TestAnIdempotencyKeyMakesOneAssessment(t *testing.T) {
	p := start(t, t.TempDir())
	keyed := func(subject, key string) context.Context { return rpc.WithIdempotencyKey(p.as(t, subject), key) }
	one := p.create(keyed("usr_ann", "key"), t, "first")

	t.Run("however often it is repeated", func(t *testing.T) {
		var wg sync.WaitGroup
		got := make([]*assessmentv1.Assessment, 200)
		for i := range got {
			wg.Go(func() {
				// What the service assigns is not part of the request.
				again := example("first")
				again.Id, again.Revision = fmt.Sprint("asm_", i), int32(i)
				resp, err := p.CreateAssessment(keyed("usr_ann", "key"), &assessmentv1.CreateAssessmentRequest{Assessment: again})
				if err != nil {
					t.Error(err)
				}
				got[i] = resp.GetAssessment()
			})
		}
		wg.Wait()
		for _, a := range got {
			if !proto.Equal(a, one) {
				t.Fatalf("got %v, want %v", a, one)
			}
		}
	})
	t.Run("of one body", func(t *testing.T) {
		_, err := p.CreateAssessment(keyed("usr_ann", "key"), &assessmentv1.CreateAssessmentRequest{Assessment: example("other")})
		wantCode(t, err, codes.FailedPrecondition, "IDEMPOTENCY_KEY_REUSED")
	})
	t.Run("of one person", func(t *testing.T) {
		if bobs := p.create(keyed("usr_bob", "key"), t, "other"); bobs.GetId() == one.GetId() {
			t.Errorf("bob got %v", bobs)
		}
	})
	t.Run("and another key another", func(t *testing.T) {
		if two := p.create(keyed("usr_ann", "key2"), t, "first"); two.GetId() == one.GetId() {
			t.Errorf("got %v", two)
		}
		if left := p.list(p.as(t, "usr_ann"), t); len(left) != 2 {
			t.Errorf("there are %d", len(left))
		}
	})
	t.Run("and none after that was deleted", func(t *testing.T) {
		if _, err := p.DeleteAssessment(p.as(t, "usr_ann"), &assessmentv1.DeleteAssessmentRequest{Id: one.GetId()}); err != nil {
			t.Fatal(err)
		}
		_, err := p.CreateAssessment(keyed("usr_ann", "key"), &assessmentv1.CreateAssessmentRequest{Assessment: example("first")})
		wantCode(t, err, codes.FailedPrecondition, "ASSESSMENT_DELETED")
	})
	t.Run("without one every creation makes its own", func(t *testing.T) {
		eve := p.as(t, "usr_eve")
		one, two := p.create(eve, t, "same"), p.create(eve, t, "same")
		if one.GetId() == two.GetId() {
			t.Errorf("both are %s", one.GetId())
		}
	})
}
