package standalone_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	standalone "github.com/inframind/inframind/deploy/standalone"
)

// doomedFolder is the variable that makes a copy of this program the platform on
// that folder, for a test to kill.
const doomedFolder = "INFRA_MIND_TEST_DOOMED_FOLDER"

// serveUntilKilled runs a platform and says on standard output where. It ends by
// itself only when the test has gone and standard input with it.
func serveUntilKilled(folder string) error {
	p, err := standalone.Start(context.Background(), standalone.Options{
		Addr: "127.0.0.1:0", DataDir: folder, Environ: environment, Log: os.Stderr, Quiet: true,
	})
	if err != nil {
		return err
	}
	fmt.Println(p.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startDoomed starts a platform in a process of its own. kill ends that as kill -9
// does, and returns when it has ended; it may be called from any goroutine.
func startDoomed(t *testing.T, folder string) (p *platform, kill func()) {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), doomedFolder+"="+folder)
	process.Stderr = os.Stderr
	stdin, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the platform did not start: %v", err)
	}
	p = &platform{url: strings.TrimSpace(url), client: newClient()}
	t.Cleanup(p.client.CloseIdleConnections)
	return p, func() {
		if err := process.Process.Kill(); err != nil {
			t.Errorf("kill: %v", err)
		}
		if err := process.Wait(); err == nil || process.ProcessState.Exited() {
			t.Errorf("the platform ended by itself: %v", process.ProcessState)
		}
		_ = stdin.Close() // its reader is gone
	}
}
