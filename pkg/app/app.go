// Package app is the life of a process: its flags, its settings, its start and its
// orderly end.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/inframind/inframind/pkg/config"
)

// Exit codes of Main.
const (
	exitOK    = 0
	exitFault = 1 // a setting is wrong, or serving failed
	exitUsage = 2 // a flag is wrong
)

// Info is who the process is.
type Info struct{ Name, Summary string }

// Serve runs the process until its context ends. log writes JSON lines to standard
// error.
type Serve func(ctx context.Context, log *slog.Logger) error

type flags struct {
	Version     kong.VersionFlag `help:"Print the version and exit."`
	CheckConfig bool             `help:"Read the settings from the environment, say everything that is wrong with them, and exit."`
}

// Main is the whole of a service's program: it reads the flags, loads cfg (a
// pointer to a config struct) from the environment, and serves until the first
// SIGINT or SIGTERM. It returns the exit code.
func Main(info Info, cfg any, serve Serve) int {
	var f flags
	parser, err := kong.New(&f, kong.Name(info.Name), kong.Description(info.Summary),
		kong.Vars{"version": info.Name + " " + Version})
	if err != nil {
		return complain(os.Stderr, info, err, exitUsage)
	}
	if _, err := parser.Parse(os.Args[1:]); err != nil {
		return complain(os.Stderr, info, err, exitUsage)
	}
	if err := config.Load(cfg, os.Environ()); err != nil {
		return complain(os.Stderr, info, fmt.Errorf("the settings are not valid:\n%w", err), exitFault)
	}
	if f.CheckConfig {
		_, _ = fmt.Fprintln(os.Stdout, "the settings are valid")
		return exitOK
	}
	ctx, stop := UntilSignal(context.Background())
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", info.Name)
	if err := serve(ctx, log); err != nil {
		return complain(os.Stderr, info, err, exitFault)
	}
	return exitOK
}

func complain(w io.Writer, info Info, err error, code int) int {
	_, _ = fmt.Fprintf(w, "%s: %v\n", info.Name, err)
	return code
}

// UntilSignal returns a context that ends with the first SIGINT or SIGTERM. The
// second one is not caught: it ends a process whose orderly end takes too long.
func UntilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// RefuseServing is what a service's own program answers while the service can only
// run inside the standalone process.
func RefuseServing(name string) error {
	return fmt.Errorf("%s cannot serve on its own yet: it needs Redis and mutual TLS; run `inframind serve`", name)
}
