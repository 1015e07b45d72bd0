// Command bench measures the platform on this machine and prints how: the start of
// the process, the engine on the example, the overview of an owner with few and one
// with many assessments, and one GET through the whole stack beside a bare
// grpc-gateway, layer by layer, in one run.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Binary      string        `default:"bin/inframind" help:"The program whose start is measured."`
	Starts      int           `default:"5" help:"How often it is started."`
	Connections int           `default:"64" help:"Connections of the load."`
	Rounds      int           `default:"5" help:"Rounds of the load; every stack has its turn in each."`
	Turn        time.Duration `default:"3s" help:"How long a turn takes."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("bench"), kong.Description("Measures the platform on this machine."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // The deferred stop has been called.
	}
}

func run(ctx context.Context, o options) error {
	fmt.Printf("Machine: %s, %d CPUs, %s, %s, commit %s\n\n",
		processor(), runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.RFC3339), commit(ctx))
	for _, part := range []func(context.Context, options) error{measureStart, measureEngine, measureOverview, measureGet} {
		if err := part(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// processor is the model that Linux tells; elsewhere only the architecture.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(model)
			}
		}
	}
	return runtime.GOARCH
}

func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
