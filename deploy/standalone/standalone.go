// Package standalone runs the whole platform in one process: every service on
// SQLite files in one folder, the gateway, and in-memory limits and revocations.
// The services call each other over in-memory connections that have the
// interceptors, deadlines, identities and codes of the network.
package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/telemetry"
)

// Options says where the platform runs. What it reads from the environment is
// named in settings.go.
type Options struct {
	Addr    string   // to listen on
	AnyPort bool     // take any free port when the one of Addr is taken
	DataDir string   // of the databases and secrets; made when it is missing
	Environ []string // NAME=value, as os.Environ gives it
	Log     io.Writer
	Quiet   bool // log only what somebody must look at

	Clock     clockwork.Clock    // nil: the real one
	Telemetry []telemetry.Option // such as where spans go besides the endpoint
}

// Platform is a running platform.
type Platform struct {
	url  string
	stop context.CancelFunc
	done chan struct{}
	err  error // of the run; set before done is closed
}

// Start starts the platform and returns when it answers. Its parts run until
// Close, or until one of them fails.
func Start(ctx context.Context, o Options) (*Platform, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	s, err := load(o, makeSecrets)
	if err != nil {
		return nil, err
	}
	lis, err := listen(ctx, o)
	if err != nil {
		return nil, err
	}
	parts, err := assemble(ctx, o, s)
	if err != nil {
		return nil, errors.Join(err, lis.Close())
	}
	parts.group.Go("http", func(ctx context.Context) error { return serveHTTP(ctx, parts.http, lis) })

	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &Platform{url: "http://" + publicAddress(lis.Addr()), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = parts.group.Run(running)
	}()
	return p, nil
}

// CheckConfig says every fault of the configuration at once. It changes nothing
// in the data folder.
func CheckConfig(o Options) error {
	_, err := load(o, checkSecrets)
	return err
}

// URL is the platform's address. It names localhost where it can, because
// passkeys refuse an address of numbers.
func (p *Platform) URL() string { return p.url }

// Wait returns when the context ends, or with the failure of a part.
func (p *Platform) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.done:
		return p.err
	}
}

// Close finishes the requests under way and stops the platform.
func (p *Platform) Close() error {
	p.stop()
	<-p.done
	return p.err
}

// drainTime is how long requests under way may take to finish at the stop.
const drainTime = 10 * time.Second

func serveHTTP(ctx context.Context, server *http.Server, lis net.Listener) error {
	drained := make(chan error, 1)
	go func() {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		drained <- server.Shutdown(drain)
	}()
	if err := server.Serve(lis); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return <-drained
}

func listen(ctx context.Context, o Options) (net.Listener, error) {
	var lc net.ListenConfig
	lis, err := lc.Listen(ctx, "tcp", o.Addr)
	if errors.Is(err, syscall.EADDRINUSE) && o.AnyPort {
		host, _, splitErr := net.SplitHostPort(o.Addr)
		if splitErr != nil {
			return nil, splitErr
		}
		lis, err = lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	}
	return lis, err
}

// publicAddress is what a person on this machine types.
func publicAddress(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() && !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return fmt.Sprintf("localhost:%d", tcp.Port)
}

// lock makes sure that no other process uses the folder: revocations and limits
// in memory are those of one process.
func lock(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // In the data folder.
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another process uses the data folder (%s is locked)", path), f.Close())
	}
	return f.Close, nil // Closing releases the lock, and so does a kill.
}
