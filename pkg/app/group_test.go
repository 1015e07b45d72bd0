package app_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/inframind/inframind/pkg/app"
)

// journal is what happened, in order.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) add(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

func (j *journal) want(t *testing.T, entries ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !reflect.DeepEqual(j.entries, entries) {
		t.Errorf("happened %q, want %q", j.entries, entries)
	}
}

func (j *journal) closer(name string) func(context.Context) error {
	return func(context.Context) error { j.add("close " + name); return nil }
}

// worker runs until it is told to end.
func (j *journal) worker(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done()
		j.add("end " + name)
		return ctx.Err()
	}
}

func TestEverythingEndsInReverseOrder(t *testing.T) {
	var j journal
	ctx, stop := context.WithCancel(t.Context())
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.OnClose("telemetry", j.closer("telemetry"))
	g.OnClose("store", j.closer("store"))
	g.Go("sweeper", j.worker("sweeper"))
	g.Go("server", j.worker("server"))
	g.OnClose("drain", func(context.Context) error {
		// The end has begun, and what serves still runs.
		j.add("drain")
		return nil
	})
	g.Go("starter", func(context.Context) error { stop(); return nil })
	if err := g.Run(ctx); err != nil {
		t.Fatal(err)
	}
	j.want(t, "drain", "end server", "end sweeper", "close store", "close telemetry")
}

func TestAFailingPartEndsTheOthers(t *testing.T) {
	var j journal
	failure := errors.New("port taken")
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.OnClose("store", j.closer("store"))
	g.Go("worker", j.worker("worker"))
	g.Go("server", func(context.Context) error { return failure })
	if err := g.Run(t.Context()); !errors.Is(err, failure) || !strings.Contains(err.Error(), "server") {
		t.Errorf("got %v", err)
	}
	j.want(t, "end worker", "close store")
}

func TestTheFirstErrorIsReturnedAndTheOthersAreLogged(t *testing.T) {
	var log bytes.Buffer
	failure := errors.New("port taken")
	g := app.NewGroup(slog.New(slog.NewTextHandler(&log, nil)))
	g.OnClose("store", func(context.Context) error { return errors.New("disk full") })
	g.Go("server", func(context.Context) error { return failure })
	if err := g.Run(t.Context()); !errors.Is(err, failure) || strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
	if got := log.String(); !strings.Contains(got, "store: disk full") || strings.Contains(got, "port taken") {
		t.Errorf("logged %s", got)
	}
}

func TestAnErrorOfTheEndIsReturnedWhenThereWasNoOther(t *testing.T) {
	full := errors.New("disk full")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for name, register := range map[string]func(*app.Group){
		"a closer": func(g *app.Group) { g.OnClose("x", func(context.Context) error { return full }) },
		"a part":   func(g *app.Group) { g.Go("x", func(ctx context.Context) error { <-ctx.Done(); return full }) },
	} {
		g := app.NewGroup(slog.New(slog.DiscardHandler))
		register(g)
		if err := g.Run(ctx); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEndingAsToldIsNoError(t *testing.T) {
	for _, told := range []error{nil, context.Canceled, http.ErrServerClosed} {
		ctx, stop := context.WithCancel(t.Context())
		g := app.NewGroup(slog.New(slog.DiscardHandler))
		g.Go("server", func(ctx context.Context) error { <-ctx.Done(); return told })
		g.Go("stopper", func(context.Context) error { stop(); return nil })
		if err := g.Run(ctx); err != nil {
			t.Errorf("%v: %v", told, err)
		}
	}
}

func TestEndingUntoldIsAnError(t *testing.T) {
	for _, untold := range []error{context.Canceled, http.ErrServerClosed} {
		g := app.NewGroup(slog.New(slog.DiscardHandler))
		g.Go("server", func(context.Context) error { return untold })
		if err := g.Run(t.Context()); !errors.Is(err, untold) {
			t.Errorf("got %v", err)
		}
	}
}

func TestTheEndBeginsWhenNothingIsLeftToDo(t *testing.T) {
	var j journal
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.OnClose("store", j.closer("store"))
	for _, name := range []string{"a", "b"} {
		g.Go(name, func(context.Context) error { return nil })
	}
	if err := g.Run(t.Context()); err != nil {
		t.Error(err)
	}
	j.want(t, "close store")
}

func TestAPartThatDoesNotEndIsLeftBehindAfterTheGrace(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var j journal
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.Grace = 1
	g.OnClose("store", j.closer("store"))
	g.Go("stubborn", func(context.Context) error { <-release; return nil })
	if err := g.Run(ctx); err == nil || err.Error() != "stubborn: did not end in time" {
		t.Errorf("got %v", err)
	}
	j.want(t, "close store")
}

func TestAClosersContextEndsWithTheGraceAndNotWithRuns(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.OnClose("drain", func(ctx context.Context) error {
		if ctx.Err() != nil {
			t.Error("the context has ended before the closer began")
		}
		if deadline, ok := ctx.Deadline(); !ok || deadline.IsZero() {
			t.Error("the context does not end")
		}
		return nil
	})
	if err := g.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestCloseUndoesAHalfFinishedSetUp(t *testing.T) {
	var j journal
	g := app.NewGroup(slog.New(slog.DiscardHandler))
	g.OnClose("one", j.closer("one"))
	g.Go("server", func(context.Context) error { j.add("served"); return nil })
	g.OnClose("two", j.closer("two"))
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
	j.want(t, "close two", "close one")
}
