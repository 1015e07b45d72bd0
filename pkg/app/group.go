package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// DefaultGrace is how long an orderly end may take; orchestrators kill after 30 s.
const DefaultGrace = 20 * time.Second

// Group is the parts of a process in the order in which they were set up: what
// serves, what works in the background and what must be closed.
//
// Everything ends in the reverse order, one after the other: a closer is called, a
// part that runs has its context ended and is waited for. So register a store, then
// what uses it, then the server, then the server's drain: at the end the server
// drains while all it needs is still there.
type Group struct {
	Grace time.Duration // for the whole end; NewGroup sets DefaultGrace

	log   *slog.Logger
	parts []part
}

// part is a component that runs or a closer; one of its functions is nil.
type part struct {
	name  string
	run   func(context.Context) error
	close func(context.Context) error
}

// NewGroup returns an empty group that logs how it ends.
func NewGroup(log *slog.Logger) *Group { return &Group{Grace: DefaultGrace, log: log} }

// Go registers a part that runs from Run on until its context ends or it has
// nothing left to do. Its context is not Run's: it stays alive while the parts
// that were registered later end.
func (g *Group) Go(name string, run func(ctx context.Context) error) {
	g.parts = append(g.parts, part{name: name, run: run})
}

// OnClose registers what is called at the end. Its context ends with the grace time.
func (g *Group) OnClose(name string, closer func(ctx context.Context) error) {
	g.parts = append(g.parts, part{name: name, close: closer})
}

// Run starts all parts and returns when all have ended. The end begins when the
// context ends, a part fails, or every running part has returned. The error is the
// one that began it, else the first of the end; the others are logged.
func (g *Group) Run(ctx context.Context) error {
	started := make([]*process, len(g.parts))
	returned := make(chan *process, len(g.parts))
	running := 0
	for i, p := range g.parts {
		if p.run != nil {
			started[i] = start(context.WithoutCancel(ctx), p, returned)
			running++
		}
	}
	end := &ending{log: g.log}
	for running > 0 && end.first == nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case p := <-returned:
			running--
			if !clean(p.err, ctx.Err() != nil) {
				end.failed(ctx, p.name, p.err)
				p.err = nil // reported
			}
		}
	}
	g.log.InfoContext(ctx, "ending")
	g.end(ctx, started, end)
	g.log.InfoContext(ctx, "ended")
	return end.first
}

// Close ends what was registered so far, for a process whose set-up failed and that
// will not Run.
func (g *Group) Close(ctx context.Context) error {
	end := &ending{log: g.log}
	g.end(ctx, make([]*process, len(g.parts)), end)
	return end.first
}

func (g *Group) end(ctx context.Context, started []*process, end *ending) {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.Grace)
	defer cancel()
	for i, p := range slices.Backward(g.parts) {
		var err error
		switch {
		case p.close != nil:
			err = p.close(grace)
		case started[i] != nil:
			err = started[i].stop(grace)
		}
		if err != nil {
			end.failed(ctx, p.name, err)
		}
	}
}

// process is a part that runs.
type process struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{} // closed when it has returned
	err    error         // what it returned; to be read after done
}

func start(ctx context.Context, p part, returned chan<- *process) *process {
	ctx, cancel := context.WithCancel(ctx)
	proc := &process{name: p.name, cancel: cancel, done: make(chan struct{})}
	go func() {
		proc.err = p.run(ctx)
		close(proc.done)
		returned <- proc // has room for all
	}()
	return proc
}

// stop waits no longer than the grace time: what is left then ends with the process.
func (p *process) stop(grace context.Context) error {
	p.cancel()
	select {
	case <-p.done:
	case <-grace.Done():
		select {
		case <-p.done:
		default:
			return errors.New("did not end in time")
		}
	}
	if clean(p.err, true) {
		return nil
	}
	return p.err
}

// clean says whether a part that returns err just did as it was told.
func clean(err error, told bool) bool {
	return err == nil || told && (errors.Is(err, context.Canceled) || errors.Is(err, http.ErrServerClosed))
}

// ending keeps the first error and logs the others.
type ending struct {
	log   *slog.Logger
	first error
}

func (e *ending) failed(ctx context.Context, name string, err error) {
	err = fmt.Errorf("%s: %w", name, err)
	if e.first == nil {
		e.first = err
		return
	}
	e.log.ErrorContext(ctx, "a part failed while ending", "err", err)
}
