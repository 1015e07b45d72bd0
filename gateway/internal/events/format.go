package events

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
)

// The media types of streams.
const (
	ContentType      = "text/event-stream"
	LinesContentType = "application/x-ndjson"
)

// format is how a stream is written.
type format struct {
	contentType string
	message     func(id string, text []byte) []byte
	problem     func(text []byte) []byte
	heartbeat   []byte // which readers pass over
}

// Each text is JSON on one line.
var (
	serverSent = format{
		contentType: ContentType,
		message: func(id string, text []byte) []byte {
			var b bytes.Buffer
			if id != "" && !strings.ContainsAny(id, "\r\n\x00") { // what would be more than a line
				b.WriteString("id: " + id + "\n")
			}
			return event(&b, "message", text)
		},
		problem:   func(text []byte) []byte { return event(&bytes.Buffer{}, "problem", text) },
		heartbeat: []byte(":\n\n"),
	}
	lines = format{
		contentType: LinesContentType,
		message:     func(_ string, text []byte) []byte { return append(text, '\n') },
		problem:     func(text []byte) []byte { return append(append([]byte(`{"problem":`), text...), "}\n"...) },
		heartbeat:   []byte("\n"),
	}
)

func event(b *bytes.Buffer, name string, text []byte) []byte {
	b.WriteString("event: " + name + "\ndata: ")
	b.Write(text)
	b.WriteString("\n\n")
	return b.Bytes()
}

// accepted is the format that the client names first; server-sent events when it
// names neither.
func accepted(r *http.Request) format {
	for _, line := range r.Header["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			switch mediaType, _, _ := mime.ParseMediaType(item); mediaType {
			case ContentType:
				return serverSent
			case LinesContentType:
				return lines
			}
		}
	}
	return serverSent
}
