package assessment_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func TestACursorIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := assessment.CursorBehind(assessment.Assessment{
			ID:      rapid.StringN(1, 40, -1).Draw(t, "id"),
			Created: time.UnixMicro(rapid.Int64().Draw(t, "created")).UTC(),
		})
		if got, err := assessment.ParseCursor(want.String()); err != nil || got != want {
			t.Fatalf("%q is read as %+v, %v, want %+v", want, got, err, want)
		}
	})
}

// FuzzParseCursor: a text is refused, or it is a cursor that is written as one.
func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"1767225600000000 asm_1", "", " ", "1 ", " a", "x a", "99999999999999999999 a", "-1 a b", "+1 a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := assessment.ParseCursor(s)
		if err != nil {
			return
		}
		if again, err := assessment.ParseCursor(c.String()); err != nil || again != c || c.ID == "" {
			t.Fatalf("%q is %+v, and that %+v, %v", s, c, again, err)
		}
	})
}
