package strictjson_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/inframind/inframind/gateway/internal/strictjson"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

func TestATextThatProtojsonWritesIsAccepted(t *testing.T) {
	for _, text := range []string{
		`{}`,
		` { "flag" : true , "someText" : "é\u00e9\ud83d\ude00\n" } `,
		`{"raw":"aGk=","i32":-5,"i64":"-9223372036854775808","u32":5,"u64":"18446744073709551615"}`,
		`{"i32":2.0,"i64":3,"u32":2e3,"f32":1.5e-3,"f64":-0.25,"colour":"RED"}`,
		`{"at":"2026-01-31T08:00:00Z","span":"1.5s","mask":"someText,flag","wrapped":3}`,
		`{"anyValue":null,"anyObject":{"a":[1,{"b":null}]},"anyList":[true,"x",2.5]}`,
		`{"deeper":{"deeper":{"flag":false}},"many":[{},{"flag":true}],"numbers":[1,2,3]}`,
		`{"names":{"":"x","a.b":"y"},"codes":{"-7":{"flag":true}}}`,
		`{"left":"x","right":null}`,
		`{"flag":null,"deeper":null,"many":null,"names":null,"wrapped":null,"colour":null}`,
	} {
		if v := compile(t, allKinds(t)).Check([]byte(text)); v != nil {
			t.Errorf("%s: %v", text, v)
		}
	}
}

