package assessment_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/store/sqlite"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

const owner = "usr_ann"

// desk is an empty book on a real store, and the clock that it goes by.
type desk struct {
	*assessment.Book
	clock *clockwork.FakeClock
}

func open(t *testing.T) desk {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "assessment.db"), noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	clock := clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return desk{assessment.NewBook(s, clock, cache.NewMemory(10, clock)), clock}
}

func plain(title string) assessment.Content {
	return assessment.Content{
		Title:     title,
		Workloads: []assessment.Workload{{Name: "api", Kind: assessment.KindAPI, VCPU: 2, MemoryGiB: 8}},
	}
}

func (d desk) create(t *testing.T, id string) assessment.Assessment {
	t.Helper()
	a, err := d.Create(t.Context(), owner, assessment.Draft{ID: id, Digest: "digest of " + id, Content: plain("first")})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// retitle is a change of the title.
func retitle(title string) func(assessment.Content) (assessment.Content, error) {
	return func(c assessment.Content) (assessment.Content, error) {
		c.Title = title
		return c, nil
	}
}

func (d desk) revise(t *testing.T, a assessment.Assessment, title string) assessment.Assessment {
	t.Helper()
	d.clock.Advance(time.Minute)
	b, err := d.Revise(t.Context(), owner, a.ID, a.Etag(), retitle(title))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func wantKind(t *testing.T, err error, k errs.Kind) {
	t.Helper()
	if !errs.Is(err, k) {
		t.Fatalf("got %v, want an error of the kind %q", err, k)
	}
}

func (d desk) wantLatest(t *testing.T, want assessment.Assessment) {
	t.Helper()
	got, err := d.Assessment(t.Context(), owner, want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestANewAssessmentIsADraftAtItsFirstRevision(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	want := assessment.Assessment{
		ID: "a", Version: 1, Revision: 1, Created: d.clock.Now(), Updated: d.clock.Now(), Content: plain("first"),
	}
	if !reflect.DeepEqual(a, want) || a.Status() != assessment.StatusDraft {
		t.Errorf("got %+v, %s, want %+v", a, a.Status(), want)
	}
	d.wantLatest(t, want)
}

func TestARepeatedCreationReturnsWhatIsThereByThen(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	d.clock.Advance(time.Hour)
	if again := d.create(t, "a"); !reflect.DeepEqual(again, a) {
		t.Errorf("got %+v, want %+v", again, a)
	}
	second := d.revise(t, a, "second")
	if again := d.create(t, "a"); !reflect.DeepEqual(again, second) {
		t.Errorf("got %+v, want %+v", again, second)
	}
}

func TestAnIdempotencyKeyIsGoodForOneBody(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	_, err := d.Create(t.Context(), owner, assessment.Draft{ID: "a", Digest: "another", Content: plain("another")})
	wantKind(t, err, errs.KindMismatch)
	d.wantLatest(t, a)
}

// However unlikely it is that a random ID meets another, it must not return it.
func TestWithoutAnIdempotencyKeyNothingIsARepeat(t *testing.T) {
	d := open(t)
	d.create(t, "keyed")
	random := assessment.Draft{ID: "random", Content: plain("first")}
	if _, err := d.Create(t.Context(), owner, random); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"keyed", "random"} {
		random.ID = id
		_, err := d.Create(t.Context(), owner, random)
		wantKind(t, err, errs.KindMismatch)
	}
}

func TestARepeatDoesNotBringBackWhatWasDeleted(t *testing.T) {
	d := open(t)
	d.create(t, "a")
	if err := d.Delete(t.Context(), owner, "a", ""); err != nil {
		t.Fatal(err)
	}
	_, err := d.Create(t.Context(), owner, assessment.Draft{ID: "a", Digest: "digest of a", Content: plain("first")})
	wantKind(t, err, errs.KindState)
	_, err = d.Assessment(t.Context(), owner, "a")
	wantKind(t, err, errs.KindNotFound)
}

func TestEachChangeIsARevisionAndTheOnesBeforeStay(t *testing.T) {
	d := open(t)
	was := []assessment.Assessment{d.create(t, "a")}
	for n := 2; n <= 4; n++ {
		a := d.revise(t, was[len(was)-1], fmt.Sprint("revision ", n))
		if a.Revision != int32(n) || a.Content.Title != fmt.Sprint("revision ", n) || !a.Updated.Equal(d.clock.Now()) || !a.Created.Equal(was[0].Created) {
			t.Fatalf("got %+v", a)
		}
		was = append(was, a)
	}
	for _, want := range was {
		got, err := d.Revision(t.Context(), owner, "a", want.Revision)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("revision %d is %+v, %v, want %+v", want.Revision, got, err, want)
		}
	}
	d.wantLatest(t, was[3])
}

func TestAChangeThatChangesNothingWritesNothing(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	if same := d.revise(t, a, "first"); !reflect.DeepEqual(same, a) {
		t.Errorf("got %+v, want %+v", same, a)
	}
	d.wantLatest(t, a)
}

func TestAChangeThatFailsWritesNothing(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	broken := errors.New("broken")
	_, err := d.Revise(t.Context(), owner, "a", "", func(c assessment.Content) (assessment.Content, error) { return c, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	_, err = d.Revise(t.Context(), owner, "a", "", func(c assessment.Content) (assessment.Content, error) {
		c.AllowedRegions = []string{"atlantis-1"}
		return c, nil
	})
	wantKind(t, err, errs.KindInvalid)
	d.wantLatest(t, a)
}

func TestAStaleEtagStopsEveryWrite(t *testing.T) {
	d := open(t)
	old := d.create(t, "a")
	other := d.create(t, "b")
	a := d.revise(t, old, "second")
	for name, etag := range map[string]string{"old": old.Etag(), "made up": "1", "of another": other.Etag()} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Revise(t.Context(), owner, "a", etag, retitle("third"))
			wantKind(t, err, errs.KindStale)
			_, err = d.Revise(t.Context(), owner, "a", etag, retitle("second")) // also when nothing would change
			wantKind(t, err, errs.KindStale)
			_, err = d.Submit(t.Context(), owner, "a", etag)
			wantKind(t, err, errs.KindStale)
			wantKind(t, d.Delete(t.Context(), owner, "a", etag), errs.KindStale)
			d.wantLatest(t, a)
		})
	}
}

func TestSubmitting(t *testing.T) {
	d := open(t)
	draft := d.create(t, "a")
	d.clock.Advance(time.Minute)
	done, err := d.Submit(t.Context(), owner, "a", draft.Etag())
	if err != nil {
		t.Fatal(err)
	}
	want := draft
	want.Version, want.SubmittedRevision, want.Updated = 2, 1, d.clock.Now()
	if !reflect.DeepEqual(done, want) || done.Status() != assessment.StatusSubmitted || done.Etag() == draft.Etag() {
		t.Fatalf("got %+v, want %+v", done, want)
	}
	t.Run("again changes nothing, whichever etag names that revision", func(t *testing.T) {
		for _, etag := range []string{"", done.Etag(), draft.Etag()} {
			d.clock.Advance(time.Minute)
			if again, err := d.Submit(t.Context(), owner, "a", etag); err != nil || !reflect.DeepEqual(again, done) {
				t.Errorf("etag %q: got %+v, %v, want %+v", etag, again, err, done)
			}
		}
		d.wantLatest(t, done)
	})
	t.Run("the revision after it is a draft that knows it", func(t *testing.T) {
		next := d.revise(t, done, "second")
		if next.Status() != assessment.StatusDraft || next.SubmittedRevision != 1 {
			t.Errorf("got %+v", next)
		}
		first, err := d.Revision(t.Context(), owner, "a", 1)
		if err != nil || first.Status() != assessment.StatusSubmitted {
			t.Errorf("the first revision is %+v, %v", first, err)
		}
		_, err = d.Submit(t.Context(), owner, "a", draft.Etag())
		wantKind(t, err, errs.KindStale)
		_, err = d.Submit(t.Context(), owner, "a", done.Etag())
		wantKind(t, err, errs.KindStale)
	})
}

func TestDeletingTakesTheStatedState(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	if err := d.Delete(t.Context(), owner, "a", a.Etag()); err != nil {
		t.Fatal(err)
	}
	_, err := d.Revision(t.Context(), owner, "a", 1)
	wantKind(t, err, errs.KindNotFound)
	wantKind(t, d.Delete(t.Context(), owner, "a", a.Etag()), errs.KindNotFound)
	wantKind(t, d.Delete(t.Context(), owner, "a", ""), errs.KindNotFound)
}

func TestAnAssessmentHasABoundOnItsRevisions(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	for a.Revision < assessment.MaxRevisions {
		a = d.revise(t, a, fmt.Sprint("revision ", a.Revision+1))
	}
	_, err := d.Revise(t.Context(), owner, "a", "", retitle("one more"))
	wantKind(t, err, errs.KindState)
	if e, _ := errs.From(err); e.Reason != "TOO_MANY_REVISIONS" || !strings.Contains(e.Message, "1000") {
		t.Errorf("got %s: %s", e.Reason, e.Message)
	}
	d.wantLatest(t, a)
	if _, err := d.Submit(t.Context(), owner, "a", ""); err != nil {
		t.Errorf("the last revision cannot be submitted: %v", err)
	}
}

// Without an etag nothing that was written in between is lost: every change that
// was acknowledged is in the content.
func TestConcurrentChangesWithoutAnEtagAllCount(t *testing.T) {
	d := open(t)
	d.create(t, "a")
	const writers = 32
	answers := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, answers[i] = d.Revise(t.Context(), owner, "a", "", func(c assessment.Content) (assessment.Content, error) {
				c.Title += fmt.Sprintf(" %d.", i)
				return c, nil
			})
		})
	}
	wg.Wait()
	a, err := d.Assessment(t.Context(), owner, "a")
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for i, err := range answers {
		has := strings.Contains(a.Content.Title, fmt.Sprintf(" %d.", i))
		switch {
		case err == nil && has:
			done++
		case err == nil:
			t.Errorf("change %d was acknowledged and is lost", i)
		default:
			wantKind(t, err, errs.KindUnavailable) // others wrote all the time
			if has {
				t.Errorf("change %d was refused and is there", i)
			}
		}
	}
	if done == 0 || int(a.Revision) != done+1 {
		t.Errorf("%d changes made revision %d", done, a.Revision)
	}
}

