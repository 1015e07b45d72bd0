package strictjson

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON tokens (RFC 8259) from a text.
type scanner struct {
	data []byte
	pos  int
}

// syntaxError says where the text stops being JSON.
type syntaxError struct {
	pos  int
	what string
}

func (e *syntaxError) Error() string { return e.what }

func (s *scanner) fail(format string, args ...any) error {
	return &syntaxError{pos: s.pos, what: fmt.Sprintf(format, args...)}
}

// peek skips white space and returns the next byte; 0 at the end. A 0 byte in the
// text is no token either.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// expect reads one punctuation mark.
func (s *scanner) expect(c byte, what string) error {
	if s.peek() != c {
		return s.unexpected(what)
	}
	s.pos++
	return nil
}

func (s *scanner) unexpected(want string) error {
	if s.peek(); s.pos >= len(s.data) {
		return s.fail("the text ends where %s should be", want)
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return s.fail("%q where %s should be", r, want)
}

// literal reads one of true, false and null.
func (s *scanner) literal(word string) error {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(word)) || s.wordGoesOn(len(word)) {
		return s.fail("a word that is not true, false or null")
	}
	s.pos += len(word)
	return nil
}

func (s *scanner) wordGoesOn(n int) bool {
	if s.pos+n >= len(s.data) {
		return false
	}
	c := s.data[s.pos+n]
	return c == '_' || c == '.' || c == '-' || c == '+' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// number reads a number and returns its text.
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.pos < len(s.data) && s.data[s.pos] == '0' {
		s.pos++
	} else if s.digits() == 0 {
		return nil, s.fail("a number without digits")
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return nil, s.fail("a number without digits after its point")
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return nil, s.fail("a number without digits in its exponent")
		}
	}
	if s.wordGoesOn(0) {
		return nil, s.fail("a number that is not one of JSON")
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) digits() int {
	n := 0
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
		n++
	}
	return n
}

// str reads a string and returns its value, which is a part of the text where
// nothing is escaped.
func (s *scanner) str() ([]byte, error) {
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			value := s.data[start:s.pos]
			s.pos++
			return value, nil
		case c == '\\':
			return s.escaped(append([]byte(nil), s.data[start:s.pos]...))
		case c < ' ':
			return nil, s.fail("a control character in a string")
		case c < utf8.RuneSelf:
			s.pos++
		default:
			if err := s.wide(); err != nil {
				return nil, err
			}
		}
	}
	return nil, s.fail("a string without an end")
}

// wide reads one rune beyond ASCII.
func (s *scanner) wide() error {
	r, n := utf8.DecodeRune(s.data[s.pos:])
	if r == utf8.RuneError && n == 1 {
		return s.fail("text that is not UTF-8")
	}
	s.pos += n
	return nil
}

// escaped reads the rest of a string that has escapes; value is what came before.
func (s *scanner) escaped(value []byte) ([]byte, error) {
	for s.pos < len(s.data) {
		start := s.pos
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return value, nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			value = utf8.AppendRune(value, r)
		case c < ' ':
			return nil, s.fail("a control character in a string")
		case c < utf8.RuneSelf:
			s.pos++
			value = append(value, c)
		default:
			if err := s.wide(); err != nil {
				return nil, err
			}
			value = append(value, s.data[start:s.pos]...)
		}
	}
	return nil, s.fail("a string without an end")
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape() (rune, error) {
	if s.pos+1 >= len(s.data) {
		return 0, s.fail("a string without an end")
	}
	if s.data[s.pos+1] == 'u' {
		r, err := s.hex()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		low, err := s.hex()
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, low); r == unicode.ReplacementChar {
			return 0, s.fail("half of a surrogate pair in a string")
		}
		return r, nil
	}
	r, ok := escapes[s.data[s.pos+1]]
	if !ok {
		return 0, s.fail("an escape that is not one of JSON")
	}
	s.pos += 2
	return r, nil
}

// hex reads an escape such as \u00e9.
func (s *scanner) hex() (rune, error) {
	if s.pos+6 > len(s.data) || s.data[s.pos] != '\\' || s.data[s.pos+1] != 'u' {
		return 0, s.fail("half of a surrogate pair in a string")
	}
	v, err := strconv.ParseUint(string(s.data[s.pos+2:s.pos+6]), 16, 16)
	if err != nil {
		return 0, s.fail("an escape without four hexadecimal digits")
	}
	s.pos += 6
	return rune(v), nil
}

// where is the line and column of a position, both from 1, for people.
func where(data []byte, pos int) string {
	before := data[:min(pos, len(data))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}
