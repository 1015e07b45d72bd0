package rpc_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/cache"
	"github.com/inframind/inframind/pkg/region"
	pkgrpc "github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
	"github.com/inframind/inframind/services/assessment/internal/rpc"
	"github.com/inframind/inframind/services/assessment/internal/store/sqlite"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

// byService are the fields that the service sets. Every other field of an
// assessment, also one that is added, must come back as it was sent.
var byService = []protoreflect.Name{
	"id", "etag", "revision", "submitted_revision", "status", "create_time", "update_time",
}

func serve(t *testing.T) *rpc.Server {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "assessment.db"), noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	clock := clockwork.NewRealClock()
	return rpc.NewServer(assessment.NewBook(s, clock, cache.NewMemory(10, clock)))
}

func as(ctx context.Context, subject string) context.Context {
	return pkgrpc.WithCaller(ctx, pkgrpc.Caller{Claims: token.Claims{Subject: subject}})
}

func TestEveryFieldComesBackAsItWasSent(t *testing.T) {
	s := serve(t)
	rapid.Check(t, func(rt *rapid.T) {
		passesThrough(t, rt, s, drawAssessment(rt, false))
	})
}

func TestAnAssessmentWithEveryFieldSetComesBackAsItWasSent(t *testing.T) {
	s := serve(t)
	rapid.Check(t, func(rt *rapid.T) {
		sent := drawAssessment(rt, true)
		wantFull(rt, sent.ProtoReflect())
		passesThrough(t, rt, s, sent)
	})
}

// passesThrough creates an assessment and compares it wherever it is read.
func passesThrough(t *testing.T, rt *rapid.T, s *rpc.Server, sent *assessmentv1.Assessment) {
	ctx := as(t.Context(), "usr_ann")
	created, err := s.CreateAssessment(ctx, &assessmentv1.CreateAssessmentRequest{Assessment: clone(sent)})
	must(rt, err)
	id := created.GetAssessment().GetId()
	got, err := s.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: id})
	must(rt, err)
	revision, err := s.GetAssessmentRevision(ctx, &assessmentv1.GetAssessmentRevisionRequest{Id: id, Revision: 1})
	must(rt, err)
	list, err := s.ListAssessments(ctx, &assessmentv1.ListAssessmentsRequest{PageSize: 1})
	must(rt, err)
	for name, a := range map[string]*assessmentv1.Assessment{
		"created":  created.GetAssessment(),
		"got":      got.GetAssessment(),
		"revision": revision.GetAssessment(),
		"listed":   list.GetAssessments()[0],
	} {
		if !proto.Equal(a, created.GetAssessment()) {
			rt.Fatalf("%s: %v, want %v", name, a, created.GetAssessment())
		}
	}
	wantStated(rt, created.GetAssessment(), sent)
}

func must(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatal(err)
	}
}

func clone(a *assessmentv1.Assessment) *assessmentv1.Assessment {
	return proto.Clone(a).(*assessmentv1.Assessment)
}

// stripped is a without what the service sets.
func stripped(a *assessmentv1.Assessment) *assessmentv1.Assessment {
	c := clone(a)
	for _, name := range byService {
		c.ProtoReflect().Clear(c.ProtoReflect().Descriptor().Fields().ByName(name))
	}
	return c
}

func wantStated(rt *rapid.T, got, sent *assessmentv1.Assessment) {
	if got, want := stripped(got), stripped(sent); !proto.Equal(got, want) {
		rt.Fatalf("got\n%v, want\n%v", got, want)
	}
	for _, name := range byService {
		set := got.ProtoReflect().Has(got.ProtoReflect().Descriptor().Fields().ByName(name))
		if set == (name == "submitted_revision") { // nothing has been submitted
			rt.Fatalf("%s is set: %v", name, set)
		}
	}
	if got.GetId() == sent.GetId() || got.GetEtag() == sent.GetEtag() {
		rt.Fatalf("the service took the client's id or etag: %v", got)
	}
}

// drawAssessment draws values for every field that the descriptor has; full ones
// have no field unset, however deep. Places are drawn so that they go together.
func drawAssessment(rt *rapid.T, full bool) *assessmentv1.Assessment {
	a := &assessmentv1.Assessment{}
	draw(rt, a.ProtoReflect(), full)
	a.DataResidency, a.AllowedProviders, a.AllowedRegions = nil, nil, nil
	places := rapid.SliceOfNDistinct(rapid.SampledFrom(region.All()), 1, 5, func(r region.Region) string { return r.Name }).Draw(rt, "places")
	for _, r := range places {
		a.AllowedRegions = append(a.AllowedRegions, r.Name)
		if !slices.Contains(a.AllowedProviders, r.Provider) {
			a.AllowedProviders = append(a.AllowedProviders, r.Provider)
		}
		if !slices.Contains(a.DataResidency, r.Geo) {
			a.DataResidency = append(a.DataResidency, r.Geo)
		}
	}
	if !full {
		some := rapid.Bool()
		for _, list := range []*[]string{&a.DataResidency, &a.AllowedProviders, &a.AllowedRegions} {
			if some.Draw(rt, "unstated") {
				*list = nil
			}
		}
	}
	for _, w := range a.GetWorkloads() {
		if w.Present != nil {
			r := rapid.SampledFrom(region.All()).Draw(rt, "present")
			w.Present.Provider, w.Present.Region = r.Provider, r.Name
		}
	}
	return a
}

func draw(rt *rapid.T, m protoreflect.Message, full bool) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		label := string(fd.FullName())
		switch {
		case fd.IsList():
			for range rapid.IntRange(least(full), 3).Draw(rt, label) {
				list := m.Mutable(fd).List()
				if fd.Message() != nil {
					draw(rt, list.AppendMutable().Message(), full)
				} else {
					list.Append(scalar(rt, fd, full))
				}
			}
		case fd.Message() == nil:
			m.Set(fd, scalar(rt, fd, full))
		case full || rapid.Bool().Draw(rt, label):
			draw(rt, m.Mutable(fd).Message(), full)
		}
	}
}

func least(full bool) int {
	if full {
		return 1
	}
	return 0
}

func scalar(rt *rapid.T, fd protoreflect.FieldDescriptor, full bool) protoreflect.Value {
	label := string(fd.FullName())
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(strings.ToValidUTF8(rapid.StringN(least(full), 20, -1).Draw(rt, label), "?"))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(rapid.Float64().Filter(func(f float64) bool { return !full || f != 0 }).Draw(rt, label))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Filter(func(n int32) bool { return !full || n != 0 }).Draw(rt, label))
	case protoreflect.Int64Kind: // of timestamps, which the service ignores
		return protoreflect.ValueOfInt64(rapid.Int64Range(1, 1<<32).Draw(rt, label))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(full || rapid.Bool().Draw(rt, label))
	case protoreflect.EnumKind:
		values := fd.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(rapid.IntRange(least(full), values.Len()-1).Draw(rt, label)).Number())
	default:
		rt.Fatalf("%s: no values of the kind %s are drawn yet", fd.FullName(), fd.Kind())
		return protoreflect.Value{}
	}
}

// wantFull makes sure that the draw left no field out.
func wantFull(rt *rapid.T, m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		if !m.Has(fd) {
			rt.Fatalf("%s is not set", fd.FullName())
		}
		switch {
		case fd.IsList() && fd.Message() != nil:
			for j := range m.Get(fd).List().Len() {
				wantFull(rt, m.Get(fd).List().Get(j).Message())
			}
		case fd.Message() != nil:
			wantFull(rt, m.Get(fd).Message())
		}
	}
}
