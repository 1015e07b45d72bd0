// Package rpc serves inframind.assessment.v1: it translates between the contract
// and the domain, and decides nothing.
package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/page"
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/mask"
)

// pageBytes keeps a page of the largest assessments below the 4 MiB that a
// message may have. It counts stored bytes, which are more than those of the
// message, as they spell out the names of fields.
const pageBytes = 2 << 20

// field is what requests call the assessment that they bring.
const field = "assessment"

// changeable is what an update changes: the fields that the owner states.
var changeable = mask.Rules{
	Message: (*assessmentv1.Assessment)(nil).ProtoReflect().Descriptor(),
	Ignored: assigned,
}

// Server implements assessmentv1.AssessmentServiceServer.
type Server struct {
	assessmentv1.UnimplementedAssessmentServiceServer

	book *assessment.Book
}

// NewServer serves the book.
func NewServer(b *assessment.Book) *Server { return &Server{book: b} }

// CreateAssessment makes an assessment.
func (s *Server) CreateAssessment(ctx context.Context, req *assessmentv1.CreateAssessmentRequest) (*assessmentv1.CreateAssessmentResponse, error) {
	draft, err := draftOf(ctx, req.GetAssessment())
	if err != nil {
		return nil, err
	}
	a, err := s.book.Create(ctx, rpc.Subject(ctx), draft)
	if err != nil {
		return nil, within(field, err)
	}
	return &assessmentv1.CreateAssessmentResponse{Assessment: message(a)}, nil
}

// draftOf takes from a request what the owner states, and names it by the
// request's idempotency key.
func draftOf(ctx context.Context, m *assessmentv1.Assessment) (assessment.Draft, error) {
	const method = assessmentv1.AssessmentService_CreateAssessment_FullMethodName
	key := rpc.IdempotencyKey(ctx)
	draft := assessment.Draft{
		ID:      rpc.DerivedID("asm", rpc.Subject(ctx), method, key),
		Content: content(m),
	}
	if key == "" {
		return draft, nil
	}
	// Of what is kept, so that what is ignored makes no other request of it.
	// Fields that are not set leave no trace in these bytes: a field that is
	// added to the contract does not change the digest of a body without it.
	kept := &assessmentv1.Assessment{}
	state(kept, draft.Content)
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(kept)
	if err != nil {
		return assessment.Draft{}, fmt.Errorf("encode assessment: %w", err)
	}
	sum := sha256.Sum256(body)
	draft.Digest = hex.EncodeToString(sum[:])
	return draft, nil
}

// GetAssessment returns the latest revision.
func (s *Server) GetAssessment(ctx context.Context, req *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	a, err := s.book.Assessment(ctx, rpc.Subject(ctx), req.GetId())
	if err != nil {
		return nil, err
	}
	return &assessmentv1.GetAssessmentResponse{Assessment: message(a)}, nil
}

// GetAssessmentRevision returns one revision.
func (s *Server) GetAssessmentRevision(ctx context.Context, req *assessmentv1.GetAssessmentRevisionRequest) (*assessmentv1.GetAssessmentRevisionResponse, error) {
	a, err := s.book.Revision(ctx, rpc.Subject(ctx), req.GetId(), req.GetRevision())
	if err != nil {
		return nil, err
	}
	return &assessmentv1.GetAssessmentRevisionResponse{Assessment: message(a)}, nil
}

// ListAssessments returns a page of the caller's assessments.
func (s *Server) ListAssessments(ctx context.Context, req *assessmentv1.ListAssessmentsRequest) (*assessmentv1.ListAssessmentsResponse, error) {
	const method = assessmentv1.AssessmentService_ListAssessments_FullMethodName
	owner := rpc.Subject(ctx)
	list := page.Identity(method, owner, req.GetStatus().String())
	after, err := cursor(list, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	got, err := s.book.List(ctx, owner, assessment.Query{
		Status: statuses.domain(req.GetStatus()),
		After:  after,
		Limit:  page.Size(req.GetPageSize()),
		Bytes:  pageBytes,
	})
	if err != nil {
		return nil, err
	}
	resp := &assessmentv1.ListAssessmentsResponse{Assessments: each(got.Assessments, message)}
	if n := len(got.Assessments); got.More && n > 0 {
		resp.NextPageToken = page.Encode(list, assessment.CursorBehind(got.Assessments[n-1]).String())
	}
	return resp, nil
}

// cursor reads a page token; the zero Cursor is for the first page.
func cursor(list page.List, token string) (assessment.Cursor, error) {
	text, err := page.Decode(list, token)
	if err != nil || text == "" {
		return assessment.Cursor{}, err
	}
	after, err := assessment.ParseCursor(text)
	if err != nil {
		return assessment.Cursor{}, errs.Invalid(errs.Violation{
			Field:   "pageToken",
			Rule:    "page_token.list",
			Message: "is not a page token of this list",
		}).Wrap(err)
	}
	return after, nil
}

// UpdateAssessment changes the fields that the mask names. What comes of it is
// held against the rules of the whole message, as a new assessment would be.
func (s *Server) UpdateAssessment(ctx context.Context, req *assessmentv1.UpdateAssessmentRequest) (*assessmentv1.UpdateAssessmentResponse, error) {
	m, err := changeable.Parse(req.GetUpdateMask())
	if err != nil {
		return nil, err
	}
	change := func(c assessment.Content) (assessment.Content, error) {
		merged := &assessmentv1.Assessment{}
		state(merged, c)
		m.Apply(merged, req.GetAssessment())
		if err := rpc.Validate(merged); err != nil {
			return c, err
		}
		return content(merged), nil
	}
	a, err := s.book.Revise(ctx, rpc.Subject(ctx), req.GetId(), req.GetAssessment().GetEtag(), change)
	if err != nil {
		return nil, within(field, err)
	}
	return &assessmentv1.UpdateAssessmentResponse{Assessment: message(a)}, nil
}

// SubmitAssessment submits the latest revision.
func (s *Server) SubmitAssessment(ctx context.Context, req *assessmentv1.SubmitAssessmentRequest) (*assessmentv1.SubmitAssessmentResponse, error) {
	a, err := s.book.Submit(ctx, rpc.Subject(ctx), req.GetId(), req.GetEtag())
	if err != nil {
		return nil, err
	}
	return &assessmentv1.SubmitAssessmentResponse{Assessment: message(a)}, nil
}

// DeleteAssessment deletes an assessment and its revisions.
func (s *Server) DeleteAssessment(ctx context.Context, req *assessmentv1.DeleteAssessmentRequest) (*assessmentv1.DeleteAssessmentResponse, error) {
	if err := s.book.Delete(ctx, rpc.Subject(ctx), req.GetId(), req.GetEtag()); err != nil {
		return nil, err
	}
	return &assessmentv1.DeleteAssessmentResponse{}, nil
}

// within says that violations of an assessment are violations of the request's
// field that holds it.
func within(name string, err error) error {
	e, ok := errs.From(err)
	if !ok || len(e.Violations) == 0 {
		return err
	}
	violations := make([]errs.Violation, len(e.Violations))
	for i, v := range e.Violations {
		if v.Field != "" {
			v.Field = "." + v.Field
		}
		v.Field = name + v.Field
		violations[i] = v
	}
	return errs.Invalid(violations...)
}
