// Package storetest is the suite that every store of assessments passes.
package storetest

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// writers is how many goroutines a test of concurrency starts.
const writers = 64

// Run holds the stores that newStore makes, each of them empty, against what
// assessment.Store promises.
func Run(t *testing.T, newStore func(t *testing.T) assessment.Store) {
	for name, test := range map[string]func(*testing.T, assessment.Store){
		"what is inserted comes back as it was":                      comesBack,
		"a taken ID is answered with what stands there":              takenID,
		"of concurrent inserts of one ID one wins":                   oneInsertWins,
		"a replacement of an old version is stale":                   staleReplacement,
		"of concurrent replacements of one version one wins":         oneReplacementWins,
		"revisions stay as they were":                                revisionsStay,
		"a submission is no revision":                                submissionIsNoRevision,
		"what was deleted is gone with its revisions":                deletionTakesAll,
		"a deletion of an old version is stale":                      staleDeletion,
		"of concurrent deletions of one version one wins":            oneDeletionWins,
		"a deleted ID with a digest does not come again":             deletedIDStays,
		"lists are newest first, and by ID within a moment":          newestFirst,
		"pages hold each assessment once":                            pagesHoldAll,
		"pages are not moved by what is written while they are read": pagesAreStable,
		"a page stops at its bytes, and holds one at least":          pageBytes,
		"lists can be of one status":                                 listByStatus,
		"another owner's assessment does not exist, for any method":  ownersAreApart,
		"each write moves its owner's generation and no other's":     generationMoves,
		"a writer's generation moves whoever else writes":            generationUnderWriters,
		"a summary is as new as the generation that was read before": summariesAreAsNew,
		"summaries count what lists hold":                            summariesCount,
		"any sequence of calls answers as the model does":            likeTheModel,
	} {
		t.Run(name, func(t *testing.T) { test(t, newStore(t)) })
	}
}

// ann is the owner of what the suite writes, where it does not matter.
const ann = "ann"

// epoch is when the suite's first assessment is made.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// Content is a content with every field set, told apart by its title.
func Content(title string) assessment.Content {
	return assessment.Content{
		Title:            title,
		Profile:          &assessment.Profile{Organisation: "Praxis <Köln>", Industry: "healthcare", Employees: 120},
		Objectives:       &assessment.Objectives{CostWeight: 1, PerformanceWeight: 0.1, CarbonWeight: 2.5, ResilienceWeight: 3},
		MonthlyBudgetUSD: 2000.25,
		Frameworks:       []assessment.Framework{assessment.FrameworkGDPR, assessment.FrameworkHIPAA},
		DataResidency:    []string{"EU"},
		AllowedProviders: []string{"aws", "gcp"},
		AllowedRegions:   []string{"eu-central-1", "europe-west1"},
		Workloads: []assessment.Workload{
			{
				Name: "api", Kind: assessment.KindAPI, VCPU: 2, MemoryGiB: 8, SizingBasis: assessment.SizingBasisUsage,
				TargetUtilisation: 0.6, Replicas: 3, AvailabilityTarget: 99.9, Architecture: assessment.ArchitectureARM64,
				StorageGiB: 20, EgressGiB: 300,
				ExtraClasses: []assessment.InstanceClass{assessment.ClassBurstable, assessment.ClassConfidential},
				Present:      &assessment.Present{Provider: "aws", Region: "eu-west-1", InstanceType: "m5.large"},
			},
			{
				Name: "training", Kind: assessment.KindTraining, GPUs: 1, GPUMemoryGiB: 40, HoursPerMonth: 100,
				Interruptible: true,
			},
		},
	}
}

// first is an assessment at its first revision.
func first(id string, created time.Time) assessment.Assessment {
	return assessment.Assessment{ID: id, Version: 1, Revision: 1, Created: created, Updated: created, Content: Content("first " + id)}
}

// revised is the revision after a.
func revised(a assessment.Assessment, title string) assessment.Assessment {
	a.Version++
	a.Revision++
	a.Updated = a.Updated.Add(time.Minute)
	a.Content = Content(title)
	return a
}

// submitted is a, submitted.
func submitted(a assessment.Assessment) assessment.Assessment {
	a.Version++
	a.SubmittedRevision = a.Revision
	a.Updated = a.Updated.Add(time.Minute)
	return a
}

func insert(t testing.TB, s assessment.Store, owner string, a assessment.Assessment, digest string) {
	t.Helper()
	if taken, err := s.Insert(t.Context(), owner, a, digest); err != nil || taken != nil {
		t.Fatalf("insert %s: %+v, %v", a.ID, taken, err)
	}
}

func replace(t testing.TB, s assessment.Store, a assessment.Assessment) {
	t.Helper()
	if err := s.Replace(t.Context(), ann, a); err != nil {
		t.Fatalf("replace %s by version %d: %v", a.ID, a.Version, err)
	}
}

// wantLatest checks what is read as the latest revision.
func wantLatest(t testing.TB, s assessment.Store, owner string, want assessment.Assessment) {
	t.Helper()
	got, err := s.Assessment(t.Context(), owner, want.ID)
	wantSame(t, "latest", got, err, want)
}

// wantRevision checks what is read as a revision of ann's.
func wantRevision(t testing.TB, s assessment.Store, want assessment.Assessment) {
	t.Helper()
	got, err := s.Revision(t.Context(), ann, want.ID, want.Revision)
	wantSame(t, fmt.Sprintf("revision %d", want.Revision), got, err, want)
}

func wantSame(t testing.TB, what string, got assessment.Assessment, err error, want assessment.Assessment) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s of %s: %v", what, want.ID, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s of %s is\n%+v, want\n%+v", what, want.ID, got, want)
	}
}

func wantKind(t testing.TB, err error, k errs.Kind) {
	t.Helper()
	if !errs.Is(err, k) {
		t.Fatalf("got %v, want an error of the kind %q", err, k)
	}
}

// wantGone checks that neither ann's assessment nor a revision up to last is there.
func wantGone(t testing.TB, s assessment.Store, id string, last int32) {
	t.Helper()
	_, err := s.Assessment(t.Context(), ann, id)
	wantKind(t, err, errs.KindNotFound)
	for n := int32(1); n <= last; n++ {
		_, err := s.Revision(t.Context(), ann, id, n)
		wantKind(t, err, errs.KindNotFound)
	}
}

// together calls do from many goroutines at the same time and returns what each
// of them answered.
func together(ctx context.Context, do func(ctx context.Context, i int) error) []error {
	answers := make([]error, writers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			<-start
			answers[i] = do(ctx, i)
		})
	}
	close(start)
	wg.Wait()
	return answers
}

// winner returns which one of the answers is no error; all others must be of
// the kind.
func winner(t testing.TB, answers []error, others errs.Kind) int {
	t.Helper()
	won := -1
	for i, err := range answers {
		switch {
		case err == nil && won < 0:
			won = i
		case err == nil:
			t.Fatalf("%d and %d both won", won, i)
		default:
			wantKind(t, err, others)
		}
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	return won
}
