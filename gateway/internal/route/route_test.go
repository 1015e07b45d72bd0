package route_test

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/inframind/inframind/gateway/internal/route"
	"github.com/inframind/inframind/pkg/policy"
	_ "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// method is one of a service made for a test.
type method struct {
	name, input string
	rule        *annotations.HttpRule
	streams     bool
	uploads     bool
}

func get(path string) *annotations.HttpRule {
	return &annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: path}}
}

func compile(t *testing.T, methods ...method) error {
	t.Helper()
	service := &descriptorpb.ServiceDescriptorProto{Name: proto.String("ThingService")}
	for _, m := range methods {
		options := &descriptorpb.MethodOptions{}
		proto.SetExtension(options, annotations.E_Http, m.rule)
		proto.SetExtension(options, policyv1.E_Policy, &policyv1.Policy{Access: policyv1.Access_ACCESS_PUBLIC})
		service.Method = append(service.Method, &descriptorpb.MethodDescriptorProto{
			Name: proto.String(m.name), InputType: proto.String(m.input),
			OutputType: proto.String(".inframind.assessment.v1.GetAssessmentResponse"), Options: options,
			ServerStreaming: proto.Bool(m.streams),
			ClientStreaming: proto.Bool(m.uploads),
		})
	}
	fd, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("thing.proto"), Package: proto.String("inframind.thing.v1"), Syntax: proto.String("proto3"),
		Dependency: []string{"inframind/assessment/v1/assessment.proto"},
		Service:    []*descriptorpb.ServiceDescriptorProto{service},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	things := []protoreflect.ServiceDescriptor{fd.Services().Get(0)}
	policies, err := policy.Load(things...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = route.Compile(policies, things...)
	return err
}

const (
	byID   = ".inframind.assessment.v1.GetAssessmentRequest"
	update = ".inframind.assessment.v1.UpdateAssessmentRequest"
)

func TestAVerbDeclaredBeforeThePathThatSwallowsItIsAFault(t *testing.T) {
	read := method{name: "GetThing", input: byID, rule: get("/things/{id}")}
	check := method{name: "CheckThing", input: byID, rule: get("/things/{id}:check")}
	if err := compile(t, read, check); err != nil {
		t.Errorf("the verb last: %v", err)
	}
	if err := compile(t, check, read); err == nil || !strings.Contains(err.Error(), "swallowed") {
		t.Errorf("the verb first: %v", err)
	}
}

func TestRoutesThatCannotBeServedAreFaultsAtTheStart(t *testing.T) {
	bad := method{name: "A", input: byID, rule: get("/things/{id}")}
	for name, c := range map[string]struct {
		change func(*method)
		want   string
	}{
		"a stream of requests": {func(m *method) { m.uploads = true }, "streams of requests"},
		"a stream that is no GET": {func(m *method) {
			m.streams = true
			m.rule = &annotations.HttpRule{Pattern: &annotations.HttpRule_Delete{Delete: "/things/{id}"}}
		}, "from GET"},
		"an unknown variable":  {func(m *method) { m.rule = get("/things/{name}") }, `no field "name"`},
		"a wildcard":           {func(m *method) { m.rule = get("/things/{id=*}") }, "plain variables"},
		"a message in a query": {func(m *method) { m.input = update }, "cannot be a parameter"},
		"a body that is no message": {func(m *method) {
			m.rule = &annotations.HttpRule{Pattern: &annotations.HttpRule_Post{Post: "/things"}, Body: "id"}
		}, "no message"},
		"a part of the response": {func(m *method) { m.rule.ResponseBody = "assessment" }, "response_body"},
	} {
		m := bad
		m.rule = proto.Clone(bad.rule).(*annotations.HttpRule)
		c.change(&m)
		if err := compile(t, m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
