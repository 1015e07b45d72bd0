package app_test

import (
	"bufio"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/inframind/inframind/pkg/app"
)

// reader reads what a program says, line by line.
type reader struct{ *bufio.Reader }

func newReader(r io.Reader) *reader { return &reader{bufio.NewReader(r)} }

func (r *reader) wait(t *testing.T, want string) {
	t.Helper()
	if line, err := r.ReadString('\n'); err != nil || line != want+"\n" {
		t.Fatalf("the program said %q, %v; want %s", line, err, want)
	}
}

func (r *reader) rest(t *testing.T) string {
	t.Helper()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestTheVersionNeedsNoSettings(t *testing.T) {
	p := start(t, "fails", nil, "--version")
	code, out := p.end(t)
	if code != 0 || out != "example "+app.Version+"\n" || app.Version == "" {
		t.Errorf("%d, %q", code, out)
	}
}

func TestCheckConfigTellsAllFaultsAndServesNothing(t *testing.T) {
	p := start(t, "fails", []string{"COUNT=many"}, "--check-config")
	if code, out := p.end(t); code != 1 || out != "" {
		t.Errorf("%d, %q", code, out)
	}
	if got := p.stderr.String(); got != "example: the settings are not valid:\nCOUNT must be a whole number\nKEY must be set\n" {
		t.Errorf("%s", got)
	}
	p = start(t, "fails", validSettings, "--check-config")
	if code, out := p.end(t); code != 0 || out != "the settings are valid\n" || p.stderr.Len() > 0 {
		t.Errorf("%d, %q, %s", code, out, p.stderr.String())
	}
}

func TestNothingIsServedWithWrongSettings(t *testing.T) {
	p := start(t, "drains", []string{"COUNT=1"})
	if code, out := p.end(t); code != 1 || out != "" || !strings.Contains(p.stderr.String(), "KEY must be set") {
		t.Errorf("%d, %q, %s", code, out, p.stderr.String())
	}
}

func TestAWrongFlagIsAnError(t *testing.T) {
	for _, arg := range []string{"--nonsense", "serve"} {
		p := start(t, "drains", validSettings, arg)
		if code, out := p.end(t); code != 2 || out != "" || !strings.Contains(p.stderr.String(), arg) {
			t.Errorf("%s: %d, %q, %s", arg, code, out, p.stderr.String())
		}
	}
}

func TestHelpNamesTheFlags(t *testing.T) {
	code, out := start(t, "fails", nil, "--help").end(t)
	for _, want := range []string{"Serves as an example.", "--version", "--check-config"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("%d, %s is not in %s", code, want, out)
		}
	}
}

func TestAFailureToServeIsTold(t *testing.T) {
	for kind, want := range map[string]string{
		"fails":   "example: no room\n",
		"refuses": "example: example cannot serve on its own yet: it needs Redis and mutual TLS; run `inframind serve`\n",
	} {
		p := start(t, kind, validSettings)
		if code, _ := p.end(t); code != 1 || p.stderr.String() != want {
			t.Errorf("%s: %d, %s", kind, code, p.stderr.String())
		}
	}
}

func TestTheFirstSignalDrains(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := start(t, "drains", validSettings)
		p.stdout.wait(t, "serving")
		if err := p.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code, out := p.end(t); code != 0 || out != "drained\n" {
			t.Errorf("%s: %d, %q, %s", signal, code, out, p.stderr.String())
		}
	}
}

func TestTheSecondSignalEndsAtOnce(t *testing.T) {
	p := start(t, "hangs", validSettings)
	p.stdout.wait(t, "serving")
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.stdout.wait(t, "hanging")
	// When the context ends the signal is being given back, which takes a moment.
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, p.stdout)
	}()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		default:
			_ = p.Process.Signal(syscall.SIGTERM)
		}
	}
	if code, _ := p.end(t); code != -1 {
		t.Errorf("exit code %d, want death by signal", code)
	}
}
