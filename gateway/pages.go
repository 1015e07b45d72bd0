package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/inframind/inframind/gateway/internal/health"
	"github.com/inframind/inframind/gateway/internal/openapi"
	"github.com/inframind/inframind/gateway/internal/problem"
	"github.com/inframind/inframind/gateway/internal/route"
	"github.com/inframind/inframind/gateway/web"
	"github.com/inframind/inframind/proto"
)

// docsPolicy lets the page about the API load its own files and call the API, and
// nothing else: no script in the page, no other host.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages are what the gateway answers by itself, by path.
func pages(prober *health.Prober, table *route.Table) (map[string]http.HandlerFunc, error) {
	own := map[string]http.HandlerFunc{
		"/":       redirect("/docs"),
		"/health": prober.Ready,
		"/readyz": prober.Ready,
		"/livez":  health.Live,
		// Where the type of a problem leads.
		problem.TypePrefix: redirect("/docs#problems"),
	}
	if err := files(own); err != nil {
		return nil, fmt.Errorf("read the embedded page: %w", err)
	}
	var examples map[string]json.RawMessage
	if err := json.Unmarshal(web.Examples, &examples); err != nil {
		return nil, fmt.Errorf("read the embedded examples: %w", err)
	}
	document, err := openapi.Build(proto.OpenAPI, table, examples)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	own["/openapi.json"] = static("application/json", document)
	return own, nil
}

// files adds the files of the page about the API.
func files(own map[string]http.HandlerFunc) error {
	types := map[string]string{
		".html": "text/html; charset=utf-8",
		".js":   "text/javascript; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".svg":  "image/svg+xml",
	}
	return fs.WalkDir(web.Docs, "docs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := web.Docs.ReadFile(name)
		own["/"+strings.TrimSuffix(name, "/index.html")] = static(types[path.Ext(name)], content)
		return err
	})
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	}
}

// static serves what does not change while the process runs. Browsers ask each time
// whether theirs is still right, so that a new version is seen at once.
func static(contentType string, content []byte) http.HandlerFunc {
	sum := sha256.Sum256(content)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Security-Policy", docsPolicy)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}
