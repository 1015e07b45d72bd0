package revocation

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/redis"
)

const (
	// redisPrefix begins every key. One look-up asks for things that have nothing in
	// common, so a cluster must have all of them in one slot: hence one tag.
	redisPrefix = redis.Prefix + "{revocation}:"

	restoredKey  = redisPrefix + "restored"
	restoringKey = redisPrefix + "restoring:" // and the restore's id

	// restoreWithin is how long a restore may take; what it leaves behind when it is
	// broken off goes after it.
	restoreWithin = 10 * time.Minute

	// batch is how many entries are put at once: the server does nothing else
	// meanwhile, for a few milliseconds.
	batch = 500

	// keepLonger is how long the server keeps an entry that has expired. Whether it
	// has is decided by the clock that also decides whether a token has, and that
	// clock may be behind the one of the process that revoked.
	keepLonger = time.Minute
)

// Redis is the Store of several processes together. A look-up and a revocation are
// one round trip each.
//
// Redis can lose what it was told: all of it when it is flushed or loses its disk,
// the last seconds or hours when it restarts from a snapshot or when a replica takes
// over. The store answers only while it can be sure that nothing is missing. The
// proof is a marker that names the run of the server in which a Restore was
// completed; every look-up compares it, inside the server, with the server's present
// run. A run ends with the process, and a replica that takes over is in a run of its
// own. So after a restart and after a failover the marker is of another run, and
// after a flush there is none: until the next Restore every look-up is
// errs.KindUnavailable. What remains is eviction, which redis.Open rules out, and a
// master that was replaced and does not know it yet: whoever can reach only that one
// hears what it knew then, until the sentinels reach it.
//
// Restore is sound while others revoke:
//
//  1. It leaves a note in the server, under an id of its own, that names the run.
//  2. It loads what is durable.
//  3. It puts the entries.
//  4. If the note is still there and of the present run, it sets the marker.
//
// An entry that was durable when 2 began is among those put. Any other was told to
// the server after 1, because it is told only when it is durable. Whatever was told
// between 1 and 4 is there at 4: the note would not be, or not of this run, if
// anything had been lost.
type Redis struct {
	client *redis.Client
	clock  clockwork.Clock

	behind atomic.Bool // a Revoke has failed here since the last Restore began
	lost   chan struct{}
}

// NewRedis returns a store that answers while a Restore, here or in another process,
// holds.
func NewRedis(client *redis.Client, clock clockwork.Clock) *Redis {
	return &Redis{client: client, clock: clock, lost: make(chan struct{}, 1)}
}

// Revoke implements Store.
func (r *Redis) Revoke(ctx context.Context, entries ...Entry) error {
	if err := validate(entries); err != nil {
		return err
	}
	err := r.put(ctx, entries)
	if err != nil {
		// The entries may be durable by now: Keep will put them.
		r.behind.Store(true)
		r.noteLoss()
	}
	return err
}

// Restore implements Store. It is errs.KindUnavailable, and may be repeated, when the
// server lost something meanwhile.
func (r *Redis) Restore(ctx context.Context, load Load) (err error) {
	note := restoringKey + rand.Text()
	if err := r.fault(ctx, begin.Run(ctx, r.client, []string{note}, restoreWithin.Milliseconds()).Err()); err != nil {
		return err
	}
	// A Revoke that fails from here on may be of an entry that load does not see.
	behind := r.behind.Swap(false)
	defer func() {
		if behind && err != nil {
			r.behind.Store(true)
		}
	}()
	entries, err := load.entries(ctx)
	if err != nil {
		return err
	}
	if err := r.put(ctx, entries); err != nil {
		return err
	}
	done, err := finish.Run(ctx, r.client, []string{restoredKey, note}).Int()
	if err == nil && done == 0 {
		err = errLost
	}
	return r.fault(ctx, err)
}

var errLost = errors.New("the server lost what it held while it was being restored")

func (r *Redis) put(ctx context.Context, entries []Entry) error {
	now := r.clock.Now()
	live := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		return !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(now)
	})
	for part := range slices.Chunk(live, batch) {
		keys, args := make([]string, len(part)), make([]any, 2, 2+2*len(part))
		args[0], args[1] = now.UnixMicro(), keepLonger.Milliseconds()
		for i, e := range part {
			keys[i] = redisKey(e.Kind, e.ID)
			args = append(args, micros(e.Before), micros(e.ExpiresAt))
		}
		if err := put.Run(ctx, r.client, keys, args...).Err(); err != nil {
			return r.fault(ctx, err)
		}
	}
	return nil
}

// Revoked implements Store.
func (r *Redis) Revoked(ctx context.Context, q Query) (bool, error) {
	keys, args := make([]string, 1, 5), make([]any, 2, 6)
	keys[0] = restoredKey
	args[0], args[1] = r.clock.Now().UnixMicro(), q.IssuedAt.UnixMicro()
	ask := func(kind Kind, id string, issuedBefore int) {
		if id != "" {
			keys, args = append(keys, redisKey(kind, id)), append(args, issuedBefore)
		}
	}
	ask(Token, q.TokenHash, 0)
	ask(Session, q.SessionID, 0)
	ask(Subject, q.Subject, 1)
	ask(Key, q.KeyID, 0)
	answer, err := lookUp.Run(ctx, r.client, keys, args...).Int()
	if err != nil {
		return false, r.fault(ctx, err)
	}
	if answer < 0 {
		r.noteLoss()
		return false, unavailable()
	}
	return answer == 1, nil
}

// Restored says whether the store answers, and holds what was revoked here.
func (r *Redis) Restored(ctx context.Context) (bool, error) {
	answer, err := lookUp.Run(ctx, r.client, []string{restoredKey}, 0, 0).Int()
	return err == nil && answer == 0 && !r.behind.Load(), r.fault(ctx, err)
}

// Lost receives when a call here found that Restored would say no.
func (r *Redis) Lost() <-chan struct{} { return r.lost }

func (r *Redis) noteLoss() {
	select {
	case r.lost <- struct{}{}:
	default: // it is noted already
	}
}

func (r *Redis) fault(ctx context.Context, err error) error {
	return redis.Fault(ctx, err, unavailable())
}

func redisKey(kind Kind, id string) string { return redisPrefix + strconv.Itoa(int(kind)) + ":" + id }

// micros is 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
