package answer

import (
	"context"
	"fmt"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
)

// Submission is a submitted revision of an assessment.
type Submission struct {
	AssessmentID string
	Revision     int32
	// Answer computes the content. The same submission on the same catalogue
	// gives the same bytes.
	Answer func() (Content, error)
}

// Assessments is where submissions come from. It knows whose call this is from
// the context; another owner's assessment is errs.KindNotFound.
type Assessments interface {
	// Submitted returns the last submitted revision. Without one it returns
	// errs.KindState.
	Submitted(ctx context.Context, assessmentID string) (Submission, error)
	// Owned returns nil when the caller has such an assessment.
	Owned(ctx context.Context, assessmentID string) error
}

// Keeper makes sets and gives them back.
type Keeper struct {
	store       Store
	assessments Assessments
	clock       clockwork.Clock
	own, all    *cache.Typed[Summary]
}

// NewKeeper returns a Keeper over store. Summaries are kept in a cache.
func NewKeeper(store Store, assessments Assessments, clk clockwork.Clock, kept cache.Cache) *Keeper {
	k := &Keeper{store: store, assessments: assessments, clock: clk}
	k.own, k.all = summaries(store, kept)
	return k
}

// Generate answers the last submitted revision of the owner's assessment and
// keeps the answer under id. Where a set stands under id already, it is
// returned when it answers that very revision and refused otherwise.
func (k *Keeper) Generate(ctx context.Context, owner, id, assessmentID string) (Set, error) {
	sub, err := k.assessments.Submitted(ctx, assessmentID)
	if err != nil {
		return Set{}, err
	}
	kept, err := k.store.Set(ctx, owner, id)
	if errs.Is(err, errs.KindNotFound) {
		kept, err = k.make(ctx, owner, id, sub)
	}
	if err != nil {
		return Set{}, err
	}
	// Asked of a new set as well: another call may have been faster under the
	// same id, and then Insert has returned that call's set.
	if err := kept.answers(sub); err != nil {
		return Set{}, err
	}
	return kept.checked()
}

func (k *Keeper) make(ctx context.Context, owner, id string, sub Submission) (Set, error) {
	content, err := sub.Answer()
	if err != nil {
		return Set{}, fmt.Errorf("answer revision %d of assessment %s: %w", sub.Revision, sub.AssessmentID, err)
	}
	return k.store.Insert(ctx, Set{
		ID:             id,
		Owner:          owner,
		AssessmentID:   sub.AssessmentID,
		Revision:       sub.Revision,
		CatalogVersion: content.CatalogVersion,
		CreateTime:     clock.Now(k.clock),
		SHA256:         digest(content.Bytes),
		Content:        content.Bytes,
	}, content.Figures)
}

// Get returns one set of the owner. A set whose content has changed since it
// was made is a fault, never an answer.
func (k *Keeper) Get(ctx context.Context, owner, id string) (Set, error) {
	s, err := k.store.Set(ctx, owner, id)
	if err != nil {
		return Set{}, err
	}
	return s.checked()
}

// List returns at most limit sets of the owner's assessment after the cursor,
// newest first, without content, and whether more follow.
func (k *Keeper) List(ctx context.Context, owner, assessmentID string, after Cursor, limit int) ([]Set, bool, error) {
	if err := k.assessments.Owned(ctx, assessmentID); err != nil {
		return nil, false, err
	}
	sets, err := k.store.List(ctx, owner, assessmentID, after, limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(sets) > limit {
		return sets[:limit], true, nil
	}
	return sets, false, nil
}
