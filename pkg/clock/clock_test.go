package clock_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/clock"
)

func TestNowSurvivesAStoreOfMicroseconds(t *testing.T) {
	zone := time.FixedZone("UTC+5:45", 5*3600+45*60)
	for _, c := range []clockwork.Clock{
		clockwork.NewRealClock(),
		clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, zone)),
		clockwork.NewFakeClockAt(time.Date(1960, 1, 1, 0, 0, 0, 999_999_999, zone)),
	} {
		now := clock.Now(c)
		if back := time.UnixMicro(now.UnixMicro()).UTC(); back != now {
			t.Errorf("%v comes back as %v", now, back)
		}
	}
}

func TestNowNeverRunsAhead(t *testing.T) {
	c := clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 12, 0, 0, 1999, time.UTC))
	if got, want := clock.Now(c), time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
