package rpc_test

import (
	"context"
	"sync"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

type (
	request  = assessmentv1.GetAssessmentRequest
	response = assessmentv1.GetAssessmentResponse
)

// probe is a service with a method of each access, and a stream. The methods do what
// the test says.
type probe struct {
	unary  func(ctx context.Context, req *request) (*response, error)
	stream func(stream grpc.BidiStreamingServer[request, response]) error
}

const probeService = "inframind.rpctest.v1.ProbeService"

// policies are those of the probe's methods.
var policies = map[string]*policyv1.Policy{
	"Public":  {Access: policyv1.Access_ACCESS_PUBLIC},
	"User":    {Access: policyv1.Access_ACCESS_USER},
	"Admin":   {Access: policyv1.Access_ACCESS_ADMIN},
	"Service": {Access: policyv1.Access_ACCESS_SERVICE, Services: []string{"training", "dashboard"}},
	"Scoped":  {Access: policyv1.Access_ACCESS_USER, Scope: "probe:read"},
	"StepUp":  {Access: policyv1.Access_ACCESS_USER, StepUp: true},
	"Read":    {Access: policyv1.Access_ACCESS_USER},
	"Watch":   {Access: policyv1.Access_ACCESS_USER},
	"Open":    {Access: policyv1.Access_ACCESS_PUBLIC},
	"Tell":    {Access: policyv1.Access_ACCESS_PUBLIC},
}

func isStream(method string) bool { return method == "Watch" || method == "Open" || method == "Tell" }

// isUpload says whether the caller sends more than one message.
func isUpload(method string) bool { return isStream(method) && method != "Tell" }

// fullName is how grpc calls a method of the probe.
func fullName(method string) string { return "/" + probeService + "/" + method }

// contract registers the descriptors that the generator would have made.
var contract = sync.OnceValue(func() protoreflect.FileDescriptor {
	service := &descriptorpb.ServiceDescriptorProto{Name: proto.String("ProbeService")}
	for name, policy := range policies {
		options := &descriptorpb.MethodOptions{}
		proto.SetExtension(options, policyv1.E_Policy, policy)
		if name == "Read" {
			options.IdempotencyLevel = descriptorpb.MethodOptions_NO_SIDE_EFFECTS.Enum()
		}
		service.Method = append(service.Method, &descriptorpb.MethodDescriptorProto{
			Name:            proto.String(name),
			InputType:       proto.String(".inframind.assessment.v1.GetAssessmentRequest"),
			OutputType:      proto.String(".inframind.assessment.v1.GetAssessmentResponse"),
			Options:         options,
			ClientStreaming: proto.Bool(isUpload(name)),
			ServerStreaming: proto.Bool(isStream(name)),
		})
	}
	return register("inframind.rpctest.v1", service)
})

// register links a file with a service. Beside it the file has the message Odd, whose
// fields are of the kinds that no request of the contract has yet, Broken, whose rule
// does not compile, and Holder, which may hold one and ignores its rules.
func register(pkg string, service *descriptorpb.ServiceDescriptorProto) protoreflect.FileDescriptor {
	if file, err := protoregistry.GlobalFiles.FindFileByPath(pkg + ".proto"); err == nil {
		return file // of the run before, under -count
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Syntax:  proto.String("proto3"),
		Name:    proto.String(pkg + ".proto"),
		Package: proto.String(pkg),
		Dependency: []string{
			"buf/validate/validate.proto", "inframind/assessment/v1/assessment.proto", "inframind/policy/v1/policy.proto",
		},
		MessageType: []*descriptorpb.DescriptorProto{odd(pkg), broken(), holder(pkg)},
		Service:     []*descriptorpb.ServiceDescriptorProto{service},
	}, protoregistry.GlobalFiles)
	if err == nil {
		err = protoregistry.GlobalFiles.RegisterFile(file)
	}
	if err != nil {
		panic(err)
	}
	return file
}

