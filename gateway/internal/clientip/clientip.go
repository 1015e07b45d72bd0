// Package clientip finds out whose request it is when proxies stand in between.
package clientip

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// forwardedFor is the header in which each proxy adds the address it was called
// from.
const forwardedFor = "X-Forwarded-For"

// Resolver finds the client's address of a request.
type Resolver struct{ trusted []netip.Prefix }

// NewResolver trusts the proxies in the given CIDR ranges, and nobody else.
func NewResolver(cidrs []string) (*Resolver, []error) {
	r := &Resolver{}
	var faults []error
	for _, text := range cidrs {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%q is no address range such as 10.0.0.0/8", text))
			continue
		}
		if p.Addr().Is4In6() {
			faults = append(faults, fmt.Errorf("%q: write IPv4 ranges as IPv4", text))
			continue
		}
		r.trusted = append(r.trusted, p.Masked())
	}
	return r, faults
}

// Client is the address of whoever the nearest trusted proxy was called by: of the
// addresses that X-Forwarded-For lists, the last one that is not a trusted proxy.
// What stands before it anybody could have written. Without a trusted proxy it is
// the other end of the connection. The zero Addr means that it cannot be told.
func (r *Resolver) Client(req *http.Request) netip.Addr {
	peer := address(req.RemoteAddr)
	if len(r.trusted) == 0 || !r.trusts(peer) {
		return peer
	}
	client := peer
	lines := req.Header[forwardedFor]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			var hop string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, hop = rest[:comma], rest[comma+1:]
			} else {
				rest, hop = "", rest
			}
			addr := address(strings.TrimSpace(hop))
			if !addr.IsValid() {
				return client // the rest cannot be followed past it
			}
			if client = addr; !r.trusts(addr) {
				return client
			}
		}
	}
	return client
}

func (r *Resolver) trusts(a netip.Addr) bool {
	for _, p := range r.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// address reads an address with or without a port.
func address(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone("")
}
