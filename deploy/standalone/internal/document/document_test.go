package document_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
)

func TestYAMLAndJSONReadAlike(t *testing.T) {
	fromYAML, err := document.Read("a.yaml", strings.NewReader("title: T\nworkloads:\n- {name: w, kind: KIND_API, vcpu: 2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := document.Read("a.json", strings.NewReader(`{"title":"T","workloads":[{"name":"w","kind":"KIND_API","vcpu":2}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(fromYAML, fromJSON) {
		t.Fatalf("YAML gave %v, JSON gave %v", fromYAML, fromJSON)
	}
	if fromYAML.GetWorkloads()[0].GetVcpu() != 2 {
		t.Fatalf("read %v", fromYAML)
	}
}

func TestTheExampleHasFiveWorkloads(t *testing.T) {
	a, err := document.Read("example.yaml", strings.NewReader(string(example.YAML)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(a.GetWorkloads()); n != 5 {
		t.Fatalf("the example has %d workloads", n)
	}
}

func TestBadFilesAreRefusedWithTheirName(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"an unknown field":       {"titel: T\n", `unknown field "titel"`},
		"a field stated twice":   {"title: T\ntitle: U\n", "already"},
		"a text for a number":    {"workloads: [{vcpu: many}]\n", "vcpu"},
		"no document":            {"", "holds no assessment"},
		"text that is no YAML":   {"title: [", "a.yaml"},
		"a file over one MiB":    {strings.Repeat("#", document.MaxBytes+1), "larger than"},
		"a list for an object":   {"- title: T\n", "a.yaml"},
		"an enum value unknown":  {"complianceFrameworks: [FRAMEWORK_NONE]\n", "FRAMEWORK_NONE"},
		"a second JSON document": {`{"title":"T"} {"title":"U"}`, "more than one"},
		"a number that is none":  {"workloads: [{vcpu: .nan}]\n", "NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := document.Read("a.yaml", strings.NewReader(c.text))
			if err == nil {
				t.Fatal("it was read")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "a.yaml: ") {
				t.Fatalf("says %q, not %q", err, c.says)
			}
		})
	}
}

func FuzzReadNeverPanics(f *testing.F) {
	f.Add(example.YAML)
	f.Add([]byte(`{"workloads":[{"vcpu":"NaN"}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, _ = document.Read("fuzz", strings.NewReader(string(text)))
	})
}
