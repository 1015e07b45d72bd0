package strictjson_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/durationpb"
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/inframind/inframind/gateway/internal/strictjson"
)

// everything is a message with a field of every kind that a body may have.
const everything = `
name: "everything.proto" package: "test" syntax: "proto3"
dependency: "google/protobuf/timestamp.proto"
dependency: "google/protobuf/duration.proto"
dependency: "google/protobuf/field_mask.proto"
dependency: "google/protobuf/struct.proto"
dependency: "google/protobuf/wrappers.proto"
enum_type { name: "Colour" value { name: "NONE" number: 0 } value { name: "RED" number: 1 } }
message_type {
  name: "All"
  oneof_decl { name: "choice" }
  field { name: "flag" number: 1 type: TYPE_BOOL label: LABEL_OPTIONAL json_name: "flag" }
  field { name: "some_text" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "someText" }
  field { name: "raw" number: 3 type: TYPE_BYTES label: LABEL_OPTIONAL json_name: "raw" }
  field { name: "i32" number: 4 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "i32" }
  field { name: "i64" number: 5 type: TYPE_INT64 label: LABEL_OPTIONAL json_name: "i64" }
  field { name: "u32" number: 6 type: TYPE_UINT32 label: LABEL_OPTIONAL json_name: "u32" }
  field { name: "u64" number: 7 type: TYPE_UINT64 label: LABEL_OPTIONAL json_name: "u64" }
  field { name: "f32" number: 8 type: TYPE_FLOAT label: LABEL_OPTIONAL json_name: "f32" }
  field { name: "f64" number: 9 type: TYPE_DOUBLE label: LABEL_OPTIONAL json_name: "f64" }
  field { name: "colour" number: 10 type: TYPE_ENUM type_name: ".test.Colour" label: LABEL_OPTIONAL json_name: "colour" }
  field { name: "at" number: 11 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL json_name: "at" }
  field { name: "span" number: 12 type: TYPE_MESSAGE type_name: ".google.protobuf.Duration" label: LABEL_OPTIONAL json_name: "span" }
  field { name: "mask" number: 13 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" label: LABEL_OPTIONAL json_name: "mask" }
  field { name: "any_value" number: 14 type: TYPE_MESSAGE type_name: ".google.protobuf.Value" label: LABEL_OPTIONAL json_name: "anyValue" }
  field { name: "any_object" number: 15 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL json_name: "anyObject" }
  field { name: "any_list" number: 16 type: TYPE_MESSAGE type_name: ".google.protobuf.ListValue" label: LABEL_OPTIONAL json_name: "anyList" }
  field { name: "wrapped" number: 17 type: TYPE_MESSAGE type_name: ".google.protobuf.Int32Value" label: LABEL_OPTIONAL json_name: "wrapped" }
  field { name: "deeper" number: 18 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL json_name: "deeper" }
  field { name: "many" number: 19 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_REPEATED json_name: "many" }
  field { name: "numbers" number: 20 type: TYPE_INT32 label: LABEL_REPEATED json_name: "numbers" }
  field { name: "names" number: 21 type: TYPE_MESSAGE type_name: ".test.All.NamesEntry" label: LABEL_REPEATED json_name: "names" }
  field { name: "codes" number: 22 type: TYPE_MESSAGE type_name: ".test.All.CodesEntry" label: LABEL_REPEATED json_name: "codes" }
  field { name: "left" number: 23 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "left" oneof_index: 0 }
  field { name: "right" number: 24 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "right" oneof_index: 0 }
  nested_type {
    name: "NamesEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "key" }
    field { name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL json_name: "value" }
  }
  nested_type {
    name: "CodesEntry" options { map_entry: true }
    field { name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "key" }
    field { name: "value" number: 2 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL json_name: "value" }
  }
}`

func allKinds(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	fdp := &descriptorpb.FileDescriptorProto{}
	if err := prototext.Unmarshal([]byte(everything), fdp); err != nil {
		t.Fatal(err)
	}
	fd, err := protodesc.NewFile(fdp, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return fd.Messages().ByName("All")
}

func compile(t testing.TB, md protoreflect.MessageDescriptor, except ...protoreflect.Name) *strictjson.Schema {
	t.Helper()
	s, err := strictjson.Compile(md, except...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
