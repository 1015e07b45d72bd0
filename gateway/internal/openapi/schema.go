package openapi

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
)

// schemas collects the schemas that operations refer to.
type schemas struct {
	words  *words
	owners map[string]protoreflect.FullName // by short name
	list   members
}

// reference is a schema that refers to a message or enum, which is added if it is
// new.
func (s *schemas) reference(d protoreflect.Descriptor) (*schema, error) {
	name := short(d)
	ref := &schema{Ref: refer("schemas", name)}
	switch owner, ok := s.owners[name]; {
	case ok && owner == d.FullName():
		return ref, nil
	case ok:
		return nil, fmt.Errorf("%s and %s have the same name", owner, d.FullName())
	}
	s.owners[name] = d.FullName()
	at := len(s.list)
	s.list.add(name, nil) // before those that it refers to
	switch d := d.(type) {
	case protoreflect.EnumDescriptor:
		s.list[at].value = &schema{Type: "string", Description: s.words.message(d.FullName()), Enum: values(d, nil)}
	case protoreflect.MessageDescriptor:
		object, err := s.object(d)
		if err != nil {
			return nil, err
		}
		s.list[at].value = object
	}
	return ref, nil
}

// short is a name without its package: Assessment.Status.
func short(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), string(d.ParentFile().Package())+".")
}

func values(d protoreflect.EnumDescriptor, except []int32) []string {
	var names []string
	for i := range d.Values().Len() {
		if v := d.Values().Get(i); !slices.Contains(except, int32(v.Number())) {
			names = append(names, string(v.Name()))
		}
	}
	return names
}

// object is the schema of a message, without the excepted fields.
func (s *schemas) object(md protoreflect.MessageDescriptor, except ...protoreflect.Name) (*schema, error) {
	o := &schema{Type: "object", Description: s.words.message(md.FullName())}
	rules, _ := proto.GetExtension(md.Options(), validate.E_Message).(*validate.MessageRules)
	for _, rule := range rules.GetCel() {
		o.Description += "\n\nRule: " + rule.GetMessage() + "."
	}
	for i := range md.Fields().Len() {
		fd := md.Fields().Get(i)
		if slices.Contains(except, fd.Name()) {
			continue
		}
		f, needed, err := s.field(fd)
		if err != nil {
			return nil, err
		}
		o.Properties.add(fd.JSONName(), f)
		if needed {
			o.Required = append(o.Required, fd.JSONName())
		}
	}
	return o, nil
}

// field is the schema of a field with its rules; needed says that the rules do not
// let it be left out.
func (s *schemas) field(fd protoreflect.FieldDescriptor) (f *schema, needed bool, err error) {
	rules, _ := proto.GetExtension(fd.Options(), validate.E_Field).(*validate.FieldRules)
	switch {
	case fd.IsMap():
		elem, err := s.value(fd.MapValue())
		if err != nil {
			return nil, false, err
		}
		f = &schema{Type: "object", Additional: elem}
	case fd.IsList():
		elem, err := s.value(fd)
		if err != nil {
			return nil, false, err
		}
		restrict(elem, fd, rules.GetRepeated().GetItems())
		f = &schema{Type: "array", Items: elem}
	default:
		if f, err = s.value(fd); err != nil {
			return nil, false, err
		}
	}
	f.Description = s.words.field(fd)
	needed = restrict(f, fd, rules)
	for _, rule := range rules.GetCel() {
		f.Description += " Rule: " + rule.GetMessage() + "."
	}
	f.Description = strings.TrimSpace(f.Description)
	return f, needed || rules.GetRequired(), nil
}

func (s *schemas) value(fd protoreflect.FieldDescriptor) (*schema, error) {
	switch fd.Kind() {
	case protoreflect.EnumKind:
		return s.reference(fd.Enum())
	case protoreflect.MessageKind:
		switch fd.Message().FullName() {
		case "google.protobuf.Timestamp":
			return &schema{Type: "string", Format: "date-time"}, nil
		case "google.protobuf.Duration":
			return &schema{Type: "string"}, nil
		}
		return s.reference(fd.Message())
	default:
		t, ok := types[fd.Kind()]
		if !ok {
			return nil, fmt.Errorf("%s: kind %s has no schema", fd.FullName(), fd.Kind())
		}
		return &t, nil
	}
}

// types are the schemas of the plain kinds. 64-bit integers are written as strings,
// because a double cannot hold every one of them.
var types = map[protoreflect.Kind]schema{
	protoreflect.BoolKind:   {Type: "boolean"},
	protoreflect.StringKind: {Type: "string"},
	protoreflect.BytesKind:  {Type: "string", Format: "byte"},
	protoreflect.Int32Kind:  {Type: "integer", Format: "int32"},
	protoreflect.Uint32Kind: {Type: "integer", Format: "int64"},
	protoreflect.Int64Kind:  {Type: "string", Format: "int64"},
	protoreflect.Uint64Kind: {Type: "string", Format: "uint64"},
	protoreflect.FloatKind:  {Type: "number", Format: "float"},
	protoreflect.DoubleKind: {Type: "number", Format: "double"},
}
