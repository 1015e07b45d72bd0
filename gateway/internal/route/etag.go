package route

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// etags finds where the request states the etag that it was made from, and where
// the response has the resource's. What is created has no etag before.
func (r *Route) etags(in protoreflect.MessageDescriptor, body string) {
	r.ResponseETag = inResource(r.Output, "etag")
	if fd := text(in, "etag"); fd != nil {
		r.RequestETag = Fields{fd}
		return
	}
	changes := r.Verb == http.MethodPatch || r.Verb == http.MethodPut
	if resource := in.Fields().ByName(protoreflect.Name(body)); changes && resource != nil {
		if fd := text(resource.Message(), "etag"); fd != nil {
			r.RequestETag = Fields{resource, fd}
		}
	}
}

// inResource finds a string field of a response, or of the one resource in it.
func inResource(out protoreflect.MessageDescriptor, name protoreflect.Name) Fields {
	if fd := text(out, name); fd != nil {
		return Fields{fd}
	}
	if resource := resource(out); resource != nil {
		if fd := text(resource.Message(), name); fd != nil {
			return Fields{resource, fd}
		}
	}
	return nil
}

// resource is the field of a response that is nothing but the holder of one message.
func resource(out protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if out.Fields().Len() != 1 {
		return nil
	}
	fd := out.Fields().Get(0)
	if fd.Message() == nil || fd.IsList() || fd.IsMap() {
		return nil
	}
	return fd
}

func text(md protoreflect.MessageDescriptor, name protoreflect.Name) protoreflect.FieldDescriptor {
	fd := md.Fields().ByName(name)
	if fd == nil || fd.Kind() != protoreflect.StringKind || fd.IsList() {
		return nil
	}
	return fd
}

// locate finds for each route that creates a resource the route that reads one: the
// GET of the same kind of resource whose only variable is the ID.
func (t *Table) locate() {
	for _, r := range t.Routes {
		made := resource(r.Output)
		id := inResource(r.Output, "id")
		if r.Status != http.StatusCreated || made == nil || id == nil {
			continue
		}
		for _, g := range t.Routes {
			read := resource(g.Output)
			if g.Verb != http.MethodGet || read == nil || read.Message() != made.Message() || len(g.Path) != 1 {
				continue
			}
			before, rest, ok := strings.Cut(g.Template, "{id}")
			if ok {
				r.Location = &Location{Prefix: before, Suffix: rest, ID: id}
				break
			}
		}
	}
}
