package rpc_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/page"
	pkgrpc "github.com/inframind/inframind/pkg/rpc"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment/internal/rpc"
)

// full is valid and has every field set that an owner states.
func full() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Title:                "Patient portal",
		Profile:              &assessmentv1.Profile{Organisation: "Example Clinics", Industry: "healthcare", Employees: 900},
		Objectives:           &assessmentv1.Objectives{CostWeight: 1, PerformanceWeight: 2, CarbonWeight: 0.5, ResilienceWeight: 3},
		MonthlyBudgetUsd:     2000,
		ComplianceFrameworks: []commonv1.Framework{commonv1.Framework_FRAMEWORK_GDPR},
		DataResidency:        []string{"EU"},
		AllowedProviders:     []string{"aws"},
		AllowedRegions:       []string{"eu-central-1"},
		Workloads: []*commonv1.Workload{{
			Name: "serving", Kind: commonv1.Workload_KIND_SERVING, Vcpu: 4, MemoryGib: 16,
			SizingBasis: commonv1.Workload_SIZING_BASIS_USAGE, TargetUtilisation: 0.6, Gpus: 1, GpuMemoryGib: 16,
			Replicas: 2, HoursPerMonth: 200, AvailabilityTarget: 99.9, Interruptible: true,
			Architecture: commonv1.Workload_ARCHITECTURE_X86_64, StorageGib: 50, EgressGib: 100,
			ExtraClasses: []commonv1.Workload_InstanceClass{commonv1.Workload_INSTANCE_CLASS_BURSTABLE},
			Present:      &commonv1.Workload_Present{Provider: "aws", Region: "eu-west-1", InstanceType: "g4dn.xlarge"},
		}},
	}
}

// small is the least that is valid.
func small(title string) *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Title:     title,
		Workloads: []*commonv1.Workload{{Name: "api", Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8}},
	}
}

func create(t *testing.T, s *rpc.Server, a *assessmentv1.Assessment) *assessmentv1.Assessment {
	t.Helper()
	got, err := s.CreateAssessment(as(t.Context(), "usr_ann"), &assessmentv1.CreateAssessmentRequest{Assessment: a})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetAssessment()
}

func update(t *testing.T, s *rpc.Server, id string, a *assessmentv1.Assessment, paths ...string) (*assessmentv1.Assessment, error) {
	t.Helper()
	got, err := s.UpdateAssessment(as(t.Context(), "usr_ann"), &assessmentv1.UpdateAssessmentRequest{
		Id: id, Assessment: a, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
	})
	return got.GetAssessment(), err
}

// stated are the names of all fields that an owner states.
func stated() []string {
	var names []string
	fields := (*assessmentv1.Assessment)(nil).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := fields.Get(i).Name(); !slices.Contains(byService, name) {
			names = append(names, string(name))
		}
	}
	return names
}

