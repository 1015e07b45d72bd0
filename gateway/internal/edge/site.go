package edge

import (
	"net/http"
	"strings"

	"github.com/inframind/inframind/gateway/internal/exchange"
	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/route"
)

// Site answers every path: the gateway's own pages by itself, all others by the
// routes to the services.
type Site struct {
	pages map[string]http.HandlerFunc // by path, those of problems by its beginning; each takes GET
	next  http.Handler
}

// NewSite puts the pages before the routes.
func NewSite(pages map[string]http.HandlerFunc, next http.Handler) *Site {
	return &Site{pages: pages, next: next}
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	ex := exchange.From(r.Context())
	path := r.URL.Path
	if strings.HasPrefix(path, problem.TypePrefix) {
		path = problem.TypePrefix
	}
	page, ok := s.pages[path]
	if !ok {
		s.next.ServeHTTP(ex, r)
		return
	}
	ex.Pattern = path
	if r.Method != http.MethodGet {
		Refuse(ex, r.Method, route.Methods(map[string]bool{http.MethodGet: true}))
		return
	}
	page(ex, r)
}

// Refuse answers a request that nothing takes, where the path takes the allowed
// methods.
func Refuse(ex *exchange.Exchange, method string, allowed []string) {
	if len(allowed) == 0 {
		problem.NoRoute().Write(ex)
		return
	}
	ex.Header().Set("Allow", strings.Join(allowed, ", "))
	if method != http.MethodOptions {
		problem.NoMethod().Write(ex)
		return
	}
	ex.WriteHeader(http.StatusNoContent)
}
