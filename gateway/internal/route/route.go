// Package route reads from the descriptors what the gateway has to know about each
// HTTP route before a request comes: its parameters, the shape of its body, where
// etags stand, and the declared policy. Nothing of it is looked up by reflection
// while a request waits.
package route

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/gateway/internal/strictjson"
	"github.com/inframind/inframind/pkg/policy"
)

// Route is one HTTP method and path, and the RPC behind it.
type Route struct {
	Method   policy.Method
	Verb     string // the HTTP method
	Template string // such as /api/v1/assessments/{id}:submit
	Output   protoreflect.MessageDescriptor

	Body      *strictjson.Schema // nil: the route takes no body
	BodyField string             // the request's field, by JSON name, that is the body; "": all that is not in the path
	Path      map[string]*Param  // by the name in the template
	Query     map[string]*Param  // by JSON name

	RequestETag  Fields // empty: the request has none
	ResponseETag Fields
	Location     *Location                    // of what was created; nil: not told
	UpdateMask   protoreflect.FieldDescriptor // made from the body's fields; nil: none
	Status       int                          // of success
	NoBody       bool                         // success is answered without a body

	Stream  bool   // success is answered with events until one side ends it
	EventID Fields // in each of them; empty: they have none

	segments []string
	verb     string // the custom verb, such as submit
}

// Fields is the way to a field inside a message.
type Fields []protoreflect.FieldDescriptor

// Get reads a string field; "" when a message on the way is not there.
func (f Fields) Get(m protoreflect.Message) string {
	if len(f) == 0 {
		return ""
	}
	for _, fd := range f[:len(f)-1] {
		if !m.Has(fd) {
			return ""
		}
		m = m.Get(fd).Message()
	}
	return m.Get(f[len(f)-1]).String()
}

// Set writes a string field.
func (f Fields) Set(m protoreflect.Message, value string) {
	for _, fd := range f[:len(f)-1] {
		m = m.Mutable(fd).Message()
	}
	m.Set(f[len(f)-1], protoreflect.ValueOfString(value))
}

// Location is where a created resource can be read.
type Location struct {
	Prefix, Suffix string
	ID             Fields // in the response
}

// Sent turns a field's path in the request message into what the client sent: where
// a part of the message is the body, the body's own path. What is wrong with a mask
// that was made from the body is wrong with the body.
func (r *Route) Sent(field string) string {
	if r.BodyField == "" {
		return field
	}
	if field == r.BodyField || r.UpdateMask != nil && field == r.UpdateMask.JSONName() {
		return strictjson.Body
	}
	if rest, ok := strings.CutPrefix(field, r.BodyField+"."); ok {
		return rest
	}
	return field
}

// Table holds all routes.
type Table struct {
	Routes []*Route
	byKey  map[string]*Route
}

// Find finds the route of an HTTP method and a pattern as grpc-gateway writes it.
func (t *Table) Find(verb, pattern string) (*Route, bool) {
	r, ok := t.byKey[verb+" "+pattern]
	return r, ok
}

// Compile reads the routes of the services' methods and reports every fault at
// once. The services are in the order in which they will be registered.
func Compile(policies policy.Table, services ...protoreflect.ServiceDescriptor) (*Table, error) {
	t := &Table{byKey: map[string]*Route{}}
	var faults []error
	for _, s := range services {
		for i := range s.Methods().Len() {
			md := s.Methods().Get(i)
			for _, rule := range rules(md) {
				r, err := compile(policies, md, rule)
				if err != nil {
					faults = append(faults, fmt.Errorf("%s: %w", md.FullName(), err))
					continue
				}
				t.Routes = append(t.Routes, r)
				t.byKey[r.Verb+" "+pattern(r.Template)] = r
			}
		}
	}
	faults = append(faults, t.shadowed()...)
	t.locate()
	return t, errors.Join(faults...)
}

func rules(md protoreflect.MethodDescriptor) []*annotations.HttpRule {
	rule, ok := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule.GetPattern() == nil {
		return nil
	}
	return append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...)
}

func compile(policies policy.Table, md protoreflect.MethodDescriptor, rule *annotations.HttpRule) (*Route, error) {
	m, ok := policies.Method(fmt.Sprintf("/%s/%s", md.Parent().FullName(), md.Name()))
	switch {
	case !ok:
		return nil, errors.New("it has no policy")
	case md.IsStreamingClient():
		return nil, errors.New("streams of requests are not routed")
	case rule.GetResponseBody() != "":
		return nil, errors.New("response_body is not supported")
	}
	r := &Route{Method: m, Output: md.Output(), Status: http.StatusOK}
	if err := r.pattern(rule); err != nil {
		return nil, err
	}
	if status := int(m.Policy.GetSuccessStatus()); status != 0 {
		r.Status = status
		r.NoBody = md.Output().Fields().Len() == 0
	}
	if err := r.parameters(md.Input(), rule.GetBody()); err != nil {
		return nil, err
	}
	r.etags(md.Input(), rule.GetBody())
	if md.IsStreamingServer() {
		return r, r.stream()
	}
	return r, nil
}

// stream says what is answered with events: what a page can ask for by itself, and
// whoever it was repeats without a second effect.
func (r *Route) stream() error {
	if r.Verb != http.MethodGet || r.Body != nil || r.Status != http.StatusOK {
		return errors.New("a stream is routed from GET, and its success is 200")
	}
	r.Stream = true
	if fd := r.Output.Fields().ByName("generation"); fd != nil && fd.Kind() == protoreflect.StringKind && !fd.IsList() {
		r.EventID = Fields{fd}
	}
	return nil
}

func (r *Route) pattern(rule *annotations.HttpRule) error {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		r.Verb, r.Template = http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		r.Verb, r.Template = http.MethodPost, p.Post
	case *annotations.HttpRule_Put:
		r.Verb, r.Template = http.MethodPut, p.Put
	case *annotations.HttpRule_Patch:
		r.Verb, r.Template = http.MethodPatch, p.Patch
	case *annotations.HttpRule_Delete:
		r.Verb, r.Template = http.MethodDelete, p.Delete
	default:
		return errors.New("its HTTP method is none that is known")
	}
	path := r.Template
	if colon := strings.LastIndexByte(path, ':'); colon > strings.LastIndexByte(path, '}') && colon > strings.LastIndexByte(path, '/') {
		path, r.verb = path[:colon], path[colon+1:]
	}
	r.segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, s := range r.segments {
		if strings.ContainsAny(s, "=*") {
			return fmt.Errorf("%s: only plain variables such as {id} are supported", r.Template)
		}
	}
	return nil
}

// pattern writes a template as grpc-gateway does.
func pattern(template string) string { return strings.ReplaceAll(template, "}", "=*}") }