func TestOfConcurrentChangesOfOneStateOneIsMade(t *testing.T) {
	d := open(t)
	a := d.create(t, "a")
	answers := make([]error, 32)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { _, answers[i] = d.Revise(t.Context(), owner, "a", a.Etag(), retitle(fmt.Sprint("writer ", i))) })
	}
	wg.Wait()
	done := 0
	for _, err := range answers {
		if err == nil {
			done++
			continue
		}
		wantKind(t, err, errs.KindStale)
	}
	if done != 1 {
		t.Errorf("%d changes were made", done)
	}
}

func TestOneThousandConcurrentRepeatsMakeOneAssessment(t *testing.T) {
	d := open(t)
	var wg sync.WaitGroup
	got := make([]assessment.Assessment, 1000)
	answers := make([]error, len(got))
	for i := range got {
		wg.Go(func() {
			got[i], answers[i] = d.Create(t.Context(), owner, assessment.Draft{ID: "a", Digest: "digest", Content: plain("first")})
		})
	}
	wg.Wait()
	for i := range got {
		if answers[i] != nil || !reflect.DeepEqual(got[i], got[0]) {
			t.Fatalf("got %+v, %v, want %+v", got[i], answers[i], got[0])
		}
	}
	page, err := d.List(t.Context(), owner, assessment.Query{Limit: 10, Bytes: 1 << 20})
	if err != nil || len(page.Assessments) != 1 {
		t.Errorf("the list is %+v, %v", page, err)
	}
}
