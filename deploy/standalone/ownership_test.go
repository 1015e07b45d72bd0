package standalone_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// never are IDs of the right form that nothing ever had.
var never = belongings{assessment: "asm_00000000000000000000000000", set: "rec_00000000000000000000000000"}

func TestWhatIsSomebodysIsTheirsAlone(t *testing.T) {
	p := newPlatform(t)
	owner, stranger := p.newSession(t), p.newSession(t)
	t.Run("what is somebody else's looks like what never was", func(t *testing.T) { ownedFields(t, owner, stranger) })
	t.Run("so does every revision", func(t *testing.T) { revisions(t, owner, stranger) })
	stranger.hasNothing(t)
	t.Run("a list holds nobody else's", func(t *testing.T) { lists(t, owner, stranger) })
	t.Run("every method for people wants a token", func(t *testing.T) { tokens(t, owner) })
}

func ownedFields(t *testing.T, owner, stranger session) {
	owned := slices.DeleteFunc(personal(t), func(m method) bool { return m.OwnedField == nil })
	if len(owned) == 0 {
		t.Fatal("no method has an owned field")
	}
	for _, m := range owned {
		t.Run(strings.Trim(strings.ReplaceAll(m.FullName, "/", " "), " "), func(t *testing.T) {
			his := owner.newBelongings(t)
			before := state(t, owner, his)

			theirs, none := m.ask(t, stranger, his), m.ask(t, stranger, never)
			if got := theirs.failure(t); got.Status != http.StatusNotFound || got.Reason == "ROUTE_NOT_FOUND" ||
				!maps.Equal(shape(t, theirs, his.assessment, his.set), shape(t, none, never.assessment, never.set)) {
				t.Errorf("somebody else's: %s\nnever there:    %s", theirs.body, none.body)
			}
			if after := state(t, owner, his); after != before {
				t.Errorf("the stranger's call changed %s into %s", before, after)
			}

			anonymous, err := owner.platform.try(t.Context(), m.on(his))
			if err != nil {
				t.Fatal(err)
			}
			anonymous.problem(t, http.StatusUnauthorized, "MISSING_TOKEN")

			// The request is valid: its owner gets what it asks for.
			if a := m.ask(t, owner, his); a.StatusCode >= http.StatusBadRequest {
				t.Errorf("the owner's: %d %s", a.StatusCode, a.body)
			}
		})
	}
}

func revisions(t *testing.T, owner, stranger session) {
	his := owner.newBelongings(t)
	for _, revision := range []string{"1", "2"} {
		path := "/revisions/" + revision
		owner.send(t, http.MethodGet, assessments+"/"+his.assessment+path, "").want(t, http.StatusOK)
		theirs := stranger.send(t, http.MethodGet, assessments+"/"+his.assessment+path, "").want(t, http.StatusNotFound)
		none := stranger.send(t, http.MethodGet, assessments+"/"+never.assessment+path, "")
		if !maps.Equal(shape(t, theirs, his.assessment), shape(t, none, never.assessment)) {
			t.Errorf("somebody else's: %s\nnever there:    %s", theirs.body, none.body)
		}
	}
}

// state is all of what a person has, as they see it.
func state(t *testing.T, s session, b belongings) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{
		assessments + "/" + b.assessment,
		assessments + "/" + b.assessment + "/recommendations",
		"/api/v1/recommendations/" + b.set,
	} {
		all.WriteString(s.send(t, http.MethodGet, path, "").want(t, http.StatusOK).body)
	}
	return all.String()
}

// shape is all that an answer tells, without what differs between any two requests
// and without the IDs that were asked for.
func shape(t *testing.T, a answer, ids ...string) map[string]string {
	t.Helper()
	told := map[string]string{"status": a.Status}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &members); err != nil && a.body != "" {
		t.Fatal(err)
	}
	for name, value := range members {
		if name == "requestId" || name == "traceId" {
			value = nil
		}
		told[name] = string(value)
		for _, id := range ids {
			told[name] = strings.ReplaceAll(told[name], id, "ID")
		}
	}
	for name, values := range a.Header {
		switch name {
		case "Date", "X-Request-Id", "Traceparent":
			values = nil
		}
		told["header "+name] = strings.Join(values, "\n")
	}
	return told
}

func lists(t *testing.T, owner, stranger session) {
	theirs := stranger.create(t, draft).GetId()
	if pages := stranger.list(t); len(pages) != 1 || len(pages[0]) != 1 || pages[0][0].GetId() != theirs {
		t.Errorf("the stranger's list, of one: %v", pages)
	}
	for _, page := range owner.list(t) {
		for _, a := range page {
			if a.GetId() == theirs {
				t.Errorf("the owner's list has the stranger's %s", theirs)
			}
		}
	}
}

func tokens(t *testing.T, owner session) {
	his := owner.newBelongings(t)
	before := state(t, owner, his)
	for _, m := range personal(t) {
		a, err := owner.platform.try(t.Context(), m.on(his))
		if err != nil {
			t.Fatal(err)
		}
		a.problem(t, http.StatusUnauthorized, "MISSING_TOKEN")
		if got := a.Header.Get("WWW-Authenticate"); got != `Bearer realm="inframind"` {
			t.Errorf("%s: WWW-Authenticate %q", m.FullName, got)
		}
	}
	if after := state(t, owner, his); after != before {
		t.Errorf("a call without a token changed %s into %s", before, after)
	}
}
