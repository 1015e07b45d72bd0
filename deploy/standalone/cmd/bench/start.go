package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureStart starts the built program and asks /readyz until it says yes.
func measureStart(ctx context.Context, o options) error {
	var took []time.Duration
	var resident []int
	for range o.Starts {
		t, kib, err := start(ctx, o.Binary)
		if err != nil {
			return err
		}
		took, resident = append(took, t), append(resident, kib)
	}
	slices.Sort(took)
	slices.Sort(resident)
	fmt.Printf("Start of %s serve on an empty folder, exec to 200 from /readyz, %d starts:\n", o.Binary, o.Starts)
	fmt.Printf("  ready after     median %v, slowest %v (goal: under 1 s)\n", took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	fmt.Printf("  resident memory median %d MiB, largest %d MiB (VmRSS; goal: under 250 MiB)\n\n", resident[len(resident)/2]>>10, resident[len(resident)-1]>>10)
	return nil
}

func start(ctx context.Context, binary string) (took time.Duration, residentKiB int, err error) {
	folder, err := os.MkdirTemp("", "inframind-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // A temporary folder.

	process := exec.CommandContext(ctx, binary, "serve", "--addr", "127.0.0.1:0", "--data", folder) //nolint:gosec // The user's own argument.
	process.Env = append(os.Environ(), "INFRA_MIND_LOG_LEVEL=ERROR")
	process.Stderr = os.Stderr
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) }
	out, err := process.StdoutPipe()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := process.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		if waitErr := process.Wait(); err == nil && ctx.Err() == nil {
			err = waitErr
		}
	}()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, 0, fmt.Errorf("%s said no address: %w", binary, err)
	}
	if err := untilReady(ctx, strings.TrimSpace(url)+"/readyz"); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	residentKiB, err = resident(process.Process.Pid)
	return took, residentKiB, err
}

func untilReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
	}
}

func resident(pid int) (kib int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		}
	}
	return 0, fmt.Errorf("process %d has no VmRSS", pid)
}
