package rpc

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/inframind/inframind/pkg/errs"
)

// validateRequests enforces the rules that requests declare, and the shape of the
// Idempotency-Key.
type validateRequests struct{}

func (validateRequests) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	c := callFrom(ctx)
	if err := readIdempotencyKey(ctx, c); err != nil {
		return nil, err
	}
	if !c.method.exempt {
		if err := validateAny(req); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}

func (validateRequests) stream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	c := callFrom(ss.Context())
	if err := readIdempotencyKey(ss.Context(), c); err != nil {
		return err
	}
	if !c.method.exempt {
		ss = &validatedStream{ss}
	}
	return next(srv, ss)
}

// validatedStream lets only valid messages in.
type validatedStream struct{ grpc.ServerStream }

// RecvMsg implements grpc.ServerStream.
func (s *validatedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return validateAny(m)
}

func validateAny(m any) error {
	msg, ok := m.(proto.Message)
	if !ok {
		return fmt.Errorf("a request is no protobuf message but %T", m)
	}
	return Validate(msg)
}

// Validate checks a message against the rules that its descriptor declares, as the
// server does with each request. Its error is errs.Invalid with a violation per
// broken rule; field paths start at msg.
func Validate(msg proto.Message) error {
	err := protovalidate.GlobalValidator.Validate(msg)
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("validate %s: %w", msg.ProtoReflect().Descriptor().FullName(), err)
	}
	violations := make([]errs.Violation, 0, len(invalid.Violations))
	for _, v := range invalid.Violations {
		violations = append(violations, errs.Violation{
			Field:   jsonPath(msg.ProtoReflect().Descriptor(), v.Proto.GetField()),
			Rule:    v.Proto.GetRuleId(),
			Message: v.Proto.GetMessage(),
		})
	}
	return errs.Invalid(violations...)
}

// jsonPath writes a path as a client who sent JSON knows it: workloads[3].vcpu.
func jsonPath(in protoreflect.MessageDescriptor, path *validate.FieldPath) string {
	var b strings.Builder
	for _, element := range path.GetElements() {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		var field protoreflect.FieldDescriptor
		if in != nil {
			field = in.Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		}
		if field == nil { // a oneof, which has a name only
			b.WriteString(element.GetFieldName())
			continue
		}
		b.WriteString(field.JSONName())
		in = field.Message()
		if field.IsMap() {
			in = field.MapValue().Message()
		}
		b.WriteString(subscript(element))
	}
	return b.String()
}

func subscript(element *validate.FieldPathElement) string {
	switch key := element.GetSubscript().(type) {
	case *validate.FieldPathElement_Index:
		return "[" + strconv.FormatUint(key.Index, 10) + "]"
	case *validate.FieldPathElement_StringKey:
		return "[" + strconv.Quote(key.StringKey) + "]"
	case *validate.FieldPathElement_IntKey:
		return "[" + strconv.FormatInt(key.IntKey, 10) + "]"
	case *validate.FieldPathElement_UintKey:
		return "[" + strconv.FormatUint(key.UintKey, 10) + "]"
	case *validate.FieldPathElement_BoolKey:
		return "[" + strconv.FormatBool(key.BoolKey) + "]"
	default:
		return ""
	}
}

// warm compiles the rules of all requests, so that no call waits for it, and reports
// those that do not compile.
func warm(m methods) error {
	var faults []error
	seen := map[protoreflect.FullName]bool{}
	for _, declared := range m {
		if !declared.exempt {
			faults = append(faults, compile(declared.Input, seen)...)
		}
	}
	return errors.Join(faults...)
}

// compile goes through the message and all that it can hold. Fields that the request
// itself ignores are among them: a service joins those with what it has stored and
// then validates the result.
func compile(d protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) []error {
	if seen[d.FullName()] {
		return nil
	}
	seen[d.FullName()] = true
	var faults []error
	if err := Validate(dynamicpb.NewMessage(d)); err != nil && !errs.Is(err, errs.KindInvalid) {
		faults = append(faults, err)
	}
	fields := d.Fields()
	for i := range fields.Len() {
		if inner := fields.Get(i).Message(); inner != nil {
			faults = append(faults, compile(inner, seen)...)
		}
	}
	return faults
}