func TestEveryStatedFieldCanBeUpdatedByItself(t *testing.T) {
	s := serve(t)
	for _, name := range stated() {
		fd := full().ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
		if !full().ProtoReflect().Has(fd) {
			t.Errorf("the full assessment has no %s", name)
		}
		was := create(t, s, small("before"))
		got, err := update(t, s, was.GetId(), full(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := small("before")
		want.ProtoReflect().Set(fd, full().ProtoReflect().Get(fd))
		if !proto.Equal(stripped(got), want) || got.GetRevision() != 2 || got.GetEtag() == was.GetEtag() {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestAllFieldsCanBeUpdatedAtOnceAndTakenBack(t *testing.T) {
	s := serve(t)
	a := create(t, s, small("before"))
	got, err := update(t, s, a.GetId(), full(), stated()...)
	if err != nil || !proto.Equal(stripped(got), full()) {
		t.Fatalf("got %v, %v, want %v", got, err, full())
	}
	got, err = update(t, s, a.GetId(), small("before"), stated()...)
	if err != nil || !proto.Equal(stripped(got), small("before")) || got.GetRevision() != 3 {
		t.Fatalf("got %v, %v, want %v", got, err, small("before"))
	}
}

func TestAnUpdateIsCheckedAsAWhole(t *testing.T) {
	s := serve(t)
	a := create(t, s, full())
	for name, c := range map[string]struct {
		change *assessmentv1.Assessment
		paths  []string
		want   []string // field and rule
	}{
		"a title that is taken away": {small(""), []string{"title"}, []string{"assessment.title string.min_len"}},
		"an assessment that is left out": {
			nil,
			[]string{"title", "workloads"},
			[]string{"assessment.title string.min_len", "assessment.workloads repeated.min_items"},
		},
		"a workload that breaks a rule of its own": {
			&assessmentv1.Assessment{Workloads: []*commonv1.Workload{{Name: "a", Kind: commonv1.Workload_KIND_API, Vcpu: -2, MemoryGib: 1}}},
			[]string{"workloads"},
			[]string{"assessment.workloads[0].vcpu double.gte_lte"},
		},
		"a residency that the stored regions are not in": {
			&assessmentv1.Assessment{DataResidency: []string{"US"}},
			[]string{"data_residency"},
			[]string{"assessment.allowedRegions[0] region.residency"},
		},
		"providers that the stored regions are not of": {
			&assessmentv1.Assessment{AllowedProviders: []string{"gcp"}},
			[]string{"allowed_providers"},
			[]string{"assessment.allowedRegions[0] region.provider_allowed"},
		},
		"a weight that is too large, by its own path": {
			&assessmentv1.Assessment{Objectives: &assessmentv1.Objectives{CostWeight: 101}},
			[]string{"objectives.cost_weight"},
			[]string{"assessment.objectives.costWeight double.gte_lte"},
		},
		"what does not exist": {small("new"), []string{"tittle"}, []string{"updateMask field_mask.path"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := update(t, s, a.GetId(), c.change, c.paths...)
			e, ok := errs.From(err)
			if !ok || e.Kind != errs.KindInvalid {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, v := range e.Violations {
				got = append(got, v.Field+" "+v.Rule)
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	now, err := s.GetAssessment(as(t.Context(), "usr_ann"), &assessmentv1.GetAssessmentRequest{Id: a.GetId()})
	if err != nil || !proto.Equal(now.GetAssessment(), a) {
		t.Errorf("got %v, %v, want %v", now, err, a)
	}
}

// Over REST the mask is made of what the body has, and that includes the etag.
func TestAnEtagInTheMaskIsACondition(t *testing.T) {
	s := serve(t)
	a := create(t, s, small("first"))
	change := small("second")
	change.Etag = a.GetEtag()
	b, err := update(t, s, a.GetId(), change, "etag", "title")
	if err != nil || b.GetTitle() != "second" || b.GetEtag() == a.GetEtag() {
		t.Fatalf("got %v, %v", b, err)
	}
	change.Title = "third"
	if _, err := update(t, s, a.GetId(), change, "etag", "title"); !errs.Is(err, errs.KindStale) {
		t.Fatalf("got %v", err)
	}
	change.Etag = b.GetEtag()
	for _, paths := range [][]string{nil, {"etag"}} { // a body without a field, or with the etag alone
		if same, err := update(t, s, a.GetId(), change, paths...); err != nil || !proto.Equal(same, b) {
			t.Errorf("mask %q: got %v, %v, want %v", paths, same, err, b)
		}
	}
}

func TestAPageOfTheLargestAssessmentsFitsInAMessage(t *testing.T) {
	s := serve(t)
	huge := largest(t)
	const count = 120
	for range count {
		create(t, s, huge)
	}
	req := &assessmentv1.ListAssessmentsRequest{PageSize: page.MaxSize}
	seen := 0
	for {
		resp, err := s.ListAssessments(as(t.Context(), "usr_ann"), req)
		if err != nil {
			t.Fatal(err)
		}
		n := len(resp.GetAssessments())
		if size := proto.Size(resp); size > 3<<20 || n < 2 {
			t.Fatalf("%d assessments in %d bytes", n, size)
		}
		seen += n
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if seen != count {
		t.Errorf("%d assessments, want %d", seen, count)
	}
}

// largest has as many bytes as the contract allows.
func largest(t *testing.T) *assessmentv1.Assessment {
	t.Helper()
	long := func(n int) string { return strings.Repeat("𒀱", n) } // four bytes each
	a := full()
	a.Title, a.Profile.Organisation, a.Profile.Industry = long(200), long(200), long(100)
	w := a.Workloads[0]
	a.Workloads = nil
	for i := range 50 {
		c := proto.Clone(w).(*commonv1.Workload)
		c.Name = long(98) + string(rune('0'+i/10)) + string(rune('0'+i%10))
		c.Vcpu, c.MemoryGib, c.HoursPerMonth, c.StorageGib, c.EgressGib = 1023.9, 32767.1, 743.3, 999999.7, 10485759.3
		c.ExtraClasses = []commonv1.Workload_InstanceClass{1, 2, 3, 4}
		c.Present.InstanceType = long(64)
		a.Workloads = append(a.Workloads, c)
	}
	if err := pkgrpc.Validate(a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAssessmentThatWasReadAndSentBackKeepsWhatTheServiceAssigns(t *testing.T) {
	s := serve(t)
	a := create(t, s, small("old"))
	back := clone(a)
	back.Title, back.Revision, back.Status = "new", 7, assessmentv1.Assessment_STATUS_SUBMITTED
	now, err := update(t, s, a.GetId(), back, "id", "etag", "revision", "submitted_revision", "status", "create_time", "update_time", "title")
	if err != nil {
		t.Fatal(err)
	}
	if now.GetTitle() != "new" || now.GetRevision() != 2 || now.GetStatus() != assessmentv1.Assessment_STATUS_DRAFT {
		t.Errorf("got %v", now)
	}
}
