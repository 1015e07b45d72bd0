// Package strictjson checks a JSON text against the shape of a protobuf message
// before protojson decodes it.
//
// protojson is lenient where an edge must not be (numbers in quotes, NaN, enum
// numbers, two spellings of a name) and stops at the first fault with a text that
// is for developers. This package reads the text once, collects every fault with
// the path and the rule that it breaks, and accepts a subset of what protojson
// accepts. Shapes are compiled once, so that a check needs no reflection.
package strictjson

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// maxFields is how many fields a message may have: the seen ones are kept as bits.
const maxFields = 256

// Schema is the compiled shape of one message.
type Schema struct{ root *shape }

type kind int

const (
	kindBool kind = iota
	kindString
	kindBytes
	kindInt32
	kindInt64
	kindUint32
	kindUint64
	kindFloat
	kindDouble
	kindEnum
	kindText    // a well-known type that is written as a string, such as a timestamp
	kindMessage // an object with known fields
	kindMap
	kindList
	kindAny       // google.protobuf.Value
	kindAnyObject // google.protobuf.Struct
	kindAnyList   // google.protobuf.ListValue
)

// shape is what a value may look like.
type shape struct {
	kind  kind
	want  string // "a string", for the violation's text
	elem  *shape // of a list and of a map's values
	key   protoreflect.Kind
	enum  map[string]struct{}
	parse func(raw []byte) error // of kindText

	fields map[string]*field // of a message, by JSON name
	names  map[string]string // proto name → JSON name, where they differ
}

type field struct {
	*shape
	index int // the bit that says it was seen
	oneof int // the bit of its oneof; -1: none
}

// Compile compiles the shape of a message. The excepted fields, by proto name, are
// unknown to it: they come from elsewhere, such as the path.
func Compile(md protoreflect.MessageDescriptor, except ...protoreflect.Name) (*Schema, error) {
	c := compiler{shapes: map[protoreflect.FullName]*shape{}}
	if _, known := wellKnown[md.FullName()]; known {
		return nil, fmt.Errorf("%s cannot be a body", md.FullName())
	}
	root := &shape{kind: kindMessage, want: "an object"}
	if err := c.fill(root, md, except); err != nil {
		return nil, err
	}
	return &Schema{root: root}, nil
}

type compiler struct {
	shapes map[protoreflect.FullName]*shape // also breaks the recursion of recursive messages
}

func (c *compiler) fill(s *shape, md protoreflect.MessageDescriptor, except []protoreflect.Name) error {
	fields := md.Fields()
	if fields.Len() > maxFields {
		return fmt.Errorf("%s has more than %d fields", md.FullName(), maxFields)
	}
	s.fields = make(map[string]*field, fields.Len())
	s.names = map[string]string{}
next:
	for i := range fields.Len() {
		fd := fields.Get(i)
		for _, name := range except {
			if fd.Name() == name {
				continue next
			}
		}
		sh, err := c.field(fd)
		if err != nil {
			return err
		}
		f := &field{shape: sh, index: i, oneof: -1}
		if od := fd.ContainingOneof(); od != nil && !od.IsSynthetic() {
			f.oneof = od.Index()
		}
		s.fields[fd.JSONName()] = f
		if string(fd.Name()) != fd.JSONName() {
			s.names[string(fd.Name())] = fd.JSONName()
		}
	}
	return nil
}

func (c *compiler) field(fd protoreflect.FieldDescriptor) (*shape, error) {
	switch {
	case fd.IsMap():
		elem, err := c.value(fd.MapValue())
		return &shape{kind: kindMap, want: "an object", elem: elem, key: fd.MapKey().Kind()}, err
	case fd.IsList():
		elem, err := c.value(fd)
		return &shape{kind: kindList, want: "an array", elem: elem}, err
	default:
		return c.value(fd)
	}
}

func (c *compiler) value(fd protoreflect.FieldDescriptor) (*shape, error) {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return c.message(fd.Message())
	case protoreflect.EnumKind:
		return enum(fd.Enum()), nil
	default:
		s, ok := scalars[fd.Kind()]
		if !ok {
			return nil, fmt.Errorf("%s: fields of kind %s cannot come from JSON", fd.FullName(), fd.Kind())
		}
		return &s, nil
	}
}

