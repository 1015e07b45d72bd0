package password_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/auth/internal/password"
)

func TestAQueueWorksForABoundedNumberAndRefusesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, places = 2, 2 * 33
		q := password.NewQueue(workers)
		release := make(chan struct{})
		var working, done, refused atomic.Int32
		for range places + 5 {
			go func() {
				err := q.Do(t.Context(), func() {
					if n := working.Add(1); n > workers {
						t.Errorf("%d work at a time, want at most %d", n, workers)
					}
					<-release
					working.Add(-1)
				})
				switch {
				case err == nil:
					done.Add(1)
				case errs.Is(err, errs.KindUnavailable):
					refused.Add(1)
					checkFull(t, err)
				default:
					t.Errorf("Do: %v", err)
				}
			}()
		}
		synctest.Wait()
		if got := working.Load(); got != workers {
			t.Errorf("%d work at a time, want %d", got, workers)
		}
		if got := refused.Load(); got != 5 {
			t.Errorf("%d were refused, want the 5 that found no place", got)
		}
		close(release)
		synctest.Wait()
		if got := done.Load(); got != places {
			t.Errorf("%d were done, want the %d that found a place", got, places)
		}
		if err := q.Do(t.Context(), func() {}); err != nil {
			t.Errorf("after the rush: %v", err)
		}
	})
}

func checkFull(t *testing.T, err error) {
	var e *errs.Error
	if !errors.As(err, &e) || e.Reason != "HASHING_QUEUE_FULL" || e.RetryAfter < time.Second {
		t.Errorf("refused with %#v, want HASHING_QUEUE_FULL and a retry delay", err)
	}
}

func TestACallerThatGivesUpWaitingLeavesTheQueueWithoutWorking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := password.NewQueue(1)
		release := make(chan struct{})
		go func() { _ = q.Do(t.Context(), func() { <-release }) }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var worked bool
		err := q.Do(ctx, func() { worked = true })
		if !errors.Is(err, context.DeadlineExceeded) || worked {
			t.Errorf("Do = %v, worked %t; want the deadline and no work", err, worked)
		}
		close(release)
		synctest.Wait()
		if err := q.Do(ctx, func() { worked = true }); !errors.Is(err, context.DeadlineExceeded) || worked {
			t.Errorf("Do with an ended context = %v, worked %t", err, worked)
		}
		if err := q.Do(t.Context(), func() { worked = true }); err != nil || !worked {
			t.Errorf("the place was not given back: %v", err)
		}
	})
}
