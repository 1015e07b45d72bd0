package edge

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/inframind/inframind/gateway/internal/codec"
	"github.com/inframind/inframind/gateway/internal/exchange"
)

// Answer sets what a successful answer has beside its body: status, ETag, Location
// and how long it may be kept.
func Answer(ctx context.Context, _ http.ResponseWriter, response proto.Message) error {
	ex := exchange.From(ctx)
	h := ex.Header()
	if ex.Route.Status != http.StatusOK {
		ex.Status = ex.Route.Status
	}
	if ex.ETag != "" {
		h["Etag"] = []string{`"` + ex.ETag + `"`}
		if notModified(ex.Request, ex.ETag) {
			ex.Status = http.StatusNotModified
		}
	}
	if l := ex.Route.Location; l != nil {
		if id := l.ID.Get(response.ProtoReflect()); id != "" {
			h.Set("Location", l.Prefix+url.PathEscape(id)+l.Suffix)
		}
	}
	if strings.HasPrefix(ex.Route.Template, wellKnown) {
		h.Set("Cache-Control", cacheWellKnown)
	}
	if bodiless(ex) {
		h.Del("Content-Type")
	}
	return nil
}

// Rewrite takes away the body of an answer that has none.
func Rewrite(ctx context.Context, response proto.Message) (any, error) {
	if bodiless(exchange.From(ctx)) {
		return codec.Nothing{}, nil
	}
	return response, nil
}

func bodiless(ex *exchange.Exchange) bool {
	return ex.Route.NoBody || ex.Status == http.StatusNotModified
}

const (
	// wellKnown is where documents for everybody stand (RFC 8615).
	wellKnown = "/.well-known/"
	// cacheWellKnown lets caches hold keys for as long as a new one is published
	// before it signs.
	cacheWellKnown = "public, max-age=300"
)
