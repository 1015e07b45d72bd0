package route

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/inframind/inframind/gateway/internal/strictjson"
	"github.com/inframind/inframind/pkg/errs"
)

// Param is a parameter in the path or the query.
type Param struct {
	Name     string // its JSON name
	Repeated bool

	want  string
	check func(string) bool
}

// Check says whether the text is a value of the parameter's type. where is "path" or
// "query" and begins the rule's name.
func (p *Param) Check(where, text string) (errs.Violation, bool) {
	switch {
	case !utf8.ValidString(text):
		return errs.Violation{Field: p.Name, Rule: where + ".utf8", Message: "must be UTF-8"}, false
	case !p.check(text):
		return errs.Violation{Field: p.Name, Rule: where + ".type", Message: "must be " + p.want}, false
	}
	return errs.Violation{}, true
}

func param(fd protoreflect.FieldDescriptor) (*Param, error) {
	p := &Param{Name: fd.JSONName(), Repeated: fd.IsList()}
	switch kind := fd.Kind(); {
	case fd.IsMap():
		return nil, fmt.Errorf("%s: a map cannot be a parameter", fd.FullName())
	case kind == protoreflect.MessageKind && fd.Message().FullName() == "google.protobuf.Timestamp":
		p.want = "a time such as 2026-01-31T08:00:00Z"
		p.check = func(s string) bool { _, err := time.Parse(time.RFC3339Nano, s); return err == nil }
	case kind == protoreflect.EnumKind:
		names := map[string]bool{}
		var list []string
		for i := range fd.Enum().Values().Len() {
			name := string(fd.Enum().Values().Get(i).Name())
			names[name] = true
			list = append(list, name)
		}
		p.want = "one of " + strings.Join(list, ", ")
		p.check = func(s string) bool { return names[s] }
	default:
		kind, ok := scalars[kind]
		if !ok {
			return nil, fmt.Errorf("%s: a field of kind %s cannot be a parameter", fd.FullName(), fd.Kind())
		}
		p.want, p.check = kind.want, kind.check
	}
	return p, nil
}

type scalar struct {
	want  string
	check func(string) bool
}

func signed(bits int) scalar {
	return scalar{"a whole number", func(s string) bool { _, err := strconv.ParseInt(s, 10, bits); return err == nil }}
}

func unsigned(bits int) scalar {
	return scalar{"a whole number from 0", func(s string) bool { _, err := strconv.ParseUint(s, 10, bits); return err == nil }}
}

func float(bits int) scalar {
	return scalar{"a finite number", func(s string) bool {
		v, err := strconv.ParseFloat(s, bits)
		return err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
	}}
}

var scalars = map[protoreflect.Kind]scalar{
	protoreflect.StringKind:   {"text", func(string) bool { return true }},
	protoreflect.BoolKind:     {"true or false", func(s string) bool { return s == "true" || s == "false" }},
	protoreflect.Int32Kind:    signed(32),
	protoreflect.Sint32Kind:   signed(32),
	protoreflect.Sfixed32Kind: signed(32),
	protoreflect.Int64Kind:    signed(64),
	protoreflect.Sint64Kind:   signed(64),
	protoreflect.Sfixed64Kind: signed(64),
	protoreflect.Uint32Kind:   unsigned(32),
	protoreflect.Fixed32Kind:  unsigned(32),
	protoreflect.Uint64Kind:   unsigned(64),
	protoreflect.Fixed64Kind:  unsigned(64),
	protoreflect.FloatKind:    float(32),
	protoreflect.DoubleKind:   float(64),
}

// parameters sorts the request's fields into path, body and query, as the HTTP rule
// has them.
func (r *Route) parameters(in protoreflect.MessageDescriptor, body string) error {
	r.Path, r.Query = map[string]*Param{}, map[string]*Param{}
	var taken []protoreflect.Name
	for _, s := range r.segments {
		name, ok := variable(s)
		if !ok {
			continue
		}
		fd := in.Fields().ByName(protoreflect.Name(name))
		if fd == nil {
			return fmt.Errorf("%s: %s has no field %q", r.Template, in.FullName(), name)
		}
		p, err := param(fd)
		if err != nil {
			return err
		}
		r.Path[name] = p
		taken = append(taken, fd.Name())
	}
	var err error
	switch body {
	case "":
	case "*":
		r.Body, err = strictjson.Compile(in, taken...)
		return err // every other field comes in the body
	default:
		fd := in.Fields().ByName(protoreflect.Name(body))
		if fd == nil || fd.Message() == nil || fd.IsList() || fd.IsMap() {
			return fmt.Errorf("body %q is no message in %s", body, in.FullName())
		}
		if r.Body, err = strictjson.Compile(fd.Message()); err != nil {
			return err
		}
		r.BodyField = fd.JSONName()
		taken = append(taken, fd.Name())
	}
	return r.query(in, taken)
}

func (r *Route) query(in protoreflect.MessageDescriptor, taken []protoreflect.Name) error {
next:
	for i := range in.Fields().Len() {
		fd := in.Fields().Get(i)
		for _, name := range taken {
			if fd.Name() == name {
				continue next
			}
		}
		if fd.Message() != nil && fd.Message().FullName() == "google.protobuf.FieldMask" && r.BodyField != "" {
			r.UpdateMask = fd // made from the body's fields
			continue
		}
		p, err := param(fd)
		if err != nil {
			return err
		}
		r.Query[p.Name] = p
	}
	return nil
}

// variable is the name in a segment such as {id}.
func variable(segment string) (string, bool) {
	if name, ok := strings.CutPrefix(segment, "{"); ok {
		return strings.TrimSuffix(name, "}"), true
	}
	return "", false
}
