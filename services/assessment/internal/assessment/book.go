package assessment

import (
	"context"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/clock"
	"github.com/inframind/inframind/pkg/errs"
)

// resource is what errors call an assessment.
const resource = "assessment"

// A change without an etag is repeated on what was written in between, this
// often; then somebody is writing faster than anyone can think.
const maxAttempts = 10

// Book is where assessments are made, changed and read.
type Book struct {
	store    Store
	clock    clockwork.Clock
	own, all *cache.Typed[Summary]
}

// NewBook opens the book that store keeps. Summaries are kept in a cache.
func NewBook(store Store, c clockwork.Clock, kept cache.Cache) *Book {
	b := &Book{store: store, clock: c}
	b.own, b.all = summaries(store, kept)
	return b
}

// Draft is a new assessment.
type Draft struct {
	// ID is random, or follows from an idempotency key.
	ID string
	// Digest tells requests that carry the same idempotency key apart. Empty
	// when there is no key.
	Digest  string
	Content Content
}

// Create makes an assessment. A repeat (the same ID and digest) makes nothing:
// it returns the assessment as it is by then, which is how a caller who never
// saw the first answer finds out about it. Another digest is errs.Mismatch. A
// repeat for one that has been deleted since is refused and does not bring it
// back to life.
func (b *Book) Create(ctx context.Context, owner string, d Draft) (Assessment, error) {
	if err := d.Content.Check(); err != nil {
		return Assessment{}, err
	}
	now := clock.Now(b.clock)
	a := Assessment{ID: d.ID, Version: 1, Revision: 1, Created: now, Updated: now, Content: d.Content}
	taken, err := b.store.Insert(ctx, owner, a, d.Digest)
	switch {
	case err != nil:
		return Assessment{}, fmt.Errorf("insert assessment: %w", err)
	case taken == nil:
		return a, nil
	case taken.Deleted:
		return Assessment{}, errs.State("ASSESSMENT_DELETED",
			"the assessment that was made with this Idempotency-Key has been deleted; use another key to make a new one")
	case d.Digest == "" || d.Digest != taken.Digest:
		return Assessment{}, errs.Mismatch()
	default:
		return taken.Assessment, nil
	}
}

// Assessment returns an assessment at its latest revision.
func (b *Book) Assessment(ctx context.Context, owner, id string) (Assessment, error) {
	a, err := b.store.Assessment(ctx, owner, id)
	if err != nil {
		return Assessment{}, fmt.Errorf("read assessment: %w", err)
	}
	return a, nil
}

// Revision returns an assessment as it was at one revision.
func (b *Book) Revision(ctx context.Context, owner, id string, revision int32) (Assessment, error) {
	a, err := b.store.Revision(ctx, owner, id, revision)
	if err != nil {
		return Assessment{}, fmt.Errorf("read revision %d: %w", revision, err)
	}
	return a, nil
}

// List returns a page of an owner's assessments, newest first.
func (b *Book) List(ctx context.Context, owner string, q Query) (Page, error) {
	page, err := b.store.List(ctx, owner, q)
	if err != nil {
		return Page{}, fmt.Errorf("list assessments: %w", err)
	}
	return page, nil
}

// Revise stores what change makes of the latest content as the next revision.
// With an etag, that must be the latest state, else it is errs.Stale; without
// one, change is applied again to whatever was written in between, so it must
// not have effects of its own. A change that changes nothing writes nothing.
func (b *Book) Revise(ctx context.Context, owner, id, etag string, change func(Content) (Content, error)) (Assessment, error) {
	return b.write(ctx, owner, id, func(a Assessment) (Assessment, error) {
		if etag != "" && etag != a.Etag() {
			return a, errs.Stale(resource)
		}
		content, err := change(a.Content)
		if err != nil {
			return a, err
		}
		if content.Equal(a.Content) {
			return a, nil
		}
		if err := content.Check(); err != nil {
			return a, err
		}
		if a.Revision >= MaxRevisions {
			return a, errs.State("TOO_MANY_REVISIONS", fmt.Sprintf(
				"the assessment has %d revisions, which is the most that one can have; make a new one from its content", MaxRevisions))
		}
		a.Content = content
		a.Revision++
		return b.stamp(a), nil
	})
}

// Submit states that the latest revision is complete. If it has been submitted
// already, nothing is written: the etag may then also be the one from before,
// which names the same revision, so that a repeat of a request whose answer got
// lost succeeds as the first did.
func (b *Book) Submit(ctx context.Context, owner, id, stated string) (Assessment, error) {
	return b.write(ctx, owner, id, func(a Assessment) (Assessment, error) {
		submitted := a.Status() == StatusSubmitted
		// The last write to a submitted revision is its submission, so one
		// version before stood the same content.
		repeat := submitted && stated == etag(a.ID, a.Version-1)
		if stated != "" && stated != a.Etag() && !repeat {
			return a, errs.Stale(resource)
		}
		if submitted {
			return a, nil
		}
		a.SubmittedRevision = a.Revision
		return b.stamp(a), nil
	})
}

// Delete removes an assessment with all its revisions; with an etag, only if
// that is the latest state.
func (b *Book) Delete(ctx context.Context, owner, id, etag string) error {
	version := AnyVersion
	if etag != "" {
		a, err := b.Assessment(ctx, owner, id)
		if err != nil {
			return err
		}
		if etag != a.Etag() {
			return errs.Stale(resource)
		}
		version = a.Version
	}
	if err := b.store.Delete(ctx, owner, id, version); err != nil {
		return fmt.Errorf("delete assessment: %w", err)
	}
	return nil
}

// write reads the latest state and replaces it by what next makes of it, unless
// that has the same version. When somebody else wrote in between, it starts
// over, and next finds out whether a stated etag is still that of the latest.
func (b *Book) write(ctx context.Context, owner, id string, next func(Assessment) (Assessment, error)) (Assessment, error) {
	for range maxAttempts {
		before, err := b.Assessment(ctx, owner, id)
		if err != nil {
			return Assessment{}, err
		}
		after, err := next(before)
		if err != nil {
			return Assessment{}, err
		}
		if after.Version == before.Version {
			return before, nil
		}
		err = b.store.Replace(ctx, owner, after)
		switch {
		case err == nil:
			return after, nil
		case !errs.Is(err, errs.KindStale):
			return Assessment{}, fmt.Errorf("replace assessment: %w", err)
		}
	}
	return Assessment{}, errs.Unavailable("ASSESSMENT_CONTENDED",
		"the assessment is being written by others all the time; try again", time.Second)
}

// stamp makes a the write that follows.
func (b *Book) stamp(a Assessment) Assessment {
	a.Version++
	a.Updated = clock.Now(b.clock)
	return a
}
