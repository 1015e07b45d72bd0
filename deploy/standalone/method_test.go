package standalone_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/inframind/inframind/pkg/policy"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// belongings are IDs of what one person has.
type belongings struct{ assessment, set string }

// newBelongings makes an assessment with a submitted revision, which is answered by
// a set, and a later one.
func (s session) newBelongings(t *testing.T) belongings {
	t.Helper()
	assessment := s.submit(t, draft).GetId()
	s.send(t, http.MethodPatch, assessments+"/"+assessment, `{"monthlyBudgetUsd":50}`).want(t, http.StatusOK)
	return belongings{assessment, s.generate(t, assessment).GetId()}
}

// sample is a valid request: the variables of the method's path, and the body.
type sample struct {
	vars map[string]string
	body string
}

// samples has a valid request of every method that a person calls, on what a person
// has. The paths are the descriptors' own.
var samples = map[string]func(belongings) sample{
	authv1.AuthService_GetMe_FullMethodName:  nothing,
	authv1.AuthService_Logout_FullMethodName: nothing,

	assessmentv1.AssessmentService_CreateAssessment_FullMethodName: func(belongings) sample {
		return sample{body: draft}
	},
	assessmentv1.AssessmentService_GetAssessment_FullMethodName:   assessmentByID,
	assessmentv1.AssessmentService_ListAssessments_FullMethodName: nothing,
	assessmentv1.AssessmentService_UpdateAssessment_FullMethodName: func(b belongings) sample {
		return sample{vars: map[string]string{"id": b.assessment}, body: `{"title":"Changed"}`}
	},
	assessmentv1.AssessmentService_DeleteAssessment_FullMethodName: assessmentByID,
	assessmentv1.AssessmentService_SubmitAssessment_FullMethodName: assessmentByID,
	assessmentv1.AssessmentService_GetAssessmentRevision_FullMethodName: func(b belongings) sample {
		return sample{vars: map[string]string{"id": b.assessment, "revision": "1"}}
	},

	recommendationv1.RecommendationService_GenerateRecommendation_FullMethodName: ofAssessment,
	recommendationv1.RecommendationService_ListRecommendations_FullMethodName:    ofAssessment,
	recommendationv1.RecommendationService_GetRecommendation_FullMethodName: func(b belongings) sample {
		return sample{vars: map[string]string{"id": b.set}}
	},

	dashboardv1.DashboardService_GetOverview_FullMethodName:         nothing,
	dashboardv1.DashboardService_GetPlatformOverview_FullMethodName: nothing,
	dashboardv1.DashboardService_StreamMetrics_FullMethodName:       nothing,
}

func nothing(belongings) sample { return sample{} }

func assessmentByID(b belongings) sample {
	return sample{vars: map[string]string{"id": b.assessment}}
}

func ofAssessment(b belongings) sample {
	return sample{vars: map[string]string{"assessment_id": b.assessment}}
}

// method is one that the linked services have.
type method struct {
	policy.Method

	verb, template string // at the edge
}

// methods are all of the linked services' methods that stand at the edge, by name.
func methods(t *testing.T) []method {
	t.Helper()
	table, err := policy.Linked()
	if err != nil {
		t.Fatal(err)
	}
	var all []method
	for name, declared := range table {
		verb, template, ok := route(t, name)
		if !ok { // it is for other services
			continue
		}
		all = append(all, method{declared, verb, template})
	}
	slices.SortFunc(all, func(a, b method) int { return strings.Compare(a.FullName, b.FullName) })
	return all
}

// personal are the methods that need a token. Each has an sample, and each sample
// has its method.
func personal(t *testing.T) []method {
	t.Helper()
	list := slices.DeleteFunc(methods(t), func(m method) bool { return !m.NeedsToken() })
	for name := range samples {
		if !slices.ContainsFunc(list, func(m method) bool { return m.FullName == name }) {
			t.Errorf("%s has an sample and is no method that needs a token", name)
		}
	}
	for _, m := range list {
		if samples[m.FullName] == nil {
			t.Fatalf("%s has no sample", m.FullName)
		}
	}
	return list
}

// route reads where a method stands at the edge.
func route(t *testing.T, fullName string) (verb, template string, ok bool) {
	t.Helper()
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(fullName, "/"), "/", "."))
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		t.Fatal(err)
	}
	rule := proto.GetExtension(d.Options(), annotations.E_Http).(*annotations.HttpRule)
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get, true
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post, true
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch, true
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete, true
	default:
		return "", "", false
	}
}

// on is the method's request on what a person has.
func (m method) on(b belongings) request {
	e := samples[m.FullName](b)
	path := m.template
	for name, value := range e.vars {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	return request{verb: m.verb, path: path, body: e.body}
}

// ask sends it with a session's token.
func (m method) ask(t *testing.T, s session, b belongings) answer {
	t.Helper()
	a, err := s.try(t.Context(), m.on(b))
	if err != nil {
		t.Fatalf("%s: %v", m.FullName, err)
	}
	return a
}
