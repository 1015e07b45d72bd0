package recommendation_test

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
)

// assessments is an assessment service that holds what a test puts into it, and
// answers only its owner, whom it knows from the caller's token.
type assessments struct {
	assessmentv1.UnimplementedAssessmentServiceServer

	mu        sync.Mutex
	revisions map[string][]*assessmentv1.Assessment // by owner/id; the last is the latest
	fault     error                                 // what it answers instead; nil: nothing
	empty     bool                                  // whether it answers without an assessment
}

func (s *assessments) register(r grpc.ServiceRegistrar) {
	assessmentv1.RegisterAssessmentServiceServer(r, s)
}

// put makes a the latest revision of the owner's assessment.
func (s *assessments) put(owner string, a *assessmentv1.Assessment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revisions == nil {
		s.revisions = map[string][]*assessmentv1.Assessment{}
	}
	key := owner + "/" + a.GetId()
	s.revisions[key] = append(s.revisions[key], proto.CloneOf(a))
}

func (s *assessments) remove(owner, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.revisions, owner+"/"+id)
}

func (s *assessments) breakWith(fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *assessments) answerNothing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.empty = true
}

func (s *assessments) find(ctx context.Context, id string, pick func([]*assessmentv1.Assessment) *assessmentv1.Assessment) (*assessmentv1.Assessment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.revisions[rpc.Subject(ctx)+"/"+id]
	switch {
	case s.fault != nil:
		return nil, s.fault
	case s.empty:
		return nil, nil
	case len(all) == 0:
		return nil, errs.NotFound("assessment", id)
	}
	return proto.CloneOf(pick(all)), nil
}

func (s *assessments) GetAssessment(ctx context.Context, req *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	a, err := s.find(ctx, req.GetId(), func(all []*assessmentv1.Assessment) *assessmentv1.Assessment { return all[len(all)-1] })
	if err != nil {
		return nil, err
	}
	return &assessmentv1.GetAssessmentResponse{Assessment: a}, nil
}

func (s *assessments) GetAssessmentRevision(ctx context.Context, req *assessmentv1.GetAssessmentRevisionRequest) (*assessmentv1.GetAssessmentRevisionResponse, error) {
	a, err := s.find(ctx, req.GetId(), func(all []*assessmentv1.Assessment) *assessmentv1.Assessment { return all[req.GetRevision()-1] })
	if err != nil {
		return nil, err
	}
	return &assessmentv1.GetAssessmentRevisionResponse{Assessment: a}, nil
}

// submitted is a revision whose API needs so many vCPUs.
func submitted(id string, revision int32, vcpu float64) *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Id:                id,
		Title:             "Shop",
		Revision:          revision,
		SubmittedRevision: revision,
		DataResidency:     []string{"EU"},
		Workloads: []*commonv1.Workload{
			{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: vcpu, MemoryGib: 8},
		},
	}
}

// draft is a revision after the last submitted one.
func draft(id string, revision, lastSubmitted int32) *assessmentv1.Assessment {
	a := submitted(id, revision, 64)
	a.SubmittedRevision = lastSubmitted
	return a
}
