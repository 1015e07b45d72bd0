package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
)

const (
	few, many     = 100, 100_000 // assessments of an owner
	cachedReads   = 1000
	uncachedReads = 21
	countings     = 3
	largestPage   = 200
)

// estate is an owner with so many assessments.
type estate struct {
	*house

	size int
	ctx  context.Context //nolint:containedctx // it makes calls as the owner
	one  string          // the ID of one of them

	cached, uncached, counted []time.Duration
}

// measureOverview compares the overview of one owner who has few assessments and one
// who has many: as it is kept, as it is computed after a write, and as a program
// would compute it that has nothing but lists.
func measureOverview(ctx context.Context, _ options) (err error) {
	h, err := openHouse(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	small, err := h.settle(ctx, "acc_small", few)
	if err != nil {
		return err
	}
	large, err := h.settle(ctx, "acc_large", many)
	if err != nil {
		return err
	}
	// In turns, so that what else the machine does falls on both alike.
	for i := range cachedReads {
		for _, e := range []*estate{small, large} {
			if err := e.measure(i); err != nil {
				return err
			}
		}
	}
	fmt.Printf("Overview of one owner's assessments on SQLite, dashboard and services with interceptors over in-memory gRPC; medians of %d reads that are kept, %d after a write, %d countings:\n",
		cachedReads, uncachedReads, countings)
	for _, e := range []*estate{small, large} {
		fmt.Printf("  %7d assessments: kept %v, computed after a write %v, fetched in pages of %d and counted %v\n",
			e.size, rounded(e.cached), rounded(e.uncached), largestPage, rounded(e.counted))
	}
	fmt.Printf("  kept, the time at %d is %.2f times that at %d (goal: 2 at most)\n",
		many, float64(median(large.cached))/float64(median(small.cached)), few)
	fmt.Printf("  at %d, computing it takes %.1f %% less than fetching and counting (goal: 90 %%)\n\n",
		many, 100*(1-float64(median(large.uncached))/float64(median(large.counted))))
	return nil
}

func rounded(of []time.Duration) time.Duration { return median(of).Round(10 * time.Microsecond) }

// seed copies the owner's one assessment, every other of the copies submitted. The
// rows are those that so many requests would have made, without the wait.
const seed = `
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 - 1)
INSERT INTO assessment (owner, id, version, revision, submitted_revision, created_at, updated_at, digest, content)
SELECT owner, printf('asm_%026d', i), 1 + i % 2, 1, i % 2, created_at + i, updated_at + i, '', content
FROM   assessment, n WHERE owner = ?2`

// settle gives an owner so many assessments.
func (h *house) settle(ctx context.Context, owner string, size int) (*estate, error) {
	raw, err := h.signer.sign(owner)
	if err != nil {
		return nil, err
	}
	asOwner := rpc.WithCaller(ctx, rpc.Caller{RawToken: raw, RequestID: "bench"})
	a, err := document.Read("the example", bytes.NewReader(example.YAML))
	if err != nil {
		return nil, err
	}
	made, err := h.assessments.CreateAssessment(asOwner, &assessmentv1.CreateAssessmentRequest{Assessment: a})
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", filepath.Join(h.folder, "assessment.db"))
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, seed, size, owner)
	return &estate{house: h, size: size, ctx: asOwner, one: made.GetAssessment().GetId()}, errors.Join(err, db.Close())
}

// measure reads the overview in turn i, and in the first ones also after a write and
// by counting.
func (e *estate) measure(i int) error {
	if i < countings {
		if err := timed(&e.counted, e.count); err != nil {
			return err
		}
	}
	if i < uncachedReads {
		if err := e.write(i); err != nil {
			return err
		}
		if err := timed(&e.uncached, e.read); err != nil {
			return err
		}
	}
	return timed(&e.cached, e.read)
}

func timed(into *[]time.Duration, do func() error) error {
	began := time.Now()
	err := do()
	*into = append(*into, time.Since(began))
	return err
}

func (e *estate) write(i int) error {
	a := &assessmentv1.Assessment{Title: fmt.Sprint("Title ", i)}
	_, err := e.assessments.UpdateAssessment(e.ctx, &assessmentv1.UpdateAssessmentRequest{
		Id: e.one, Assessment: a, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
	})
	return err
}

func (e *estate) read() error {
	res, err := e.dashboard.GetOverview(e.ctx, &dashboardv1.GetOverviewRequest{})
	if err == nil && (res.GetOverview().GetAssessments().GetTotal() != int64(e.size) || len(res.GetOverview().GetMissing()) > 0) {
		return fmt.Errorf("the overview of %d assessments is %v", e.size, res)
	}
	return err
}

// count is what a program does that has only the list.
func (e *estate) count() error {
	var drafts, submitted int
	req := &assessmentv1.ListAssessmentsRequest{PageSize: largestPage}
	for {
		page, err := e.assessments.ListAssessments(e.ctx, req)
		if err != nil {
			return err
		}
		for _, a := range page.GetAssessments() {
			if a.GetStatus() == assessmentv1.Assessment_STATUS_SUBMITTED {
				submitted++
			} else {
				drafts++
			}
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if drafts+submitted != e.size {
		return fmt.Errorf("counted %d drafts and %d submitted of %d", drafts, submitted, e.size)
	}
	return nil
}
