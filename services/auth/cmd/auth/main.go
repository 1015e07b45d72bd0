// Command auth is the identity service as a process of its own.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/services/auth"
)

func main() {
	os.Exit(app.Main(
		app.Info{Name: "auth", Summary: "Registers people, signs them in and out, and publishes the keys that verify access tokens."},
		&auth.Config{},
		func(context.Context, *slog.Logger) error { return app.RefuseServing("auth") },
	))
}