func odd(pkg string) *descriptorpb.DescriptorProto {
	positive := &descriptorpb.FieldOptions{}
	proto.SetExtension(positive, validate.E_Field, validate.FieldRules_builder{
		Map: validate.MapRules_builder{
			Values: validate.FieldRules_builder{Int32: validate.Int32Rules_builder{Gt: proto.Int32(0)}.Build()}.Build(),
		}.Build(),
	}.Build())
	oneof := &descriptorpb.OneofOptions{}
	proto.SetExtension(oneof, validate.E_Oneof, validate.OneofRules_builder{Required: proto.Bool(true)}.Build())
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Type: &kind, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	const str, i32, msg = descriptorpb.FieldDescriptorProto_TYPE_STRING, descriptorpb.FieldDescriptorProto_TYPE_INT32, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	limits, this, that := field("limits_by_name", 1, msg), field("this_way", 2, str), field("that_way", 3, str)
	limits.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	limits.TypeName, limits.Options = proto.String("."+pkg+".Odd.LimitsByNameEntry"), positive
	this.OneofIndex, that.OneofIndex = proto.Int32(0), proto.Int32(0)
	return &descriptorpb.DescriptorProto{
		Name:      proto.String("Odd"),
		OneofDecl: []*descriptorpb.OneofDescriptorProto{{Name: proto.String("one_way"), Options: oneof}},
		Field:     []*descriptorpb.FieldDescriptorProto{limits, this, that},
		NestedType: []*descriptorpb.DescriptorProto{{
			Name:    proto.String("LimitsByNameEntry"),
			Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
			Field:   []*descriptorpb.FieldDescriptorProto{field("key", 1, str), field("value", 2, i32)},
		}},
	}
}

func broken() *descriptorpb.DescriptorProto {
	options := &descriptorpb.MessageOptions{}
	proto.SetExtension(options, validate.E_Message, validate.MessageRules_builder{
		Cel: []*validate.Rule{validate.Rule_builder{Id: proto.String("x"), Expression: proto.String("this.no_such_field > 1")}.Build()},
	}.Build())
	return &descriptorpb.DescriptorProto{Name: proto.String("Broken"), Options: options}
}

func holder(pkg string) *descriptorpb.DescriptorProto {
	ignored := &descriptorpb.FieldOptions{}
	proto.SetExtension(ignored, validate.E_Field, validate.FieldRules_builder{Ignore: validate.Ignore_IGNORE_ALWAYS.Enum()}.Build())
	return &descriptorpb.DescriptorProto{Name: proto.String("Holder"), Field: []*descriptorpb.FieldDescriptorProto{{
		Name: proto.String("broken"), Number: proto.Int32(1), TypeName: proto.String("." + pkg + ".Broken"),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), Type: descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(),
		Options: ignored,
	}}}
}

// register adds the probe to a server, as generated code would.
func (p *probe) register(r grpc.ServiceRegistrar) {
	contract()
	desc := &grpc.ServiceDesc{ServiceName: probeService, HandlerType: (*any)(nil)}
	for name := range policies {
		if isStream(name) {
			desc.Streams = append(desc.Streams, grpc.StreamDesc{
				StreamName: name, ServerStreams: true, ClientStreams: isUpload(name),
				Handler: func(_ any, ss grpc.ServerStream) error {
					return p.stream(&grpc.GenericServerStream[request, response]{ServerStream: ss})
				},
			})
			continue
		}
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: p.handler(fullName(name))})
	}
	r.RegisterService(desc, p)
}

func (p *probe) handler(fullMethod string) grpc.MethodHandler {
	return func(srv any, ctx context.Context, dec func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
		req := &request{}
		if err := dec(req); err != nil {
			return nil, err
		}
		info := &grpc.UnaryServerInfo{Server: srv, FullMethod: fullMethod}
		return chain(ctx, req, info, func(ctx context.Context, req any) (any, error) {
			return p.unary(ctx, req.(*request))
		})
	}
}

// answers is a probe whose unary methods succeed.
func answers() *probe {
	return &probe{unary: func(context.Context, *request) (*response, error) { return &response{}, nil }}
}

// fails is a probe whose methods fail with err.
func fails(err error) *probe {
	return &probe{
		unary:  func(context.Context, *request) (*response, error) { return nil, err },
		stream: func(grpc.BidiStreamingServer[request, response]) error { return err },
	}
}

// invoke calls a unary method of the probe.
func invoke(ctx context.Context, conn *grpc.ClientConn, method string) error {
	return conn.Invoke(ctx, fullName(method), &request{Id: "asm_1"}, &response{})
}

// open opens a stream of the probe.
func open(ctx context.Context, t *testing.T, conn *grpc.ClientConn, method string) grpc.BidiStreamingClient[request, response] {
	t.Helper()
	cs, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, fullName(method))
	if err != nil {
		t.Fatal(err)
	}
	return &grpc.GenericClientStream[request, response]{ClientStream: cs}
}
