package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// words is what the generated OpenAPI 2.0 document says in words.
type words struct {
	Info info  `json:"info"`
	Tags []tag `json:"tags"`

	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string `json:"summary"`
		Description string `json:"description"`
		Parameters  []struct {
			Name        string `json:"name"`
			Description string `json:"description"`
		} `json:"parameters"`
	} `json:"paths"`

	Definitions map[string]struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Properties  map[string]struct {
			Title       string `json:"title"`
			Description string `json:"description"`
		} `json:"properties"`
	} `json:"definitions"`

	names   map[string]string // snake_case field name → the name in JSON
	aliases map[string]string // message → the definition that speaks about it
}

func readWords(swagger []byte) (*words, error) {
	w := &words{names: map[string]string{}, aliases: map[string]string{}}
	if err := json.Unmarshal(swagger, w); err != nil {
		return nil, fmt.Errorf("read the generated document: %w", err)
	}
	return w, nil
}

// learn remembers how the fields of all messages in a file are named in JSON.
func (w *words) learn(messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		md := messages.Get(i)
		for j := range md.Fields().Len() {
			fd := md.Fields().Get(j)
			w.names[string(fd.Name())] = fd.JSONName()
		}
		w.learn(md.Messages())
	}
}

// alias remembers that the generated document speaks about a request's fields under
// the name that it gave the body of the method.
func (w *words) alias(message protoreflect.FullName, method string) {
	if _, ok := w.Definitions[string(message)]; !ok {
		w.aliases[string(message)] = strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".") + "Body"
	}
}

// message is the text about a message or enum.
func (w *words) message(name protoreflect.FullName) string {
	d := w.Definitions[string(name)]
	return w.clean(d.Title, d.Description)
}

// field is the text about a field.
func (w *words) field(fd protoreflect.FieldDescriptor) string {
	name := string(fd.Parent().FullName())
	if alias, ok := w.aliases[name]; ok {
		name = alias
	}
	p := w.Definitions[name].Properties[fd.JSONName()]
	return w.clean(p.Title, p.Description)
}

// parameter is the text about a parameter of an operation.
func (w *words) parameter(path, verb, name string) string {
	for _, p := range w.Paths[path][verb].Parameters {
		if p.Name == name {
			// The names of an enum's values are told by its schema.
			text, _, _ := strings.Cut(p.Description, "\n\n - ")
			return w.clean("", text)
		}
	}
	return ""
}

// clean joins the lines of each paragraph, and names fields as JSON does.
func (w *words) clean(parts ...string) string {
	var paragraphs []string
	for _, part := range parts {
		for p := range strings.SplitSeq(part, "\n\n") {
			var b strings.Builder
			for line := range strings.Lines(p) {
				line = strings.TrimRight(line, "\n ")
				item := strings.HasPrefix(line, " - ")
				switch {
				case b.Len() == 0:
				case item:
					b.WriteByte('\n')
				default:
					b.WriteByte(' ')
				}
				b.WriteString(strings.TrimLeft(line, " "))
			}
			if b.Len() > 0 {
				paragraphs = append(paragraphs, w.rename(b.String()))
			}
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// rename turns every word that is a field's name in the contract into its name in
// JSON.
func (w *words) rename(text string) string {
	var b strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !isNameRune(r) })
		switch {
		case end < 0:
			end = len(text)
		case end == 0:
			end = strings.IndexFunc(text, isNameRune)
			if end < 0 {
				end = len(text)
			}
		}
		word := text[:end]
		if name, ok := w.names[word]; ok && strings.ContainsRune(word, '_') {
			word = name
		}
		b.WriteString(word)
		text = text[end:]
	}
	return b.String()
}

func isNameRune(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// spaced writes a method's name as words: GetMe is "Get me".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), " jwks", " JWKS")
}

// sentence drops the name that a comment begins with: "GetMe returns …" is
// "Returns …".
func sentence(text, name string) string {
	rest, ok := strings.CutPrefix(text, name+" ")
	if !ok || rest == "" {
		return text
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
