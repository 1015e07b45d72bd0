package openapi

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
)

// restrict puts validation rules into a schema and says whether they refuse the
// field's zero value, which is that of a field left out.
func restrict(s *schema, fd protoreflect.FieldDescriptor, rules *validate.FieldRules) (needed bool) {
	switch {
	case rules.GetString() != nil:
		return restrictString(s, rules.GetString())
	case rules.GetDouble() != nil:
		return bounds(s, rules.GetDouble().ProtoReflect())
	case rules.GetInt32() != nil:
		return bounds(s, rules.GetInt32().ProtoReflect())
	case rules.GetInt64() != nil:
		return bounds(s, rules.GetInt64().ProtoReflect())
	case rules.GetRepeated() != nil:
		r := rules.GetRepeated()
		s.MinItems, s.MaxItems, s.UniqueItems = r.MinItems, r.MaxItems, r.GetUnique()
		return r.GetMinItems() > 0
	case rules.GetEnum() != nil && len(rules.GetEnum().GetNotIn()) > 0:
		// Beside a reference, an enum narrows what it refers to.
		s.Enum = values(fd.Enum(), rules.GetEnum().GetNotIn())
		return true
	}
	return false
}

func restrictString(s *schema, r *validate.StringRules) (needed bool) {
	s.MinLength, s.MaxLength = r.MinLen, r.MaxLen
	if r.GetEmail() {
		s.Format = "email"
	}
	s.Enum = r.GetIn()
	return r.GetMinLen() > 0 || r.GetEmail() || len(r.GetIn()) > 0
}

// bounds puts the limits of a number into a schema. The rules of all kinds of
// numbers have the same names.
func bounds(s *schema, rules protoreflect.Message) (needed bool) {
	rules.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		limit, ok := number(v)
		if !ok {
			return true
		}
		switch fd.Name() {
		case "gte":
			s.Minimum = &limit
			needed = needed || limit > 0
		case "gt":
			s.ExclusiveMinimum = &limit
			needed = needed || limit >= 0
		case "lte":
			s.Maximum = &limit
		case "lt":
			s.ExclusiveMaximum = &limit
		}
		return true
	})
	return needed
}

func number(v protoreflect.Value) (float64, bool) {
	switch v := v.Interface().(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}
