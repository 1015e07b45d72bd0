package password

import (
	"context"
	"time"

	"github.com/inframind/inframind/pkg/errs"
)

// waitingPerWorker bounds the queue behind each worker. At 231 ms a hash (cost 12,
// one core) the last in line waits about seven seconds, which is inside a call's
// deadline of ten; whoever came after it would only wait in vain.
const waitingPerWorker = 32

// retryFull is when it is worth trying again after a refusal: by then each worker
// has freed a few places.
const retryFull = time.Second

// Queue lets a bounded number of callers work at a time, and a bounded number wait
// for their turn in the order in which they came. Hashing takes all of a core, so
// without a bound a burst of sign-ins would make every one of them, and every other
// call of the process, time out.
type Queue struct {
	places  chan struct{} // held while waiting and while working
	workers chan struct{} // held while working
}

// NewQueue returns a queue for that many callers at a time, at least one.
func NewQueue(workers int) *Queue {
	workers = max(workers, 1)
	return &Queue{
		places:  make(chan struct{}, workers*(1+waitingPerWorker)),
		workers: make(chan struct{}, workers),
	}
}

// Do runs work in the caller's goroutine when its turn comes. It is
// errs.KindUnavailable when too many wait already, and the context's error when
// that ends first; work is not run then.
func (q *Queue) Do(ctx context.Context, work func()) error {
	select {
	case q.places <- struct{}{}:
		defer func() { <-q.places }()
	default:
		return errs.Unavailable("HASHING_QUEUE_FULL", "too many passwords are being checked; try again in a moment", retryFull)
	}
	select {
	case q.workers <- struct{}{}:
		defer func() { <-q.workers }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// With both ready, select picks either: nobody waits for the answer any more.
	if err := ctx.Err(); err != nil {
		return err
	}
	work()
	return nil
}
