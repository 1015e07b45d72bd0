package storetest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// model is what a store holds for one owner, in the plainest form.
type model struct {
	revisions map[string][]assessment.Assessment // the last is the latest
	digests   map[string]string
	deleted   map[string]bool
}

// likeTheModel makes random calls on few IDs and compares every answer. Each
// check has an owner of its own, as the store stays the same.
func likeTheModel(t *testing.T, s assessment.Store) {
	owners := 0
	rapid.Check(t, func(rt *rapid.T) {
		owners++
		owner := fmt.Sprint("owner ", owners)
		m := model{map[string][]assessment.Assessment{}, map[string]string{}, map[string]bool{}}
		now := epoch
		rt.Repeat(map[string]func(*rapid.T){
			"insert": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 1).Draw(rt, "ticks")) * time.Microsecond)
				m.insert(t, rt, s, owner, first(drawID(rt), now))
			},
			"replace": func(rt *rapid.T) { m.replace(t, rt, s, owner) },
			"delete":  func(rt *rapid.T) { m.delete(t, rt, s, owner) },
			"":        func(rt *rapid.T) { m.compare(t, rt, s, owner) },
		})
	})
}

func drawID(rt *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "id")
}

func (m model) insert(t *testing.T, rt *rapid.T, s assessment.Store, owner string, a assessment.Assessment) {
	digest := rapid.SampledFrom([]string{"", "one", "two"}).Draw(rt, "digest")
	taken, err := s.Insert(t.Context(), owner, a, digest)
	if err != nil {
		rt.Fatalf("insert: %v", err)
	}
	var want *assessment.Taken
	switch has := m.revisions[a.ID]; {
	case m.deleted[a.ID]:
		want = &assessment.Taken{Deleted: true}
	case has != nil:
		want = &assessment.Taken{Assessment: has[len(has)-1], Digest: m.digests[a.ID]}
	default:
		m.revisions[a.ID] = []assessment.Assessment{a}
		m.digests[a.ID] = digest
	}
	if !reflect.DeepEqual(taken, want) {
		rt.Fatalf("insert: got %+v, want %+v", taken, want)
	}
}

func (m model) replace(t *testing.T, rt *rapid.T, s assessment.Store, owner string) {
	id := drawID(rt)
	has := m.revisions[id]
	a := first(id, epoch)
	if has != nil {
		a = has[len(has)-1]
	}
	submit := rapid.Bool().Draw(rt, "submit")
	if submit {
		a = submitted(a)
	} else {
		a = revised(a, fmt.Sprint("version ", a.Version))
	}
	a.Version += int64(rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(rt, "off"))
	err := s.Replace(t.Context(), owner, a)
	switch {
	case has == nil:
		m.want(rt, err, errs.KindNotFound)
	case a.Version != has[len(has)-1].Version+1:
		m.want(rt, err, errs.KindStale)
	case err != nil:
		rt.Fatalf("replace: %v", err)
	case submit:
		has[len(has)-1] = a
	default:
		m.revisions[id] = append(has, a)
	}
}

func (m model) delete(t *testing.T, rt *rapid.T, s assessment.Store, owner string) {
	id := drawID(rt)
	version := rapid.Int64Range(assessment.AnyVersion, 4).Draw(rt, "version")
	err := s.Delete(t.Context(), owner, id, version)
	has := m.revisions[id]
	switch {
	case has == nil:
		m.want(rt, err, errs.KindNotFound)
	case version != assessment.AnyVersion && version != has[len(has)-1].Version:
		m.want(rt, err, errs.KindStale)
	case err != nil:
		rt.Fatalf("delete: %v", err)
	default:
		m.deleted[id] = m.digests[id] != ""
		delete(m.revisions, id)
	}
}

func (model) want(rt *rapid.T, err error, k errs.Kind) {
	if !errs.Is(err, k) {
		rt.Fatalf("got %v, want the kind %q", err, k)
	}
}

// compare reads everything.
func (m model) compare(t *testing.T, rt *rapid.T, s assessment.Store, owner string) {
	for id, revisions := range m.revisions {
		for _, want := range revisions {
			if got, err := s.Revision(t.Context(), owner, id, want.Revision); err != nil || !reflect.DeepEqual(got, want) {
				rt.Fatalf("revision %d of %s: got %+v, %v, want %+v", want.Revision, id, got, err, want)
			}
		}
		want := revisions[len(revisions)-1]
		if got, err := s.Assessment(t.Context(), owner, id); err != nil || !reflect.DeepEqual(got, want) {
			rt.Fatalf("%s: got %+v, %v, want %+v", id, got, err, want)
		}
	}
	if got, want := summaryOf(t, s, owner), listed(t, s, owner); got != want {
		rt.Fatalf("the summary is %+v, the lists hold %+v", got, want)
	}
	for _, status := range []assessment.Status{"", assessment.StatusDraft, assessment.StatusSubmitted} {
		want := slices.SortedFunc(maps.Keys(m.revisions), func(a, b string) int {
			if c := m.revisions[b][0].Created.Compare(m.revisions[a][0].Created); c != 0 {
				return c
			}
			return strings.Compare(b, a)
		})
		want = slices.DeleteFunc(want, func(id string) bool {
			latest := m.revisions[id][len(m.revisions[id])-1]
			return status != "" && latest.Status() != status
		})
		if got := walk(t, s, owner, assessment.Query{Status: status, Limit: 2, Bytes: plenty}); !slices.Equal(got, want) {
			rt.Fatalf("list of status %q: got %v, want %v", status, got, want)
		}
	}
}
