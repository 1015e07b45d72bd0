package answer_test

import (
	"testing"
	"time"

	"github.com/inframind/inframind/services/recommendation/internal/answer"
)

func TestACursorIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []answer.Cursor{
		{},
		answer.After(answer.Set{ID: "rec_1", CreateTime: time.Date(2026, 11, 24, 12, 0, 0, 123456000, time.UTC)}),
		{CreateTime: time.UnixMicro(-1).UTC(), ID: "an id/with a slash"},
	} {
		if got, err := answer.ParseCursor(want.String()); err != nil || got != want {
			t.Errorf("%q is read as %+v, %v", want, got, err)
		}
	}
}

func TestWhatIsNoCursorIsRefused(t *testing.T) {
	for _, text := range []string{"/", "1", "1/", "/rec_1", "x/rec_1", "1.5/rec_1", "99999999999999999999/rec_1", " 1/rec_1"} {
		if got, err := answer.ParseCursor(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, text := range []string{"", "1732449600000000/rec_1", "-1/x", "/", "1/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := answer.ParseCursor(text)
		if err != nil {
			return
		}
		again, err := answer.ParseCursor(c.String())
		if err != nil || again != c {
			t.Errorf("%q is read as %+v and then as %+v, %v", text, c, again, err)
		}
	})
}
