// Command gateway is the edge of the platform as a process of its own.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/app"
)

func main() {
	info := app.Info{Name: "gateway", Summary: "The edge of the platform: REST in, gRPC out."}
	os.Exit(app.Main(info, &gateway.Config{}, func(context.Context, *slog.Logger) error {
		return app.RefuseServing(info.Name)
	}))
}
