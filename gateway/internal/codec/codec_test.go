package codec_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"

	"github.com/inframind/inframind/gateway/internal/codec"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

func TestAnAnswerIsOneCompactTextThatReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := map[string]any{}
		for _, name := range rapid.SliceOf(rapid.String()).Draw(t, "names") {
			fields[strings.ToValidUTF8(name, "?")] = strings.ToValidUTF8(rapid.String().Draw(t, "value"), "?")
		}
		m, err := structpb.NewStruct(fields)
		if err != nil {
			t.Fatal(err)
		}
		text, err := codec.JSON{}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), `, "`) && !strings.Contains(strings.Join(values(fields), "\x00"), `, "`) {
			t.Fatalf("not compact: %s", text)
		}
		back := &structpb.Struct{}
		if err := protojson.Unmarshal(text, back); err != nil || !proto.Equal(m, back) || !json.Valid(text) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}

func values(fields map[string]any) []string {
	var list []string
	for name, value := range fields {
		list = append(list, name, value.(string))
	}
	return list
}

func TestABodyIsReadIntoARequestOrIntoAFieldOfIt(t *testing.T) {
	decode := func(text string, v any) error { return codec.JSON{}.NewDecoder(codec.NewBody([]byte(text))).Decode(v) }
	var request assessmentv1.SubmitAssessmentRequest
	if err := decode(`{"etag":"v1"}`, &request); err != nil || request.GetEtag() != "v1" {
		t.Errorf("%v, %v", &request, err)
	}
	var field *assessmentv1.Assessment
	if err := decode(`{"title":"x"}`, &field); err != nil || field.GetTitle() != "x" {
		t.Errorf("%v, %v", field, err)
	}
	if err := decode(``, &field); !errors.Is(err, io.EOF) {
		t.Errorf("no body: %v", err)
	}
	var number int
	if err := decode(`1`, &number); err == nil {
		t.Error("a number was decoded")
	}
}
