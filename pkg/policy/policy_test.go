package policy_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/inframind/inframind/pkg/policy"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	authv1 "github.com/inframind/inframind/proto/gen/go/inframind/auth/v1"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// declare makes a service with a method for each policy; nil: a method without one.
// All take a LoginRequest, which has the strings email and password, and no id.
func declare(t *testing.T, policies ...*policyv1.Policy) protoreflect.ServiceDescriptor {
	t.Helper()
	service := &descriptorpb.ServiceDescriptorProto{Name: proto.String("Service")}
	for i, p := range policies {
		options := &descriptorpb.MethodOptions{}
		if p != nil {
			proto.SetExtension(options, policyv1.E_Policy, p)
		}
		service.Method = append(service.Method, &descriptorpb.MethodDescriptorProto{
			Name:       proto.String("M" + string(rune('0'+i))),
			InputType:  proto.String(".inframind.auth.v1.LoginRequest"),
			OutputType: proto.String(".inframind.auth.v1.LoginResponse"),
			Options:    options,
		})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Syntax:     proto.String("proto3"),
		Name:       proto.String("policytest.proto"),
		Package:    proto.String("policytest"),
		Dependency: []string{"inframind/auth/v1/auth.proto", "inframind/policy/v1/policy.proto"},
		Service:    []*descriptorpb.ServiceDescriptorProto{service},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return file.Services().Get(0)
}

const (
	public  = policyv1.Access_ACCESS_PUBLIC
	user    = policyv1.Access_ACCESS_USER
	service = policyv1.Access_ACCESS_SERVICE
)

func limited(access policyv1.Access, l *policyv1.RateLimit) *policyv1.Policy {
	return &policyv1.Policy{Access: access, RateLimits: []*policyv1.RateLimit{l}}
}

func TestAPolicyThatWouldProtectLessThanItSaysIsAFault(t *testing.T) {
	minute := durationpb.New(60_000_000_000)
	ip := policyv1.RateLimitKey_RATE_LIMIT_KEY_IP
	for name, c := range map[string]struct {
		policy *policyv1.Policy
		fault  string
	}{
		"no policy at all":                {nil, "it has no policy"},
		"no access":                       {&policyv1.Policy{}, "it states no access"},
		"an access of a later version":    {&policyv1.Policy{Access: 99}, "it states no access"},
		"a service method for no service": {&policyv1.Policy{Access: service}, "ACCESS_SERVICE names no services"},
		"services of a public method":     {&policyv1.Policy{Access: public, Services: []string{"a"}}, "services are named"},
		"a service without a name":        {&policyv1.Policy{Access: service, Services: []string{""}}, "a service has no name"},
		"a service named twice":           {&policyv1.Policy{Access: service, Services: []string{"a", "a"}}, `service "a" is named twice`},
		"a scope without a token":         {&policyv1.Policy{Access: public, Scope: "x"}, `scope "x" cannot be checked`},
		"a step-up without a token":       {&policyv1.Policy{Access: service, Services: []string{"a"}, StepUp: true}, "step_up cannot be checked"},
		"an owned field that is not there": {
			&policyv1.Policy{Access: user, OwnedField: "id"}, `owned_field: inframind.auth.v1.LoginRequest has no field "id"`,
		},
		"an owned field without an owner": {&policyv1.Policy{Access: public, OwnedField: "email"}, "needs a caller who could be the owner"},
		"a limit of nothing":              {limited(public, &policyv1.RateLimit{Window: minute, Key: ip}), "rate_limits[0] admits no requests"},
		"a limit without a window":        {limited(public, &policyv1.RateLimit{Requests: 1, Key: ip}), "rate_limits[0] has no window"},
		"a limit without a key":           {limited(public, &policyv1.RateLimit{Requests: 1, Window: minute}), "rate_limits[0] has no key"},
		"an account key without its field": {
			limited(public, &policyv1.RateLimit{Requests: 1, Window: minute, Key: policyv1.RateLimitKey_RATE_LIMIT_KEY_ACCOUNT}),
			"RATE_LIMIT_KEY_ACCOUNT needs account_field",
		},
		"an account field that is not there": {
			limited(public, &policyv1.RateLimit{
				Requests: 1, Window: minute, Key: policyv1.RateLimitKey_RATE_LIMIT_KEY_IP_AND_ACCOUNT, AccountField: "name",
			}),
			`rate_limits[0].account_field: inframind.auth.v1.LoginRequest has no field "name"`,
		},
		"an account field that is not read": {
			limited(public, &policyv1.RateLimit{Requests: 1, Window: minute, Key: ip, AccountField: "email"}),
			"RATE_LIMIT_KEY_IP does not read account_field",
		},
		"a limit of users who are not known": {
			limited(public, &policyv1.RateLimit{Requests: 1, Window: minute, Key: policyv1.RateLimitKey_RATE_LIMIT_KEY_USER}),
			"counts users, who are not known here",
		},
		"a sunset that is no day":  {&policyv1.Policy{Access: public, SunsetDate: "soon"}, `sunset_date "soon" is no day`},
		"a success that is no 2xx": {&policyv1.Policy{Access: public, SuccessStatus: 404}, "success_status 404"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := policy.Load(declare(t, c.policy))
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("got the error %v, want one with %q", err, c.fault)
			}
			if len(table) != 0 {
				t.Error("the method is in the table all the same")
			}
		})
	}
}

