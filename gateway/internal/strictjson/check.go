package strictjson

import (
	"errors"
	"strconv"
	"strings"

	"github.com/inframind/inframind/pkg/errs"
)

// The rules, as clients see them.
const (
	RuleSyntax    = "json.syntax"        // the text is not JSON
	RuleTrailing  = "json.trailing"      // something follows the value
	RuleDepth     = "json.depth"         // objects and arrays are nested too deep
	RuleUnknown   = "json.unknown_field" // the field is not part of the message
	RuleDuplicate = "json.duplicate"     // the name stands twice
	RuleOneof     = "json.oneof"         // another field of the same choice is set
	RuleType      = "json.type"          // the value is of another type
	RuleRange     = "json.range"         // the number does not fit its type
	RuleFinite    = "json.finite"        // the number is NaN, infinite or too large
	RuleEnum      = "json.enum"          // the name is not one of the enum
	RuleRequired  = "json.required"      // there is no body
)

// Body is the field of a violation that is about the body as a whole.
const Body = "body"

const (
	maxDepth      = 32
	maxViolations = 50
	maxSegment    = 64 // bytes of a name that the client chose, in a path
)

// errStop ends a check whose remaining violations would not be told.
var errStop = errors.New("enough violations")

// Check says what is wrong with a text; nothing when protojson will take it. Faults
// in the text itself end the check, the others are collected.
func (s *Schema) Check(text []byte) []errs.Violation {
	c := checker{scanner: scanner{data: text}}
	err := c.value(s.root, nil)
	if err == nil && c.peek() != 0 {
		c.report(nil, RuleTrailing, "nothing may follow the value; "+where(text, c.pos))
	} else if err == nil && c.pos < len(text) {
		err = c.fail("a 0 byte after the value")
	}
	var syntax *syntaxError
	if errors.As(err, &syntax) {
		c.report(nil, RuleSyntax, syntax.what+", "+where(text, syntax.pos))
	}
	return c.violations
}

type checker struct {
	scanner
	depth      int
	violations []errs.Violation
}

// path is the way to a value. It is rendered only for a violation.
type path struct {
	parent *path
	name   string
	index  int  // of an array's element, when name is empty
	key    bool // name is a map's key
}

func (p *path) String() string {
	if p == nil {
		return Body
	}
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *path) write(b *strings.Builder) {
	if p.parent != nil {
		p.parent.write(b)
	}
	switch {
	case p.key:
		b.WriteString("[" + strconv.Quote(p.name) + "]")
	case p.name == "":
		b.WriteString("[" + strconv.Itoa(p.index) + "]")
	default:
		if p.parent != nil {
			b.WriteByte('.')
		}
		b.WriteString(p.name)
	}
}

// segment bounds a name that may be the client's own invention.
func segment(name []byte) string {
	if len(name) > maxSegment {
		return strings.ToValidUTF8(string(name[:maxSegment]), "") + "…"
	}
	return string(name)
}

func (c *checker) report(at *path, rule, message string) {
	c.violations = append(c.violations, errs.Violation{Field: at.String(), Rule: rule, Message: message})
}

// refuse reports a violation and goes on, or ends the check when there are enough.
func (c *checker) refuse(at *path, rule, message string) error {
	c.report(at, rule, message)
	if len(c.violations) >= maxViolations {
		return errStop
	}
	return nil
}

func (c *checker) wrongType(s *shape, at *path) error {
	if s.kind == kindEnum {
		return c.refuse(at, RuleEnum, "must be "+s.want)
	}
	return c.refuse(at, RuleType, "must be "+s.want)
}

// value checks the next value. Without a shape only the text itself is checked,
// because what it belongs to was refused already.
func (c *checker) value(s *shape, at *path) error {
	switch b := c.peek(); {
	case b == '{':
		return c.nested(s, at, c.object)
	case b == '[':
		return c.nested(s, at, c.array)
	case b == '"':
		return c.stringValue(s, at)
	case c.notFinite():
		c.report(at, RuleFinite, "must be a finite number; "+where(c.data, c.pos))
		return errStop
	case b == '-' || '0' <= b && b <= '9':
		raw, err := c.number()
		if err != nil || s == nil {
			return err
		}
		return c.numberValue(s, at, raw)
	case b == 't', b == 'f':
		return c.boolValue(s, at, b == 't')
	case b == 'n':
		if err := c.literal("null"); err != nil || s == nil || s.kind == kindAny {
			return err
		}
		return c.wrongType(s, at)
	default:
		return c.unexpected("a value")
	}
}

// notFinite recognises the numbers that other formats have and JSON has not, to
// say so by name.
func (c *checker) notFinite() bool {
	rest := c.data[c.pos:]
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if len(rest) >= len(word) && string(rest[:len(word)]) == word {
			return true
		}
	}
	return false
}

func (c *checker) boolValue(s *shape, at *path, value bool) error {
	word := "false"
	if value {
		word = "true"
	}
	if err := c.literal(word); err != nil || s == nil || s.kind == kindBool || s.kind == kindAny {
		return err
	}
	return c.wrongType(s, at)
}

// nested checks an object or array one level further down.
func (c *checker) nested(s *shape, at *path, check func(*shape, *path) error) error {
	if c.depth == maxDepth {
		c.report(nil, RuleDepth, "objects and arrays may be nested 32 deep; "+where(c.data, c.pos))
		return errStop
	}
	c.depth++
	c.pos++
	err := check(s, at)
	c.depth--
	return err
}

func (c *checker) array(s *shape, at *path) error {
	var elem *shape
	switch {
	case s == nil:
	case s.kind == kindList:
		elem = s.elem
	case s.kind == kindAny, s.kind == kindAnyList:
		elem = anyValue
	default:
		if err := c.wrongType(s, at); err != nil {
			return err
		}
	}
	if c.peek() == ']' {
		c.pos++
		return nil
	}
	for i := 0; ; i++ {
		if err := c.value(elem, &path{parent: at, index: i}); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.pos++
			continue
		}
		return c.expect(']', "a comma or the end of the array")
	}
}
