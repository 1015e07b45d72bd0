package policy

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// faults collects what is wrong with one method's policy.
type faults []error

func (f *faults) when(wrong bool, format string, args ...any) {
	if wrong {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

// check finds every fault of a policy. A policy that would be read as weaker than
// its author meant it is a fault, also where it could be ignored: a scope on a
// method that asks for no token protects nothing.
func check(m Method) []error {
	var f faults
	p := m.Policy
	access, known := policyv1.Access_name[int32(p.GetAccess())]
	f.when(!known || p.GetAccess() == policyv1.Access_ACCESS_UNSPECIFIED, "it states no access")

	forServices := p.GetAccess() == policyv1.Access_ACCESS_SERVICE
	f.when(forServices && len(p.GetServices()) == 0, "%s names no services", access)
	f.when(!forServices && len(p.GetServices()) > 0, "services are named, which only ACCESS_SERVICE reads")
	f.services(p.GetServices())

	f.when(!m.NeedsToken() && p.GetScope() != "", "scope %q cannot be checked without a token", p.GetScope())
	f.when(!m.NeedsToken() && p.GetStepUp(), "step_up cannot be checked without a token")

	if name := p.GetOwnedField(); name != "" {
		f.field(m, "owned_field", name)
		f.when(!m.NeedsToken(), "owned_field %q needs a caller who could be the owner", name)
	}
	for i, l := range p.GetRateLimits() {
		f.limit(m, i, l)
	}
	if day := p.GetSunsetDate(); day != "" {
		_, err := time.Parse(time.DateOnly, day)
		f.when(err != nil, "sunset_date %q is no day as YYYY-MM-DD", day)
	}
	status := p.GetSuccessStatus()
	f.when(status != 0 && (status < 200 || status > 299), "success_status %d is not one of success", status)
	return f
}

func (f *faults) services(names []string) {
	seen := map[string]bool{}
	for _, name := range names {
		f.when(name == "", "a service has no name")
		f.when(seen[name], "service %q is named twice", name)
		seen[name] = true
	}
}

func (f *faults) limit(m Method, i int, l *policyv1.RateLimit) {
	where := fmt.Sprintf("rate_limits[%d]", i)
	f.when(l.GetRequests() < 1, "%s admits no requests", where)
	f.when(!l.GetWindow().IsValid() || l.GetWindow().AsDuration() <= 0, "%s has no window", where)

	name, known := policyv1.RateLimitKey_name[int32(l.GetKey())]
	f.when(!known || l.GetKey() == policyv1.RateLimitKey_RATE_LIMIT_KEY_UNSPECIFIED, "%s has no key", where)
	f.when(l.GetKey() == policyv1.RateLimitKey_RATE_LIMIT_KEY_USER && !m.NeedsToken(), "%s counts users, who are not known here", where)

	account := l.GetAccountField()
	if CountsAccounts(l) {
		f.when(account == "", "%s: %s needs account_field", where, name)
	} else {
		f.when(account != "", "%s: %s does not read account_field", where, name)
	}
	if account != "" {
		f.field(m, where+".account_field", account)
	}
}

// field wants name to be a single string of the request.
func (f *faults) field(m Method, what, name string) {
	fd := m.Input.Fields().ByName(protoreflect.Name(name))
	switch {
	case fd == nil:
		*f = append(*f, fmt.Errorf("%s: %s has no field %q", what, m.Input.FullName(), name))
	case fd.Kind() != protoreflect.StringKind || fd.Cardinality() == protoreflect.Repeated:
		*f = append(*f, errors.New(what+": "+string(fd.FullName())+" is not a string"))
	}
}

// CountsAccounts says whether a limit's key has the account in it that the request
// names.
func CountsAccounts(l *policyv1.RateLimit) bool {
	switch l.GetKey() {
	case policyv1.RateLimitKey_RATE_LIMIT_KEY_ACCOUNT, policyv1.RateLimitKey_RATE_LIMIT_KEY_IP_AND_ACCOUNT:
		return true
	default:
		return false
	}
}
