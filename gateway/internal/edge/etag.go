package edge

import (
	"net/http"
	"strings"
)

// strongTag reads an If-Match header of one strong entity tag (RFC 9110). Lists are
// not taken: a resource here has one etag, and the request field has room for one.
func strongTag(lines []string) (string, bool) {
	if len(lines) != 1 {
		return "", false
	}
	tag, rest, ok := cutTag(lines[0])
	return tag, ok && rest == ""
}

// cutTag takes a quoted tag off the front of s.
func cutTag(s string) (tag, rest string, ok bool) {
	if len(s) < 2 || s[0] != '"' {
		return "", s, false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", s, false
	}
	tag, rest = s[1:1+end], s[end+2:]
	return tag, rest, visible(tag, len(tag))
}

// notModified says whether the client holds what it asks for. Weak comparison: a
// proxy that compressed the answer may have weakened the tag.
func notModified(r *http.Request, etag string) bool {
	lines := r.Header["If-None-Match"]
	if len(lines) == 0 || etag == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for _, line := range lines {
		if line == "*" {
			return true
		}
		for rest := line; rest != ""; {
			var tag string
			var ok bool
			rest = strings.TrimPrefix(strings.TrimLeft(rest, " \t,"), "W/")
			if tag, rest, ok = cutTag(rest); !ok {
				break
			}
			if tag == etag {
				return true
			}
		}
	}
	return false
}
