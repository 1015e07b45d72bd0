package rpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// sayAgain is how long a line about a refused connection stands for all like it. Who
// connects with a wrong certificate does so again and again.
const sayAgain = 10 * time.Second

// Why a connection was refused, in the log.
const (
	refusedPlaintext = "not_tls"           // the peer does not speak TLS
	refusedHandshake = "no_agreement"      // no certificate at all, another version of TLS, another protocol in it
	refusedExpired   = "expired"           // or not valid yet
	refusedAuthority = "unknown_authority" // signed by nobody we believe
	refusedInvalid   = "invalid"           // any other fault of a certificate
	refusedIdentity  = "no_identity"       // it does not identify one service of the platform
	refusedCaller    = "not_a_caller"      // a service that has no business here
	refusedServer    = "wrong_server"      // a service that answered for another
	refusedByPeer    = "refused_by_peer"   // the peer did not like ours
)

// refusal is why a connection was refused and, once that is proved, whose.
type refusal struct {
	reason string
	peer   string // proved
	claims string // what an unproved certificate says; "" when that is no service
	err    error
}

// Error implements error.
func (r *refusal) Error() string { return r.err.Error() }

// refusals logs the connections that were refused, a line for many alike.
type refusals struct {
	log   *slog.Logger
	clock clockwork.Clock

	mu   sync.Mutex
	said map[likeness]saying
}

// likeness is what two refusals must share to be told by one line. Both parts are of
// our own making, so a stranger cannot make many.
type likeness struct{ reason, peer string }

type saying struct {
	at     time.Time
	unsaid int // how many like it have come since
}

// note logs why the handshake with the peer failed. to is who should have answered;
// "" at a server.
func (r *refusals) note(ctx context.Context, to string, remote net.Addr, err error) {
	if gone(err) {
		// A port probe, or a caller that gave up: nobody was refused.
		r.log.DebugContext(ctx, "connection ended before its handshake", slog.String("remote", remote.String()), slog.Any("error", err))
		return
	}
	why := refusalOf(err)
	unsaid, say := r.due(likeness{why.reason, why.peer})
	if !say {
		return
	}
	attrs := []slog.Attr{slog.String("reason", why.reason), slog.String("remote", remote.String()), slog.String("error", clip(why.Error()))}
	for _, a := range []slog.Attr{slog.String("to", to), slog.String("peer", why.peer), slog.String("claims_to_be", why.claims)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if unsaid > 0 {
		attrs = append(attrs, slog.Int("more_like_it", unsaid))
	}
	r.log.LogAttrs(ctx, slog.LevelWarn, "connection refused", attrs...)
}

// due says whether it is time for a line, and how many refusals it stands for beside
// its own.
func (r *refusals) due(like likeness) (unsaid int, say bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	last, ok := r.said[like]
	if ok && now.Sub(last.at) < sayAgain {
		last.unsaid++
		r.said[like] = last
		return 0, false
	}
	if r.said == nil {
		r.said = map[likeness]saying{}
	}
	r.said[like] = saying{at: now}
	return last.unsaid, true
}

// refusalOf finds out what a failed handshake failed of.
func refusalOf(err error) *refusal {
	var known *refusal
	var unproved *tls.CertificateVerificationError
	var other tls.RecordHeaderError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &unproved):
		return &refusal{reason: faultOf(unproved.Err), claims: claimOf(unproved.UnverifiedCertificates), err: err}
	case errors.As(err, &other):
		return &refusal{reason: refusedPlaintext, err: err}
	case remoteAlert(err):
		return &refusal{reason: refusedByPeer, err: fmt.Errorf("the peer does not accept our certificate: %w", err)}
	default:
		return &refusal{reason: refusedHandshake, err: err}
	}
}

func faultOf(err error) string {
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return refusedExpired
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return refusedAuthority
	default:
		return refusedInvalid
	}
}

func claimOf(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return ""
	}
	service, err := serviceIn(chain[0])
	if err != nil {
		return ""
	}
	return service
}

// remoteAlert says whether the peer ended the handshake and said so.
func remoteAlert(err error) bool { return operation(err) == "remote error" }

// gone says whether the connection ended without a word about why.
func gone(err error) bool {
	var network net.Error
	switch {
	case operation(err) == "remote error", operation(err) == "local error": // TLS itself
		return false
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled):
		return true
	default:
		return errors.As(err, &network)
	}
}

// operation is what of a connection failed; "" when it was not the connection.
func operation(err error) string {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op
	}
	return ""
}
