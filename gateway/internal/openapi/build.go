package openapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/gateway/internal/codec"
	"github.com/inframind/inframind/gateway/internal/events"
	"github.com/inframind/inframind/gateway/internal/route"
	policyv1 "github.com/inframind/inframind/proto/gen/go/inframind/policy/v1"
)

// Build writes the document of all routes. swagger is the generated OpenAPI 2.0
// document; examples are request bodies by operation.
func Build(swagger []byte, table *route.Table, examples map[string]json.RawMessage) ([]byte, error) {
	w, err := readWords(swagger)
	if err != nil {
		return nil, err
	}
	for _, r := range table.Routes {
		file := r.Output.ParentFile()
		w.learn(file.Messages())
		for i := range file.Imports().Len() {
			w.learn(file.Imports().Get(i).Messages())
		}
	}
	b := &builder{
		words: w, examples: examples, paths: map[string]*members{},
		schemas: schemas{words: w, owners: map[string]protoreflect.FullName{}},
	}
	for _, r := range table.Routes {
		if err := b.add(r); err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.Verb, r.Template, err)
		}
	}
	for name := range examples {
		return nil, fmt.Errorf("there is an example for %s, which is no operation with a body", name)
	}
	return json.Marshal(b.document())
}

type builder struct {
	words    *words
	examples map[string]json.RawMessage // those not used yet
	schemas  schemas
	order    []string
	paths    map[string]*members
	tags     []tag
}

func (b *builder) document() document {
	d := document{
		OpenAPI: "3.1.0",
		Info:    b.words.Info,
		Servers: []server{{URL: "/"}},
		Tags:    b.tags,
		Components: components{
			Schemas:         append(b.schemas.list, problemSchemas()...),
			Responses:       errorResponses(),
			Headers:         responseHeaders(),
			SecuritySchemes: securitySchemes(),
		},
	}
	for _, path := range b.order {
		d.Paths.add(path, *b.paths[path])
	}
	return d
}

func (b *builder) add(r *route.Route) error {
	path := b.path(r)
	op, err := b.operation(r, path)
	if err != nil {
		return err
	}
	if b.paths[path] == nil {
		b.paths[path] = &members{}
		b.order = append(b.order, path)
	}
	b.paths[path].add(strings.ToLower(r.Verb), op)
	return nil
}

// path is a template with the names that parameters have in JSON.
func (b *builder) path(r *route.Route) string {
	path := r.Template
	for name, p := range r.Path {
		path = strings.ReplaceAll(path, "{"+name+"}", "{"+p.Name+"}")
	}
	return path
}

func (b *builder) operation(r *route.Route, path string) (*operation, error) {
	service, method := names(r)
	verb := strings.ToLower(r.Verb)
	said := b.words.Paths[path][verb]
	op := &operation{
		OperationID: strings.ReplaceAll(service+"_"+method, "Service_", "_"),
		Tags:        []string{b.tag(service)},
		Summary:     spaced(method),
		Description: strings.TrimSpace(sentence(b.words.clean(said.Summary), method) + "\n\n" + b.words.clean(said.Description)),
		Security:    []map[string][]string{},
	}
	if r.Method.NeedsToken() {
		scopes := []string{}
		if scope := r.Method.Policy.GetScope(); scope != "" {
			scopes = append(scopes, scope)
		}
		op.Security = append(op.Security, map[string][]string{"bearer": scopes})
	}
	if err := b.parameters(op, r, path, verb); err != nil {
		return nil, err
	}
	if r.Body != nil {
		if err := b.body(op, r, method); err != nil {
			return nil, err
		}
	}
	for _, l := range r.Method.Policy.GetRateLimits() {
		op.RateLimits = append(op.RateLimits, rateLimit{
			Requests: l.GetRequests(), WindowSeconds: l.GetWindow().GetSeconds(), Per: counted[l.GetKey()],
		})
	}
	return op, b.responses(op, r)
}

var counted = map[policyv1.RateLimitKey]string{
	policyv1.RateLimitKey_RATE_LIMIT_KEY_IP:             "address",
	policyv1.RateLimitKey_RATE_LIMIT_KEY_IP_AND_ACCOUNT: "address and account",
	policyv1.RateLimitKey_RATE_LIMIT_KEY_ACCOUNT:        "account",
	policyv1.RateLimitKey_RATE_LIMIT_KEY_USER:           "user",
}

// names are those of the service and the method: AuthService and GetMe.
func names(r *route.Route) (service, method string) {
	full, method, _ := strings.Cut(strings.TrimPrefix(r.Method.FullName, "/"), "/")
	return full[strings.LastIndexByte(full, '.')+1:], method
}

// tag returns the service's tag, which is added with the service's first operation.
func (b *builder) tag(service string) string {
	name := strings.TrimSuffix(service, "Service")
	for _, t := range b.tags {
		if t.Name == name {
			return name
		}
	}
	t := tag{Name: name}
	for _, said := range b.words.Tags {
		if said.Name == service {
			t.Description = sentence(b.words.clean(said.Description), service)
		}
	}
	b.tags = append(b.tags, t)
	return name
}

func (b *builder) body(op *operation, r *route.Route, method string) error {
	in := r.Method.Input
	message, field := in, in.Fields().ByJSONName(r.BodyField)
	if field != nil {
		message = field.Message()
		op.RequestBody = &requestBody{Required: true, Description: b.words.parameter(b.path(r), strings.ToLower(r.Verb), r.BodyField)}
	} else {
		op.RequestBody = &requestBody{}
	}
	var taken []protoreflect.Name
	for name := range r.Path {
		if field == nil {
			taken = append(taken, protoreflect.Name(name))
		}
	}
	var ref *schema
	var err error
	// A part of a message needs a schema of its own: without what the path has, or,
	// for a change, without the fields that a whole one needs.
	if r.UpdateMask != nil || len(taken) > 0 {
		ref, err = b.part(r, message, method+"Body", taken)
	} else {
		ref, err = b.schemas.reference(message)
		op.RequestBody.Required = message.Fields().Len() > 0
	}
	if err != nil {
		return err
	}
	op.RequestBody.Content = map[string]mediaType{codec.ContentType: {Schema: ref, Example: b.examples[op.OperationID]}}
	delete(b.examples, op.OperationID)
	return nil
}

// part adds the schema of a part of a message.
func (b *builder) part(r *route.Route, message protoreflect.MessageDescriptor, name string, except []protoreflect.Name) (*schema, error) {
	b.words.alias(message.FullName(), r.Method.FullName)
	own, err := b.schemas.object(message, except...)
	if err != nil {
		return nil, err
	}
	if r.UpdateMask != nil {
		own.Required = nil
	}
	b.schemas.list.add(name, own)
	return &schema{Ref: refer("schemas", name)}, nil
}

func (b *builder) responses(op *operation, r *route.Route) error {
	success := response{Description: http.StatusText(r.Status) + "."}
	success.Headers = headersOf(r)
	if !r.NoBody {
		ref, err := b.schemas.reference(r.Output)
		if err != nil {
			return err
		}
		success.Content = map[string]mediaType{codec.ContentType: {Schema: ref}}
		if r.Stream { // the schema is that of each event's data, and of each line
			success.Description = "A stream of events, or of lines, each of which is this."
			success.Content = map[string]mediaType{events.ContentType: {Schema: ref}, events.LinesContentType: {Schema: ref}}
		}
	}
	op.Responses.add(strconv.Itoa(r.Status), success)
	for _, status := range failures(r) {
		op.Responses.add(status, response{Ref: refer("responses", status)})
	}
	op.Responses.add("default", response{Ref: refer("responses", "default")})
	return nil
}