func TestEachFaultNamesItsPathAndRule(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct{ text, want string }{
		{`{"nope":1}`, "nope json.unknown_field"},
		{`{"some_text":"x"}`, "some_text json.unknown_field"},
		{`{"many":[{},{"deeper":{"nope":{"a":[1,2]}}}]}`, "many[1].deeper.nope json.unknown_field"},
		{`{"` + long + `":1}`, long[:64] + "… json.unknown_field"},
		{`{"flag":"true"}`, "flag json.type"},
		{`{"someText":5}`, "someText json.type"},
		{`{"someText":["a"]}`, "someText json.type"},
		{`{"numbers":{"a":1}}`, "numbers json.type"},
		{`{"numbers":[1,null]}`, "numbers[1] json.type"},
		{`{"deeper":[]}`, "deeper json.type"},
		{`{"i32":"5"}`, "i32 json.type"},
		{`{"i32":1.5}`, "i32 json.type"},
		{`{"i32":2147483648}`, "i32 json.range"},
		{`{"i64":9223372036854775808}`, "i64 json.range"},
		{`{"u32":-1}`, "u32 json.range"},
		{`{"u64":"007"}`, "u64 json.type"},
		{`{"f64":"1.5"}`, "f64 json.type"},
		{`{"f64":"NaN"}`, "f64 json.finite"},
		{`{"f64":NaN}`, "f64 json.finite"},
		{`{"many":[{"f32":-Infinity}]}`, "many[0].f32 json.finite"},
		{`{"f64":1e400}`, "f64 json.finite"},
		{`{"f32":1e40}`, "f32 json.finite"},
		{`{"colour":"BLUE"}`, "colour json.enum"},
		{`{"colour":1}`, "colour json.enum"},
		{`{"raw":"***"}`, "raw json.type"},
		{`{"at":"yesterday"}`, "at json.type"},
		{`{"at":17}`, "at json.type"},
		{`{"span":"90"}`, "span json.type"},
		{`{"names":{"a":"x","a":"y"}}`, `names["a"] json.duplicate`},
		{`{"codes":{"07":{}}}`, `codes["07"] json.type`},
		{`{"flag":true,"fl\u0061g":false}`, "flag json.duplicate"},
		{`{"anyObject":{"a":{"b":1,"b":2}}}`, `anyObject["a"]["b"] json.duplicate`},
		{`{"left":"x","right":1}`, "right json.oneof"},
		{`[]`, "body json.type"},
		{`null`, "body json.type"},
		{`"text"`, "body json.type"},
		{`{"flag":true} {"flag":true}`, "body json.trailing"},
		{`{}x`, "body json.trailing"},
		{"{}\x00", "body json.syntax"},
		{``, "body json.syntax"},
		{`{"flag":tru}`, "body json.syntax"},
		{`{"flag":true,}`, "body json.syntax"},
		{`{"numbers":[1,]}`, "body json.syntax"},
		{`{flag:true}`, "body json.syntax"},
		{`{"flag" true}`, "body json.syntax"},
		{`{"f64":01}`, "body json.syntax"},
		{`{"f64":1.}`, "body json.syntax"},
		{`{"f64":.5}`, "body json.syntax"},
		{`{"f64":1e}`, "body json.syntax"},
		{`{"f64":+1}`, "body json.syntax"},
		{`{"f64":0x10}`, "body json.syntax"},
		{"{\"someText\":\"a\nb\"}", "body json.syntax"},
		{"{\"someText\":\"\xff\"}", "body json.syntax"},
		{`{"someText":"\ud800"}`, "body json.syntax"},
		{`{"someText":"\x41"}`, "body json.syntax"},
		{`{"someText":"open`, "body json.syntax"},
		{"\ufeff{}", "body json.syntax"},
		{`/* no */{}`, "body json.syntax"},
	} {
		violations := compile(t, allKinds(t)).Check([]byte(c.text))
		if len(violations) != 1 {
			t.Errorf("%s: %v, want one: %s", c.text, violations, c.want)
			continue
		}
		if got := violations[0].Field + " " + violations[0].Rule; got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
		if violations[0].Message == "" {
			t.Errorf("%s: no message", c.text)
		}
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	text := `{"title":5,"nope":1,"workloads":[{"kind":"KIND_API"},{"vcpu":"2","kind":"FAST"}]}`
	var got []string
	for _, v := range compile(t, (&assessmentv1.Assessment{}).ProtoReflect().Descriptor()).Check([]byte(text)) {
		got = append(got, v.Field+" "+v.Rule)
	}
	want := "title json.type, nope json.unknown_field, workloads[1].vcpu json.type, workloads[1].kind json.enum"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestFaultsBeyondFiftyAreNotCollected(t *testing.T) {
	text := `{"numbers":[` + strings.Repeat(`"x",`, 1000) + `1]}`
	if v := compile(t, allKinds(t)).Check([]byte(text)); len(v) != 50 {
		t.Errorf("%d violations, want 50", len(v))
	}
}

func TestASyntaxFaultSaysWhereItIs(t *testing.T) {
	v := compile(t, allKinds(t)).Check([]byte("{\n  \"someText\": \"é\" \"flag\": true}"))
	if len(v) != 1 || !strings.Contains(v[0].Message, "line 2, column 19") {
		t.Errorf("%v does not say line 2, column 19", v)
	}
}

func TestNestingIsBounded(t *testing.T) {
	nest := func(n int) []byte {
		return []byte(strings.Repeat(`{"deeper":`, n-1) + `{}` + strings.Repeat(`}`, n-1))
	}
	s := compile(t, allKinds(t))
	if v := s.Check(nest(32)); v != nil {
		t.Errorf("32 deep: %v", v)
	}
	if v := s.Check(nest(33)); len(v) != 1 || v[0].Rule != strictjson.RuleDepth {
		t.Errorf("33 deep: %v", v)
	}
	if v := s.Check([]byte(`{"nope":` + strings.Repeat("[", 100_000))); len(v) != 2 || v[1].Rule != strictjson.RuleDepth {
		t.Errorf("100,000 deep in an unknown field: %v", v)
	}
}

func TestAFieldThatComesFromThePathIsNoneOfTheBody(t *testing.T) {
	md := (&assessmentv1.SubmitAssessmentRequest{}).ProtoReflect().Descriptor()
	if v := compile(t, md).Check([]byte(`{"id":"a"}`)); v != nil {
		t.Errorf("without the exception: %v", v)
	}
	if v := compile(t, md, "id").Check([]byte(`{"id":"a"}`)); len(v) != 1 || v[0].Rule != strictjson.RuleUnknown {
		t.Errorf("with it: %v", v)
	}
}

func TestAMessageThatMayHoldAnythingIsRefusedAtTheStart(t *testing.T) {
	if _, err := strictjson.Compile((&anypb.Any{}).ProtoReflect().Descriptor()); err == nil {
		t.Error("google.protobuf.Any was compiled")
	}
}

// FuzzWhatIsAcceptedProtojsonAccepts holds the promise of the package: protojson never
// refuses what Check let through, and Check takes nothing that is not JSON.
func FuzzWhatIsAcceptedProtojsonAccepts(f *testing.F) {
	md := allKinds(f)
	schema := compile(f, md)
	for _, seed := range []string{
		`{"flag":true,"someText":"\u0041\ud83d\ude00","raw":"aGk","i32":1e2,"i64":"5","u64":7,"f32":0.5,"f64":-1E+3}`,
		`{"colour":"RED","at":"2026-01-31T08:00:00.123456789Z","span":"-1.5s","mask":"a.b,c","wrapped":1}`,
		`{"anyValue":{"a":[null,true,1.5,"x"]},"anyObject":{},"anyList":[[]],"many":[{"many":[]}],"numbers":[0,-0]}`,
		`{"names":{"a":"b"},"codes":{"1":{},"-2":null},"left":"x","right":null}`,
		`{"nope":[{"a":1,"a":2}]}`, `{"f64":NaN}`, `{"i32":1.0e0}`, `{"i32":100e-2}`, `{"u32":-0}`, `{"f64":1e400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		violations := schema.Check(text)
		for _, v := range violations {
			if v.Field == "" || v.Rule == "" || v.Message == "" || len(v.Field) > 32*300 {
				t.Fatalf("half a violation: %+v", v)
			}
		}
		if violations != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("accepted, and not JSON: %q", text)
		}
		if err := protojson.Unmarshal(text, dynamicpb.NewMessage(md)); err != nil {
			t.Fatalf("accepted, and refused by protojson: %q: %v", text, err)
		}
	})
}

func BenchmarkAnAssessmentWithFiftyWorkloads(b *testing.B) {
	one := `{"name":"w%d","kind":"KIND_API","vcpu":2.5,"memoryGib":8,"replicas":3,"availabilityTarget":99.9,"extraClasses":["INSTANCE_CLASS_BURSTABLE"]}`
	workloads := make([]string, 50)
	for i := range workloads {
		workloads[i] = fmt.Sprintf(one, i)
	}
	text := []byte(`{"title":"x","workloads":[` + strings.Join(workloads, ",") + `]}`)
	schema := compile(b, (&assessmentv1.Assessment{}).ProtoReflect().Descriptor())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if v := schema.Check(text); v != nil {
			b.Fatal(v)
		}
	}
}
