package page_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/page"
)

func TestATokenBringsItsCursorBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := page.Identity(rapid.String().Draw(t, "method"), rapid.String().Draw(t, "owner"))
		cursor := rapid.String().Draw(t, "cursor")
		if got, err := page.Decode(l, page.Encode(l, cursor)); err != nil || got != cursor {
			t.Fatalf("got %q, %v", got, err)
		}
	})
}

func TestATokenOfAnotherListIsRefused(t *testing.T) {
	mine := page.Identity("/m/List", "ann", "draft", "")
	token := page.Encode(mine, "cursor")
	for name, other := range map[string]page.List{
		"another method":      page.Identity("/m/ListAll", "ann", "draft", ""),
		"another owner":       page.Identity("/m/List", "bob", "draft", ""),
		"another filter":      page.Identity("/m/List", "ann", "submitted", ""),
		"no filter":           page.Identity("/m/List", "ann"),
		"the filters swapped": page.Identity("/m/List", "ann", "", "draft"),
		"the parts shifted":   page.Identity("/m/List", "anndraft", "", ""),
	} {
		if _, err := page.Decode(other, token); !refused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheFirstPageHasNoToken(t *testing.T) {
	l := page.Identity("/m/List", "ann")
	if got, err := page.Decode(l, ""); got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got := page.Encode(l, ""); got != "" {
		t.Errorf("no cursor gives the token %q", got)
	}
}

func TestSize(t *testing.T) {
	for requested, want := range map[int32]int{-1: 50, 0: 50, 1: 1, 50: 50, 200: 200, 201: 200, 1 << 30: 200} {
		if got := page.Size(requested); got != want {
			t.Errorf("Size(%d) = %d, want %d", requested, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	l := page.Identity("/m/List", "ann", "draft")
	f.Add(page.Encode(l, "cursor"))
	f.Add(page.Encode(l, "cursor") + "\n")
	f.Add("====")
	f.Add("AAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		cursor, err := page.Decode(l, token)
		if err != nil {
			if !refused(err) || cursor != "" {
				t.Errorf("got %q, %v", cursor, err)
			}
			return
		}
		// A cursor has one token, so that nothing can be hidden in a second spelling.
		if page.Encode(l, cursor) != token {
			t.Errorf("%q is a second token for %q", token, cursor)
		}
	})
}

func refused(err error) bool {
	e, ok := errs.From(err)
	return ok && e.Kind == errs.KindInvalid && len(e.Violations) == 1 &&
		e.Violations[0].Field == "pageToken" && e.Violations[0].Rule == "page_token.list"
}

func TestATokenWithSomethingAddedOrChangedIsRefused(t *testing.T) {
	l := page.Identity("/list", "ada")
	token := page.Encode(l, "2026-01-01/asm_1")
	for _, damaged := range []string{token + "A", token + "AAAA", token[:len(token)-4], token[:len(token)-4] + "AAAA"} {
		if cursor, err := page.Decode(l, damaged); err == nil {
			t.Errorf("%q is read as the place %q", damaged, cursor)
		}
	}
}