func TestAFieldThatIsNoStringHoldsNoID(t *testing.T) {
	for input, field := range map[string]string{
		".inframind.assessment.v1.GetAssessmentRevisionRequest": "revision",
		".inframind.assessment.v1.Assessment":                   "data_residency",
	} {
		options := &descriptorpb.MethodOptions{}
		proto.SetExtension(options, policyv1.E_Policy, &policyv1.Policy{Access: user, OwnedField: field})
		file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
			Syntax:     proto.String("proto3"),
			Name:       proto.String("policytest.proto"),
			Dependency: []string{"inframind/assessment/v1/assessment.proto", "inframind/policy/v1/policy.proto"},
			Service: []*descriptorpb.ServiceDescriptorProto{{
				Name: proto.String("S"),
				Method: []*descriptorpb.MethodDescriptorProto{{
					Name: proto.String("M"), InputType: &input, OutputType: &input, Options: options,
				}},
			}},
		}, protoregistry.GlobalFiles)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := policy.Load(file.Services().Get(0)); err == nil || !strings.Contains(err.Error(), "is not a string") {
			t.Errorf("%s: got the error %v", field, err)
		}
	}
}

func TestAllFaultsOfAllMethodsAreReportedAtOnce(t *testing.T) {
	_, err := policy.Load(declare(t,
		nil,
		&policyv1.Policy{Access: public, Scope: "x", SunsetDate: "soon"},
		&policyv1.Policy{Access: public},
	))
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		"/policytest.Service/M0: it has no policy",
		`/policytest.Service/M1: scope "x" cannot be checked without a token`,
		`/policytest.Service/M1: sunset_date "soon" is no day as YYYY-MM-DD`,
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTheContractHasASoundPolicyOnEveryMethod(t *testing.T) {
	table, err := policy.Linked()
	if err != nil {
		t.Fatal(err)
	}
	want := len(authv1.AuthService_ServiceDesc.Methods) + len(assessmentv1.AssessmentService_ServiceDesc.Methods)
	if len(table) != want {
		t.Errorf("%d methods are in the table, the two linked services have %d", len(table), want)
	}
}

func TestAMethodIsKnownByWhatItDeclares(t *testing.T) {
	table, err := policy.Linked()
	if err != nil {
		t.Fatal(err)
	}
	get, ok := table.Method(assessmentv1.AssessmentService_GetAssessment_FullMethodName)
	if !ok || !get.NeedsToken() || !get.NoSideEffects || !get.Idempotent || get.Policy.GetScope() != "assessments:read" {
		t.Errorf("GetAssessment is read as %+v", get)
	}
	if get.OwnedField == nil || get.OwnedField.FullName() != "inframind.assessment.v1.GetAssessmentRequest.id" {
		t.Errorf("GetAssessment's owned field is %v", get.OwnedField)
	}
	submit, _ := table.Method(assessmentv1.AssessmentService_SubmitAssessment_FullMethodName)
	if submit.NoSideEffects || !submit.Idempotent {
		t.Errorf("SubmitAssessment is read as %+v", submit)
	}
	login, _ := table.Method(authv1.AuthService_Login_FullMethodName)
	if login.NeedsToken() || login.Idempotent || login.Input.FullName() != "inframind.auth.v1.LoginRequest" {
		t.Errorf("Login is read as %+v", login)
	}
	if _, ok := table.Method("/inframind.auth.v1.AuthService/Unheard"); ok {
		t.Error("a method that does not exist was found")
	}
}

func TestAKeyHasAMeaningWhereAPersonWrites(t *testing.T) {
	table, err := policy.Linked()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		assessmentv1.AssessmentService_CreateAssessment_FullMethodName: true,
		assessmentv1.AssessmentService_GetAssessment_FullMethodName:    false,
		authv1.AuthService_Register_FullMethodName:                     false,
	} {
		if got := table[name].TakesKey(); got != want {
			t.Errorf("%s takes a key: %t", name, got)
		}
	}
}

func TestAServersOwnServicesNeedNoPolicy(t *testing.T) {
	s := grpc.NewServer()
	healthpb.RegisterHealthServer(s, healthpb.UnimplementedHealthServer{})
	authv1.RegisterAuthServiceServer(s, authv1.UnimplementedAuthServiceServer{})
	table, err := policy.ForServer(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(table) != len(authv1.AuthService_ServiceDesc.Methods) {
		t.Errorf("the table has %d methods", len(table))
	}
}

func TestAServiceWithoutADescriptorIsAFault(t *testing.T) {
	s := grpc.NewServer()
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "policytest.Nowhere", HandlerType: (*any)(nil)}, struct{}{})
	if _, err := policy.ForServer(s); err == nil || !strings.Contains(err.Error(), "policytest.Nowhere") {
		t.Errorf("got the error %v", err)
	}
}
