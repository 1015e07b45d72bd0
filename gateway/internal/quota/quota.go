// Package quota enforces the rate limits that methods declare, as far as they count
// addresses and users. Limits that count accounts alone are auth's own: it sees
// them from every edge.
package quota

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/policy"
	"github.com/inframind/inframind/pkg/token"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// Client is who asks.
type Client struct {
	Addr  netip.Addr // zero: not known; all such clients are counted as one
	Token string     // the bearer token; "" when there is none
}

// Plan is what one method's limits count.
type Plan struct {
	rules  []rule
	policy string // the RateLimit-Policy header
}

type rule struct {
	key      policyv1.RateLimitKey
	prefix   string // of the counter's key: the method and the kind of key
	name     string // in the headers
	requests int
	window   time.Duration
	account  protoreflect.FieldDescriptor
}

// Compile prepares a method's limits. The result is nil when the gateway has none to
// enforce.
func Compile(m policy.Method) *Plan {
	p := &Plan{}
	for _, l := range m.Policy.GetRateLimits() {
		if l.GetKey() == policyv1.RateLimitKey_RATE_LIMIT_KEY_ACCOUNT {
			continue
		}
		kind := strings.ToLower(strings.TrimPrefix(l.GetKey().String(), "RATE_LIMIT_KEY_"))
		p.rules = append(p.rules, rule{
			key:      l.GetKey(),
			prefix:   m.FullName + "|" + kind + "|",
			name:     kebab(m.FullName[strings.LastIndexByte(m.FullName, '/')+1:]) + "-" + strings.ReplaceAll(kind, "_", "-"),
			requests: int(l.GetRequests()),
			window:   l.GetWindow().AsDuration(),
			account:  m.Input.Fields().ByName(protoreflect.Name(l.GetAccountField())),
		})
	}
	if len(p.rules) == 0 {
		return nil
	}
	// One limit has the method's name; several have names of their own.
	if len(p.rules) == 1 {
		p.rules[0].name = strings.TrimSuffix(p.rules[0].name, "-"+strings.ReplaceAll(p.rules[0].kind(), "_", "-"))
	}
	items := make([]string, len(p.rules))
	for i, r := range p.rules {
		items[i] = fmt.Sprintf("%q;q=%d;w=%d", r.name, r.requests, int64(r.window.Seconds()))
	}
	p.policy = strings.Join(items, ", ")
	return p
}

func (r rule) kind() string {
	return strings.ToLower(strings.TrimPrefix(r.key.String(), "RATE_LIMIT_KEY_"))
}

// Verifier verifies an access token by its signature.
type Verifier interface {
	Verify(ctx context.Context, raw string) (token.Claims, error)
}

// Enforcer counts requests against plans.
type Enforcer struct {
	limiter limit.Limiter
	tokens  Verifier
}

// NewEnforcer counts with the limiter.
func NewEnforcer(limiter limit.Limiter, tokens Verifier) *Enforcer {
	return &Enforcer{limiter: limiter, tokens: tokens}
}

// Take counts one request against all of the plan's limits, or against none when one
// of them refuses, and says in the header how they stand.
func (e *Enforcer) Take(ctx context.Context, p *Plan, c Client, req protoreflect.Message, header http.Header) error {
	checks := make([]limit.Check, len(p.rules))
	for i, r := range p.rules {
		checks[i] = limit.Check{Key: r.prefix + e.counted(ctx, r, c, req), Requests: r.requests, Window: r.window}
	}
	result, err := e.limiter.Take(ctx, checks...)
	if err != nil {
		// Not counted is not let through: whoever can bring the counter down
		// would otherwise be rid of it.
		return errs.Unavailable("RATE_LIMITS_UNAVAILABLE", "requests cannot be counted now", time.Second).Wrap(err)
	}
	if result.Limit == 0 { // unlimited
		return nil
	}
	header["Ratelimit-Policy"] = []string{p.policy}
	header["Ratelimit"] = []string{p.standing(checks, result)}
	if !result.Allowed {
		return errs.Exhausted("RATE_LIMITED", "too many requests; try again later", result.RetryAfter)
	}
	return nil
}

// counted is what a rule counts of this request.
func (e *Enforcer) counted(ctx context.Context, r rule, c Client, req protoreflect.Message) string {
	switch r.key {
	case policyv1.RateLimitKey_RATE_LIMIT_KEY_IP_AND_ACCOUNT:
		return network(c.Addr) + "|" + account(req.Get(r.account).String())
	case policyv1.RateLimitKey_RATE_LIMIT_KEY_USER:
		if claims, err := e.tokens.Verify(ctx, c.Token); err == nil {
			return claims.Subject
		}
		// The service will refuse the token. Until it does, the address is counted.
		return "?" + network(c.Addr)
	default:
		return network(c.Addr)
	}
}

// network is what one client can be told by: with IPv6 everybody has a whole /64 to
// choose addresses from.
func network(a netip.Addr) string {
	if a.Is6() {
		p, err := a.Prefix(64)
		if err == nil {
			return p.String()
		}
	}
	return a.String()
}

// account is a hash, so that no store of counters holds who has tried to sign in.
func account(name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(name))))
	return hex.EncodeToString(sum[:16])
}

func (p *Plan) standing(checks []limit.Check, result limit.Result) string {
	name := p.rules[0].name
	for i, c := range checks {
		if c.Key == result.Check.Key {
			name = p.rules[i].name
		}
	}
	remaining := result.Remaining
	if !result.Allowed {
		remaining = 0
	}
	reset := int64((result.ResetAfter + time.Second - 1) / time.Second)
	return strconv.Quote(name) + ";r=" + strconv.Itoa(remaining) + ";t=" + strconv.FormatInt(reset, 10)
}

// kebab writes a method's name as a header's key: GetMe is get-me.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
