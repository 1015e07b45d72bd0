package mask_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/inframind/inframind/pkg/errs"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
	"github.com/inframind/inframind/services/assessment/internal/mask"
)

var rules = mask.Rules{
	Message: (*assessmentv1.Assessment)(nil).ProtoReflect().Descriptor(),
	Ignored: []protoreflect.Name{"id", "etag", "create_time"},
}

func stored() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Id: "stored", Title: "old", MonthlyBudgetUsd: 10,
		Profile:          &assessmentv1.Profile{Organisation: "Old & Co", Industry: "retail", Employees: 7},
		AllowedProviders: []string{"aws"},
		Workloads:        []*commonv1.Workload{{Name: "old"}},
	}
}

func requested() *assessmentv1.Assessment {
	return &assessmentv1.Assessment{
		Id: "other", Etag: "etag", Title: "new", CreateTime: timestamppb.Now(),
		Profile:    &assessmentv1.Profile{Organisation: "New & Co"},
		Objectives: &assessmentv1.Objectives{CostWeight: 1},
		Workloads:  []*commonv1.Workload{{Name: "new"}, {Name: "newer"}},
	}
}

func TestOnlyWhatIsNamedChanges(t *testing.T) {
	for name, c := range map[string]struct {
		paths  []string
		change func(*assessmentv1.Assessment)
	}{
		"nothing": {nil, func(*assessmentv1.Assessment) {}},
		"a scalar": {[]string{"title"}, func(a *assessmentv1.Assessment) {
			a.Title = "new"
		}},
		"a scalar that the request leaves out is cleared": {[]string{"monthly_budget_usd"}, func(a *assessmentv1.Assessment) {
			a.MonthlyBudgetUsd = 0
		}},
		"a list as a whole": {[]string{"workloads"}, func(a *assessmentv1.Assessment) {
			a.Workloads = []*commonv1.Workload{{Name: "new"}, {Name: "newer"}}
		}},
		"a list that the request leaves out is emptied": {[]string{"allowed_providers"}, func(a *assessmentv1.Assessment) {
			a.AllowedProviders = nil
		}},
		"a message as a whole": {[]string{"profile"}, func(a *assessmentv1.Assessment) {
			a.Profile = &assessmentv1.Profile{Organisation: "New & Co"}
		}},
		"a field of a message, beside the others": {[]string{"profile.organisation"}, func(a *assessmentv1.Assessment) {
			a.Profile.Organisation = "New & Co"
		}},
		"a field of a message that the request leaves out": {[]string{"profile.industry"}, func(a *assessmentv1.Assessment) {
			a.Profile.Industry = ""
		}},
		"a field of a message that was not there": {[]string{"objectives.cost_weight"}, func(a *assessmentv1.Assessment) {
			a.Objectives = &assessmentv1.Objectives{CostWeight: 1}
		}},
		"a message and a field of it, in any order": {[]string{"profile.industry", "profile", "profile.organisation"}, func(a *assessmentv1.Assessment) {
			a.Profile = &assessmentv1.Profile{Organisation: "New & Co"}
		}},
		"the same twice": {[]string{"title", "title"}, func(a *assessmentv1.Assessment) {
			a.Title = "new"
		}},
		"what is ignored is not copied": {[]string{"etag", "id", "create_time.seconds"}, func(*assessmentv1.Assessment) {}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := rules.Parse(&fieldmaskpb.FieldMask{Paths: c.paths})
			if err != nil {
				t.Fatal(err)
			}
			got, want := stored(), stored()
			c.change(want)
			m.Apply(got, requested())
			if !proto.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestAFieldBelowAMessageThatNeitherHasMakesNone(t *testing.T) {
	m, err := rules.Parse(&fieldmaskpb.FieldMask{Paths: []string{"profile.industry"}})
	if err != nil {
		t.Fatal(err)
	}
	got := &assessmentv1.Assessment{Title: "bare"}
	m.Apply(got, &assessmentv1.Assessment{})
	if got.Profile != nil {
		t.Errorf("got %v", got)
	}
	m.Apply(got, absent())
	if !proto.Equal(got, &assessmentv1.Assessment{Title: "bare"}) {
		t.Errorf("got %v", got)
	}
}

// absent is what a request without the message has.
func absent() *assessmentv1.Assessment { return nil }

func TestEveryPathThatCannotBeNamedIsRefused(t *testing.T) {
	bad := []string{
		"", ".", "title.", ".title", "Title", "monthlyBudgetUsd", "nothing", "*", "title.length",
		"workloads.name", "workloads[0]", "workloads.0.name", "profile.nothing", "profile..industry",
	}
	_, err := rules.Parse(&fieldmaskpb.FieldMask{Paths: append(bad, "title", "etag")})
	e, ok := errs.From(err)
	if !ok || e.Kind != errs.KindInvalid || len(e.Violations) != len(bad) {
		t.Fatalf("got %#v, want %d violations", err, len(bad))
	}
	for i, v := range e.Violations {
		if v.Field != "updateMask" || v.Rule != "field_mask.path" || !strings.HasPrefix(v.Message, `"`+bad[i]+`"`) {
			t.Errorf("%q is refused with %+v", bad[i], v)
		}
	}
}

// FuzzApply: a mask is refused, or it makes every field that it names equal to the
// request's and leaves every other as it was.
func FuzzApply(f *testing.F) {
	for _, seed := range []string{"title", "profile,profile.industry", "objectives.cost_weight", "workloads", "id", "a.b.c", ",", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		paths := strings.Split(joined, ",")
		m, err := rules.Parse(&fieldmaskpb.FieldMask{Paths: paths})
		if err != nil {
			if !errs.Is(err, errs.KindInvalid) {
				t.Fatalf("%q: %v", paths, err)
			}
			return
		}
		before, from, after := stored().ProtoReflect(), requested().ProtoReflect(), stored()
		m.Apply(after, requested())
		whole, partly := map[string]bool{}, map[string]bool{}
		for _, p := range paths {
			top, _, below := strings.Cut(p, ".")
			whole[top] = whole[top] || !below
			partly[top] = partly[top] || below
		}
		fields := rules.Message.Fields()
		for i := range fields.Len() {
			fd := fields.Get(i)
			name := string(fd.Name())
			want := before
			switch {
			case slices.Contains(rules.Ignored, fd.Name()):
			case whole[name]:
				want = from
			case partly[name]:
				continue
			}
			if got := after.ProtoReflect(); got.Has(fd) != want.Has(fd) || !got.Get(fd).Equal(want.Get(fd)) {
				t.Fatalf("%q: %s is %v, want %v", paths, name, got.Get(fd), want.Get(fd))
			}
		}
	})
}
