// Command inframind is the whole platform in one process.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"github.com/inframind/inframind/pkg/app"
)

// commands is what the command line takes.
type commands struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve     serve       `cmd:"" default:"withargs" help:"Run every service and the gateway in this process."`
	Demo      demonstrate `cmd:"" help:"Do the main job over REST on a fresh temporary folder."`
	Recommend recommend   `cmd:"" help:"Recommend infrastructure for an assessment in a file, without a server."`
	Certs     certs       `cmd:"" help:"Make an authority and certificates by which the services know each other, for development."`
}

func main() {
	ctx, stop := app.UntilSignal(context.Background())
	defer stop()
	parsed := kong.Parse(&commands{},
		kong.Name("inframind"),
		kong.Description("Tells a team which cloud infrastructure to choose, with real prices and exact reasons."),
		kong.Vars{"version": app.Version},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.UsageOnError(),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "inframind:", err)
		stop()
		os.Exit(1) //nolint:gocritic // The deferred stop has been called.
	}
}
