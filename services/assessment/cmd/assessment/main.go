// Assessment runs the assessment service as a process of its own.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/services/assessment"
)

func main() {
	var c assessment.Config
	os.Exit(app.Main(app.Info{
		Name:    assessment.Name,
		Summary: "Keeps assessments: what a team must run, and under which constraints.",
	}, &c, func(context.Context, *slog.Logger) error {
		return app.RefuseServing(assessment.Name)
	}))
}
