package redistest

import (
	"crypto/rand"
	"crypto/tls"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// Mini is a server in the test's process.
type Mini struct {
	*miniredis.Miniredis
	tb    testing.TB
	start func(*miniredis.Miniredis) error

	run    atomic.Pointer[string]
	policy atomic.Pointer[string]
	fault  atomic.Pointer[string]
}

// NewMini starts one that ends with the test.
func NewMini(tb testing.TB) *Mini {
	tb.Helper()
	return newMini(tb, (*miniredis.Miniredis).Start)
}

// NewMiniTLS starts one that wants encrypted connections.
func NewMiniTLS(tb testing.TB, c *tls.Config) *Mini {
	tb.Helper()
	return newMini(tb, func(m *miniredis.Miniredis) error { return m.StartTLS(c) })
}

func newMini(tb testing.TB, start func(*miniredis.Miniredis) error) *Mini {
	tb.Helper()
	m := &Mini{Miniredis: miniredis.NewMiniRedis(), tb: tb, start: start}
	if err := start(m.Miniredis); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(m.Close)
	m.SetPolicy("noeviction")
	m.Fail("")
	m.NewRun()
	return m
}

// SetPolicy is the maxmemory-policy that the server says it has.
func (m *Mini) SetPolicy(policy string) { m.policy.Store(&policy) }

// Fail makes every command fail with this message, until it is "".
func (m *Mini) Fail(message string) { m.fault.Store(&message) }

// NewRun makes the server say that it is another run of itself, as after a restart
// that kept the keys.
func (m *Mini) NewRun() {
	run := rand.Text()
	m.run.Store(&run)
	m.Server().SetPreHook(m.before)
}

// Stop makes the server unreachable, and Restart brings it back as another run.
func (m *Mini) Stop() { m.Close() }

// Restart starts the server again on its port, with its keys.
func (m *Mini) Restart() {
	m.tb.Helper()
	if err := m.start(m.Miniredis); err != nil {
		m.tb.Fatal(err)
	}
	m.NewRun()
}

// before answers what the server itself does not know.
func (m *Mini) before(peer *server.Peer, command string, _ ...string) bool {
	if fault := *m.fault.Load(); fault != "" {
		peer.WriteError(fault)
		return true
	}
	if command == "INFO" {
		peer.WriteBulk("# Server\r\nrun_id:" + *m.run.Load() + "\r\n\r\n# Memory\r\nmaxmemory_policy:" + *m.policy.Load() + "\r\n")
		return true
	}
	return false
}

// Port implements Server.
func (m *Mini) Port() int {
	m.tb.Helper()
	port, err := strconv.Atoi(m.Miniredis.Port())
	if err != nil {
		m.tb.Fatal(err)
	}
	return port
}

// Pass implements Server.
func (m *Mini) Pass(d time.Duration) { m.FastForward(d) }

// Flush implements Server.
func (m *Mini) Flush() { m.FlushAll() }
