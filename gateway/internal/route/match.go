package route

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
)

// Allowed lists the HTTP methods that a path takes, sorted; none when no route has
// the path. "*" stands for the server as a whole. It is for the answers about
// methods, not for routing.
func (t *Table) Allowed(path string) []string {
	set := map[string]bool{}
	for _, r := range t.Routes {
		if path == "*" || r.matches(path) {
			set[r.Verb] = true
		}
	}
	return Methods(set)
}

// Methods sorts the methods and adds those that come with them.
func Methods(set map[string]bool) []string {
	if len(set) == 0 {
		return nil
	}
	set[http.MethodOptions] = true
	if set[http.MethodGet] {
		set[http.MethodHead] = true
	}
	var methods []string
	for m := range set {
		methods = append(methods, m)
	}
	sort.Strings(methods)
	return methods
}

func (r *Route) matches(path string) bool {
	if r.verb != "" {
		var ok bool
		if path, ok = strings.CutSuffix(path, ":"+r.verb); !ok {
			return false
		}
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) != len(r.segments) {
		return false
	}
	for i, s := range r.segments {
		if _, ok := variable(s); ok && parts[i] != "" {
			continue
		}
		if parts[i] != s {
			return false
		}
	}
	return true
}

// shadowed finds routes that would never be reached. The router tries the last
// registered first, and a variable at the end of a path takes "x:submit" as well as
// "x", so a route with a verb has to stand after the one without.
func (t *Table) shadowed() []error {
	var faults []error
	for i, r := range t.Routes {
		for _, later := range t.Routes[i+1:] {
			if later.Verb == r.Verb && later.matches(r.sample()) {
				faults = append(faults, fmt.Errorf("%s %s is swallowed by %s, which has to be declared before it",
					r.Verb, r.Template, later.Template))
			}
		}
	}
	return faults
}

// sample is a path of the route.
func (r *Route) sample() string {
	parts := make([]string, len(r.segments))
	for i, s := range r.segments {
		parts[i] = s
		if name, ok := variable(s); ok {
			parts[i] = name
		}
	}
	path := "/" + strings.Join(parts, "/")
	if r.verb != "" {
		path += ":" + r.verb
	}
	return path
}
