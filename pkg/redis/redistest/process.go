package redistest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// program is found in the PATH; Debian's package of the same name has it.
const program = "redis-server"

// attempts is how many ports are tried: another process may take a free one first.
const attempts = 5

// Process is a redis-server on a loopback port and in a folder of its own.
type Process struct {
	tb       testing.TB
	port     int
	folder   string
	settings []string
	command  *exec.Cmd
	ended    chan struct{}   // closed when the running command has ended
	admin    *goredis.Client // nil until it is needed
}

// Start starts one that ends with the test. Settings are in the form of the command
// line: "--maxmemory", "3mb". The test fails if there is no redis-server.
func Start(tb testing.TB, settings ...string) *Process {
	tb.Helper()
	p := &Process{tb: tb, folder: tb.TempDir(), settings: settings}
	var err error
	for range attempts {
		if p.port, err = freePort(); err == nil {
			if err = p.start(); err == nil {
				tb.Cleanup(p.end)
				return p
			}
		}
	}
	tb.Fatalf("%s did not start: %v", program, err)
	return nil
}

// StartCluster starts a server that is a cluster by itself: it serves all slots, and
// refuses an operation on keys of several.
func StartCluster(tb testing.TB) *Process {
	tb.Helper()
	p := Start(tb, "--cluster-enabled", "yes")
	p.Do("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
	p.Eventually(func() bool {
		info, _ := p.Do("CLUSTER", "INFO").(string)
		return strings.Contains(info, "cluster_state:ok")
	})
	return p
}

// StartSentinel starts a sentinel that replaces a master, which it calls by that
// name, as soon as it has been silent for half a second.
func StartSentinel(tb testing.TB, name string, master *Process) *Process {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "sentinel.conf")
	settings := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 1\nsentinel down-after-milliseconds %[1]s 500\n", name, master.port)
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		tb.Fatal(err)
	}
	return Start(tb, file, "--sentinel")
}

// Version is what the program says of itself.
func Version(tb testing.TB) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), program, "--version").Output()
	if err != nil {
		tb.Fatalf("%s: %v", program, err)
	}
	return strings.TrimSpace(string(out))
}

func freePort() (int, error) {
	var config net.ListenConfig
	lis, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return lis.Addr().(*net.TCPAddr).Port, lis.Close()
}

// start returns when the server accepts connections.
func (p *Process) start() error {
	settings := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(p.port), "--dir", p.folder}
	if slices.Contains(p.settings, "--sentinel") {
		settings = slices.Concat(p.settings, settings) // its file comes first
	} else {
		settings = slices.Concat(settings, []string{"--save", "", "--repl-diskless-sync-delay", "0"}, p.settings)
	}
	command := exec.CommandContext(context.Background(), program, settings...) // #nosec G204 -- the tests name the settings
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	started, ended := make(chan bool, 1), make(chan struct{})
	var said strings.Builder
	go func() {
		defer close(ended)
		started <- follow(output, &said)
		_, _ = io.Copy(io.Discard, output)
		_ = command.Wait()
	}()
	if !<-started {
		<-ended
		return fmt.Errorf("it ended: %s", said.String())
	}
	p.command, p.ended = command, ended
	return nil
}

// follow reads the log until the server is there; false if it ends before that.
func follow(output io.Reader, said *strings.Builder) bool {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "eady to accept connections") || strings.Contains(lines.Text(), "monitor master") {
			return true
		}
		said.WriteString(lines.Text() + "\n")
	}
	return false
}

// Port implements Server.
func (p *Process) Port() int { return p.port }

// Kill ends the server as a crash does, and waits for its end.
func (p *Process) Kill() { p.signal(syscall.SIGKILL); <-p.ended }

// Restart starts the server again after Kill, with what it finds on its disk.
func (p *Process) Restart() {
	p.tb.Helper()
	if err := p.start(); err != nil {
		p.tb.Fatal(err)
	}
}

// Pause makes the server hang: connections open and nothing is answered.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Resume ends the pause.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

func (p *Process) signal(s os.Signal) {
	p.tb.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.tb.Fatalf("signal %s: %v", s, err)
	}
}

func (p *Process) end() {
	if p.admin != nil {
		_ = p.admin.Close()
	}
	_ = p.command.Process.Kill() // it may have been killed already
	<-p.ended
}

// Do runs a command as the server's default user.
func (p *Process) Do(args ...any) any {
	p.tb.Helper()
	reply, err := p.client().Do(context.Background(), args...).Result()
	if err != nil {
		p.tb.Fatalf("%v: %v", args, err)
	}
	return reply
}

// User adds a user with rights in the form of an access list: "+get ~prefix:*".
func (p *Process) User(name, password, rights string) {
	p.tb.Helper()
	args := []any{"ACL", "SETUSER", name, "reset", "on", ">" + password}
	for _, right := range strings.Fields(rights) {
		args = append(args, right)
	}
	p.Do(args...)
}

func (p *Process) client() *goredis.Client {
	if p.admin == nil {
		p.admin = goredis.NewClient(&goredis.Options{Addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)), Protocol: 2})
	}
	return p.admin
}

// Fill makes the server as full as its limit allows, and Drain gives it room again.
func (p *Process) Fill() {
	p.tb.Helper()
	p.Do("CONFIG", "SET", "maxmemory", "1") // less than it holds already
}

// Drain ends Fill.
func (p *Process) Drain() {
	p.tb.Helper()
	p.Do("CONFIG", "SET", "maxmemory", "0")
}

// Eventually waits for what the server does in its own time; the test fails after ten
// seconds.
func (p *Process) Eventually(done func() bool) {
	p.tb.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			p.tb.Fatal("it did not come about in ten seconds")
		}
	}
}

// Flush implements Server.
func (p *Process) Flush() {
	p.tb.Helper()
	p.Do("FLUSHALL")
}

// Pass implements Server: what is left of each key's time gets shorter by d.
func (p *Process) Pass(d time.Duration) {
	p.tb.Helper()
	p.Do("EVAL", `
		for _, key in ipairs(redis.call('KEYS', '*')) do
			local left = redis.call('PTTL', key)
			if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[1]) end
		end
		return 0`, 0, d.Milliseconds())
}

// File is a path in the server's folder.
func (p *Process) File(name string) string { return filepath.Join(p.folder, name) }
