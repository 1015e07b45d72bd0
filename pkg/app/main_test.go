package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"

	"github.com/inframind/inframind/pkg/app"
	"github.com/inframind/inframind/pkg/config"
)

// runProgram makes this test binary a program of one of the kinds in programs.
const runProgram = "INFRA_MIND_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if kind := os.Getenv(runProgram); kind != "" {
		os.Exit(app.Main(app.Info{Name: "example", Summary: "Serves as an example."}, &settings{}, programs[kind]))
	}
	goleak.VerifyTestMain(m)
}

type settings struct {
	Count int           `env:"COUNT" required:"true"`
	Key   config.Secret `env:"KEY" required:"true"`
}

// programs say on standard output how far they came.
var programs = map[string]app.Serve{
	"refuses": func(context.Context, *slog.Logger) error { return app.RefuseServing("example") },
	"fails":   func(context.Context, *slog.Logger) error { return errors.New("no room") },
	"drains": func(ctx context.Context, log *slog.Logger) error {
		g := app.NewGroup(log)
		g.Go("server", func(ctx context.Context) error { <-ctx.Done(); return nil })
		g.OnClose("drain", func(context.Context) error { fmt.Println("drained"); return nil })
		fmt.Println("serving")
		return g.Run(ctx)
	},
	"hangs": func(ctx context.Context, _ *slog.Logger) error {
		fmt.Println("serving")
		<-ctx.Done()
		fmt.Println("hanging")
		select {}
	},
}

// program is a started copy of this binary.
type program struct {
	*exec.Cmd
	stdout *reader
	stderr bytes.Buffer
}

var validSettings = []string{"COUNT=1", "KEY=opensesame"}

func start(t *testing.T, kind string, environ []string, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	// A program built to measure coverage complains when it has no folder for it.
	p.Env = append([]string{runProgram + "=" + kind, "GOCOVERDIR=" + t.TempDir()}, environ...)
	p.Stderr = &p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = newReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for the program and returns its exit code, -1 when a signal ended it,
// and what else it said on standard output.
func (p *program) end(t *testing.T) (code int, rest string) {
	t.Helper()
	rest = p.stdout.rest(t)
	err := p.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return p.ProcessState.ExitCode(), rest
}
