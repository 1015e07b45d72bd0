package strictjson

import (
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

var anyValue = &shape{kind: kindAny, want: "any value"}

// members are the names that an object has had so far.
type members struct {
	fields [maxFields / 64]uint64
	oneofs [maxFields / 64]uint64
	keys   map[string]struct{} // of a map
}

// add marks a bit and says whether it was marked before.
func add(bits *[maxFields / 64]uint64, i int) bool {
	mask := uint64(1) << (i % 64)
	seen := bits[i/64]&mask != 0
	bits[i/64] |= mask
	return seen
}

func (c *checker) object(s *shape, at *path) error {
	if s != nil {
		switch s.kind {
		case kindMessage, kindMap, kindAny, kindAnyObject:
		default:
			if err := c.wrongType(s, at); err != nil {
				return err
			}
			s = nil
		}
	}
	if c.peek() == '}' {
		c.pos++
		return nil
	}
	var seen members
	for {
		if c.peek() != '"' {
			return c.unexpected("a name in quotes")
		}
		name, err := c.str()
		if err != nil {
			return err
		}
		if err := c.expect(':', "a colon"); err != nil {
			return err
		}
		if err := c.member(s, at, name, &seen); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.pos++
			continue
		}
		return c.expect('}', "a comma or the end of the object")
	}
}

func (c *checker) member(s *shape, at *path, name []byte, seen *members) error {
	switch {
	case s == nil:
		return c.value(nil, at)
	case s.kind == kindMessage:
		return c.field(s, at, name, seen)
	case s.kind == kindMap:
		return c.entry(s, at, name, s.elem, seen)
	default:
		return c.entry(s, at, name, anyValue, seen)
	}
}

func (c *checker) field(s *shape, at *path, name []byte, seen *members) error {
	f, ok := s.fields[string(name)]
	if !ok {
		message := "there is no such field"
		if meant, ok := s.names[string(name)]; ok {
			message += "; its name is " + meant
		}
		here := &path{parent: at, name: segment(name)}
		if err := c.refuse(here, RuleUnknown, message); err != nil {
			return err
		}
		return c.value(nil, here)
	}
	here := &path{parent: at, name: string(name)}
	if add(&seen.fields, f.index) {
		if err := c.refuse(here, RuleDuplicate, "the name stands twice in the same object"); err != nil {
			return err
		}
		return c.value(nil, here)
	}
	if c.peek() == 'n' {
		if f.kind == kindAny && f.oneof >= 0 { // here null is a value
			if err := c.choose(f, here, seen); err != nil {
				return err
			}
		}
		return c.literal("null") // as if the field were not there
	}
	if err := c.choose(f, here, seen); err != nil {
		return err
	}
	return c.value(f.shape, here)
}

// choose marks the oneof of a field as decided.
func (c *checker) choose(f *field, here *path, seen *members) error {
	if f.oneof >= 0 && add(&seen.oneofs, f.oneof) {
		return c.refuse(here, RuleOneof, "another field of the same choice is set")
	}
	return nil
}

func (c *checker) entry(s *shape, at *path, name []byte, elem *shape, seen *members) error {
	here := &path{parent: at, name: segment(name), key: true}
	if s.kind == kindMap && !validKey(s.key, string(name)) {
		if err := c.refuse(here, RuleType, "the key must be "+scalars[s.key].want); err != nil {
			return err
		}
		return c.value(nil, here)
	}
	if _, ok := seen.keys[string(name)]; ok {
		if err := c.refuse(here, RuleDuplicate, "the name stands twice in the same object"); err != nil {
			return err
		}
		return c.value(nil, here)
	}
	if seen.keys == nil {
		seen.keys = map[string]struct{}{}
	}
	seen.keys[string(name)] = struct{}{}
	return c.value(elem, here)
}

// validKey takes one spelling of each key, so that comparing texts finds duplicates.
func validKey(kind protoreflect.Kind, key string) bool {
	switch kind {
	case protoreflect.StringKind:
		return true
	case protoreflect.BoolKind:
		return key == "true" || key == "false"
	default:
		k := scalars[kind].kind
		return canonicalInt(k, key)
	}
}

// canonicalInt says whether s is the usual decimal of an integer of the kind.
func canonicalInt(k kind, s string) bool {
	switch k {
	case kindInt32, kindInt64:
		v, err := strconv.ParseInt(s, 10, k.bits())
		return err == nil && strconv.FormatInt(v, 10) == s
	case kindUint32, kindUint64:
		v, err := strconv.ParseUint(s, 10, k.bits())
		return err == nil && strconv.FormatUint(v, 10) == s
	default:
		return false
	}
}

func (k kind) bits() int {
	switch k {
	case kindInt32, kindUint32, kindFloat:
		return 32
	default:
		return 64
	}
}
