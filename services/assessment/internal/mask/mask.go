// Package mask applies field masks: it copies the fields that a request names,
// and no others, from one message to another.
package mask

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/inframind/inframind/pkg/errs"
)

// Rules says what a mask may name.
type Rules struct {
	// Message is what masks are of.
	Message protoreflect.MessageDescriptor
	// Ignored are top-level fields that may be named and are not copied. Over
	// REST a mask is made of all that the body has, and a body that was read,
	// changed and sent back has what the service assigns.
	Ignored []protoreflect.Name
}

// Mask is what a request changes.
type Mask struct{ paths []path }

// path is the way to a field from the outermost message; each but the last is a
// message that is not repeated.
type path []protoreflect.FieldDescriptor

// Parse reads the paths of a field mask, such as "title" or "profile.industry".
// Below a repeated field nothing can be named: lists are replaced as a whole.
func (r Rules) Parse(m *fieldmaskpb.FieldMask) (Mask, error) {
	var parsed Mask
	var broken []errs.Violation
	for _, text := range m.GetPaths() {
		p, ok := r.find(text)
		switch {
		case !ok:
			broken = append(broken, violation("%q is not a field that can be named in a mask", text))
		case !contains(r.Ignored, p[0]):
			parsed.paths = append(parsed.paths, p)
		}
	}
	if len(broken) > 0 {
		return Mask{}, errs.Invalid(broken...)
	}
	return parsed, nil
}

func violation(format, text string) errs.Violation {
	return errs.Violation{Field: "updateMask", Rule: "field_mask.path", Message: fmt.Sprintf(format, text)}
}

func (r Rules) find(text string) (path, bool) {
	var p path
	in := r.Message
	for name := range strings.SplitSeq(text, ".") {
		if in == nil {
			return nil, false
		}
		f := in.Fields().ByName(protoreflect.Name(name))
		if f == nil {
			return nil, false
		}
		p = append(p, f)
		in = nil
		if f.Cardinality() != protoreflect.Repeated {
			in = f.Message()
		}
	}
	return p, true
}

func contains(names []protoreflect.Name, f protoreflect.FieldDescriptor) bool {
	for _, name := range names {
		if f.Name() == name {
			return true
		}
	}
	return false
}

// Apply gives dst the values that the named fields have in src; those that src
// does not have are cleared. Both are messages of the kind that the mask was
// parsed for. Afterwards they share parts: src must not be changed any more.
func (m Mask) Apply(dst, src proto.Message) {
	for _, p := range m.paths {
		p.copy(dst.ProtoReflect(), src.ProtoReflect())
	}
}

func (p path) copy(dst, src protoreflect.Message) {
	f := p[0]
	switch {
	case len(p) > 1 && (src.Has(f) || dst.Has(f)):
		p[1:].copy(dst.Mutable(f).Message(), src.Get(f).Message())
	case len(p) > 1: // nothing in either of them
	case src.Has(f):
		dst.Set(f, src.Get(f))
	default:
		dst.Clear(f)
	}
}