func (c *compiler) message(md protoreflect.MessageDescriptor) (*shape, error) {
	if s, ok := c.shapes[md.FullName()]; ok {
		return s, nil
	}
	known, ok := wellKnown[md.FullName()]
	switch {
	case ok && known == nil:
		return nil, fmt.Errorf("%s cannot come from JSON", md.FullName())
	case ok:
		c.shapes[md.FullName()] = known
		return known, nil
	case md.FullName().Parent() == "google.protobuf" && strings.HasSuffix(string(md.Name()), "Value"):
		// The wrappers are written as the value they wrap.
		s, err := c.value(md.Fields().ByName("value"))
		c.shapes[md.FullName()] = s
		return s, err
	}
	s := &shape{kind: kindMessage, want: "an object"}
	c.shapes[md.FullName()] = s
	return s, c.fill(s, md, nil)
}

// maxNames bounds the list of an enum's names in a violation's text.
const maxNames = 20

func enum(ed protoreflect.EnumDescriptor) *shape {
	s := &shape{kind: kindEnum, enum: map[string]struct{}{}}
	var names []string
	for i := range ed.Values().Len() {
		name := string(ed.Values().Get(i).Name())
		s.enum[name] = struct{}{}
		names = append(names, name)
	}
	if len(names) > maxNames {
		names = append(names[:maxNames], "…")
	}
	s.want = "one of " + strings.Join(names, ", ")
	return s
}

var scalars = map[protoreflect.Kind]shape{
	protoreflect.BoolKind:     {kind: kindBool, want: "true or false"},
	protoreflect.StringKind:   {kind: kindString, want: "a string"},
	protoreflect.BytesKind:    {kind: kindBytes, want: "a string in base64"},
	protoreflect.Int32Kind:    {kind: kindInt32, want: "a whole number"},
	protoreflect.Sint32Kind:   {kind: kindInt32, want: "a whole number"},
	protoreflect.Sfixed32Kind: {kind: kindInt32, want: "a whole number"},
	protoreflect.Int64Kind:    {kind: kindInt64, want: "a whole number"},
	protoreflect.Sint64Kind:   {kind: kindInt64, want: "a whole number"},
	protoreflect.Sfixed64Kind: {kind: kindInt64, want: "a whole number"},
	protoreflect.Uint32Kind:   {kind: kindUint32, want: "a whole number from 0"},
	protoreflect.Fixed32Kind:  {kind: kindUint32, want: "a whole number from 0"},
	protoreflect.Uint64Kind:   {kind: kindUint64, want: "a whole number from 0"},
	protoreflect.Fixed64Kind:  {kind: kindUint64, want: "a whole number from 0"},
	protoreflect.FloatKind:    {kind: kindFloat, want: "a number"},
	protoreflect.DoubleKind:   {kind: kindDouble, want: "a number"},
}

// wellKnown are the messages with a JSON form of their own, beside the wrappers. Any
// has none here: what it may hold is not bounded by the contract.
var wellKnown = map[protoreflect.FullName]*shape{
	"google.protobuf.Any":       nil,
	"google.protobuf.Value":     {kind: kindAny, want: "any value"},
	"google.protobuf.Struct":    {kind: kindAnyObject, want: "an object"},
	"google.protobuf.ListValue": {kind: kindAnyList, want: "an array"},
	"google.protobuf.Timestamp": {
		kind: kindText, want: "a time such as 2026-01-31T08:00:00Z",
		parse: text(func() proto.Message { return &timestamppb.Timestamp{} }),
	},
	"google.protobuf.Duration": {
		kind: kindText, want: "a duration such as 90s",
		parse: text(func() proto.Message { return &durationpb.Duration{} }),
	},
	"google.protobuf.FieldMask": {
		kind: kindText, want: "field names with commas between",
		parse: text(func() proto.Message { return &fieldmaskpb.FieldMask{} }),
	},
}

// text leaves the judgement of a rare text to protojson itself.
func text(empty func() proto.Message) func([]byte) error {
	return func(raw []byte) error { return protojson.Unmarshal(raw, empty()) }
}
