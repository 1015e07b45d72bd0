package rpc_test

import (
	"math"
	"slices"
	"testing"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
)

func draft(change func(*assessmentv1.Assessment)) *assessmentv1.Assessment {
	a := &assessmentv1.Assessment{Title: "A platform"}
	for _, name := range []string{"api", "db", "batch", "training"} {
		a.Workloads = append(a.Workloads, &commonv1.Workload{
			Name: name, Kind: commonv1.Workload_KIND_API, Vcpu: 2, MemoryGib: 8,
		})
	}
	change(a)
	return a
}

// brokenRules are assessments and the rules that they break, as field and rule.
var brokenRules = map[string]struct {
	change func(*assessmentv1.Assessment)
	want   []string
}{
	"nothing is wrong":             {func(*assessmentv1.Assessment) {}, nil},
	"a field of a list's element":  {func(a *assessmentv1.Assessment) { a.Workloads[3].Vcpu = -1 }, []string{"workloads[3].vcpu double.gte_lte"}},
	"a name of several words":      {func(a *assessmentv1.Assessment) { a.MonthlyBudgetUsd = -1 }, []string{"monthlyBudgetUsd double.gte_lte"}},
	"not a number":                 {func(a *assessmentv1.Assessment) { a.Workloads[0].StorageGib = math.NaN() }, []string{"workloads[0].storageGib double.finite", "workloads[0].storageGib double.gte_lte"}},
	"a message as a whole":         {func(a *assessmentv1.Assessment) { a.Workloads[1].GpuMemoryGib = 40 }, []string{"workloads[1] workload.gpu_memory"}},
	"a list as a whole":            {func(a *assessmentv1.Assessment) { a.Workloads[1].Name = "api" }, []string{"workloads assessment.workload_names"}},
	"too few elements":             {func(a *assessmentv1.Assessment) { a.Workloads = nil }, []string{"workloads repeated.min_items"}},
	"an element of a list":         {func(a *assessmentv1.Assessment) { a.AllowedProviders = []string{"aws", "ibm"} }, []string{"allowedProviders[1] string.in"}},
	"a field of a message":         {func(a *assessmentv1.Assessment) { a.Objectives = &assessmentv1.Objectives{CostWeight: 101} }, []string{"objectives.costWeight double.gte_lte"}},
	"several rules of two fields":  {func(a *assessmentv1.Assessment) { a.Title, a.Workloads[2].Replicas = "", 1001 }, []string{"title string.min_len", "workloads[2].replicas int32.gte_lte"}},
	"an enum that has no such one": {func(a *assessmentv1.Assessment) { a.Workloads[0].Kind = 99 }, []string{"workloads[0].kind enum.defined_only"}},
}

func rulesOf(violations []errs.Violation) []string {
	var rules []string
	for _, v := range violations {
		rules = append(rules, v.Field+" "+v.Rule)
	}
	slices.Sort(rules) // their order means nothing
	return rules
}

func TestABrokenRuleIsNamedByThePathThatTheClientKnows(t *testing.T) {
	for name, c := range brokenRules {
		t.Run(name, func(t *testing.T) {
			err := rpc.Validate(draft(c.change))
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			e, _ := errs.From(err)
			if e == nil {
				return
			}
			if got := rulesOf(e.Violations); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for _, v := range e.Violations {
				if v.Message == "" {
					t.Errorf("%s says nothing", v.Rule)
				}
			}
			if e.Kind != errs.KindInvalid {
				t.Errorf("it is %v", e.Kind)
			}
		})
	}
}

func TestARequestIsValidatedBeforeTheHandlerSeesIt(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	conn := testkit.Serve(t, "assessment", func(r grpc.ServiceRegistrar) {
		assessmentv1.RegisterAssessmentServiceServer(r, assessmentv1.UnimplementedAssessmentServiceServer{})
	}, testkit.WithIssuer(issuer))
	client := assessmentv1.NewAssessmentServiceClient(conn)
	ctx := issuer.Context(t.Context(), "usr_1", "ses_1")
	for name, c := range brokenRules {
		t.Run(name, func(t *testing.T) {
			_, err := client.CreateAssessment(ctx, &assessmentv1.CreateAssessmentRequest{Assessment: draft(c.change)})
			if c.want == nil {
				want(t, err, codes.Unimplemented, "UNIMPLEMENTED") // it got through
				return
			}
			want(t, err, codes.InvalidArgument, "INVALID_REQUEST")
			var below []string
			for _, rule := range c.want {
				below = append(below, "assessment."+rule)
			}
			if _, violations, _ := errs.FromStatus(status.Convert(err)); !slices.Equal(rulesOf(violations), below) {
				t.Errorf("got %v, want %v", rulesOf(violations), below)
			}
		})
	}
	_, err := client.CreateAssessment(ctx, &assessmentv1.CreateAssessmentRequest{})
	if _, violations, _ := errs.FromStatus(status.Convert(err)); !slices.Equal(rulesOf(violations), []string{"assessment required"}) {
		t.Errorf("without an assessment: %v", err)
	}
}

// TestWhoMayNotCallIsNotToldWhatIsWrong: who has no token learns nothing else.
func TestWhoMayNotCallIsNotToldWhatIsWrong(t *testing.T) {
	conn := testkit.Serve(t, "probe", answers().register)
	err := conn.Invoke(t.Context(), fullName("User"), &request{}, &response{})
	want(t, err, codes.Unauthenticated, "MISSING_TOKEN")
}

func TestMapsAndOneofsHavePathsToo(t *testing.T) {
	odd := contract().Messages().ByName("Odd")
	m := dynamicpb.NewMessage(odd)
	entries := m.Mutable(odd.Fields().ByName("limits_by_name")).Map()
	entries.Set(protoreflect.ValueOfString(`a "b"`).MapKey(), protoreflect.ValueOfInt32(0))
	e, ok := errs.From(rpc.Validate(m))
	if !ok {
		t.Fatal("nothing is wrong")
	}
	got := rulesOf(e.Violations)
	if want := []string{`limitsByName["a \"b\""] int32.gt`, "one_way required"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRulesThatDoNotCompileAreNoFaultOfTheRequest(t *testing.T) {
	m := dynamicpb.NewMessage(contract().Messages().ByName("Broken"))
	if err := rpc.Validate(m); err == nil || errs.Is(err, errs.KindInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestARequestWithNothingToCheckPasses(t *testing.T) {
	for _, m := range []proto.Message{&assessmentv1.CreateAssessmentResponse{}, &request{Id: "asm_1"}} {
		if err := rpc.Validate(m); err != nil {
			t.Error(err)
		}
	}
}
