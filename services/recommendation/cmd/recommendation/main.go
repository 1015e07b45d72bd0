// Command recommendation answers submitted assessments with priced
// infrastructure.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/services/recommendation"
)

func main() {
	info := app.Info{
		Name:    recommendation.Name,
		Summary: "Answers submitted assessments with priced infrastructure, and keeps the answers.",
	}
	var c recommendation.Config
	os.Exit(app.Main(info, &c, func(context.Context, *slog.Logger) error {
		return app.RefuseServing(info.Name)
	}))
}
