// Dashboard runs the dashboard service as a process of its own.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/services/dashboard"
)

func main() {
	var c dashboard.Config
	os.Exit(app.Main(app.Info{
		Name:    dashboard.Name,
		Summary: "Shows how things stand, from the summaries of the services that own them.",
	}, &c, func(context.Context, *slog.Logger) error {
		return app.RefuseServing(dashboard.Name)
	}))
}
