// Package cross says which pages of other origins may call the gateway (CORS).
package cross

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rs/cors"
)

// maxAge is how long a browser may keep a preflight's answer, in seconds.
const maxAge = 3600

// requestHeaders are those that a page of another origin may set: what clients send
// by habit, and what the gateway itself reads.
var requestHeaders = []string{
	"Authorization", "Content-Type", "X-Requested-With", "X-Request-ID", "Accept", "Origin",
	"Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "traceparent",
}

// exposedHeaders are those of an answer that such a page may read.
var exposedHeaders = []string{"ETag", "X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"}

// Handler returns the middleware that allows the listed origins, each exactly as
// written, to use the methods. Credentials are never allowed: the gateway knows no
// cookies, and a token is sent by the page itself.
func Handler(origins, methods []string) func(http.Handler) http.Handler {
	allowed := make(map[string]bool, len(origins))
	for _, o := range origins {
		allowed[o] = true
	}
	return cors.New(cors.Options{
		// A function, because an empty list would mean everybody, and a list
		// understands wildcards.
		AllowOriginFunc:      func(origin string) bool { return allowed[origin] },
		AllowedMethods:       methods,
		AllowedHeaders:       requestHeaders,
		ExposedHeaders:       exposedHeaders,
		MaxAge:               maxAge,
		OptionsSuccessStatus: http.StatusNoContent,
	}).Handler
}

// CheckOrigin says what is wrong with an origin in the configuration.
func CheckOrigin(origin string) error {
	if strings.Contains(origin, "*") {
		return fmt.Errorf("%q: a wildcard would let any site in; list each origin", origin)
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		origin != u.Scheme+"://"+u.Host || origin != strings.ToLower(origin) {
		return fmt.Errorf("%q is no origin such as https://app.example.com", origin)
	}
	return nil
}
