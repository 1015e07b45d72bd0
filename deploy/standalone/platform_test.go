package standalone_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	standalone "github.com/inframind/inframind/deploy/standalone"
)

// environment is that of a platform which is quick to sign in to and counts no
// requests. Tests of limits leave the second setting out.
var environment = []string{"BCRYPT_ROUNDS=10", "RATE_LIMIT_ENABLED=false"}

// platform is a running platform, reached over HTTP on a port of its own.
type platform struct {
	options standalone.Options
	running *standalone.Platform // nil: it runs in another process
	url     string
	client  *http.Client
	log     *lines
}

// newPlatform starts a platform on a folder of its own, until the test ends. change
// may change its options.
func newPlatform(t *testing.T, change ...func(*standalone.Options)) *platform {
	t.Helper()
	p := &platform{log: &lines{}, client: newClient()}
	p.options = standalone.Options{Addr: "127.0.0.1:0", DataDir: t.TempDir(), Environ: environment, Log: p.log}
	for _, c := range change {
		c(&p.options)
	}
	p.start(t)
	t.Cleanup(func() { p.stop(t) })
	return p
}

func (p *platform) start(t *testing.T) {
	t.Helper()
	running, err := standalone.Start(t.Context(), p.options)
	if err != nil {
		t.Fatalf("start: %v\n%s", err, p.log)
	}
	p.running, p.url = running, running.URL()
}

func (p *platform) stop(t *testing.T) {
	t.Helper()
	p.client.CloseIdleConnections()
	if err := p.running.Close(); err != nil {
		t.Errorf("stop: %v\n%s", err, p.log)
	}
}

// restart ends the platform in order and starts another on its folder.
func (p *platform) restart(t *testing.T) {
	t.Helper()
	p.stop(t)
	p.start(t)
}

// with adds settings to the environment, before those that are there.
func with(settings ...string) func(*standalone.Options) {
	return func(o *standalone.Options) { o.Environ = append(settings, o.Environ...) }
}

// lines is a log that many goroutines write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String implements fmt.Stringer.
func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
