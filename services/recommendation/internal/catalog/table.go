package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// record is a line of a file, split at its commas. The fields are reused by the
// next line; the text in them is not.
type record struct {
	fields []string
	line   int
}

// each hands every line of a file to a function, with as many fields as the
// header has. The files are plain: no quotes, no carriage returns, no blank
// lines, and a newline at the end; a file that is cut short shows.
func each(f File, header string, parse func(record) error) error {
	text := f.Text
	first, rest, _ := strings.Cut(text, "\n")
	if first != header {
		return fmt.Errorf("%s:1: the columns are %q, want %q", f.Name, first, header)
	}
	r := record{fields: make([]string, strings.Count(header, ",")+1), line: 1}
	for rest != "" {
		r.line++
		line, after, ended := strings.Cut(rest, "\n")
		rest = after
		if !ended {
			return fmt.Errorf("%s:%d: the last line does not end", f.Name, r.line)
		}
		if err := r.split(line); err != nil {
			return fmt.Errorf("%s:%d: %w", f.Name, r.line, err)
		}
		if err := parse(r); err != nil {
			return fmt.Errorf("%s:%d: %w", f.Name, r.line, err)
		}
	}
	return nil
}

func (r record) split(line string) error {
	if strings.IndexByte(line, '"') >= 0 || strings.IndexByte(line, '\r') >= 0 {
		return errors.New("quotes and carriage returns are not used here")
	}
	for i := range r.fields {
		field, rest, more := strings.Cut(line, ",")
		if last := i == len(r.fields)-1; last == more {
			return fmt.Errorf("there are %s fields than columns", map[bool]string{true: "more", false: "fewer"}[last])
		}
		r.fields[i], line = field, rest
	}
	return nil
}

// decimal reads a plain decimal number, without sign or exponent, in units of
// 10^-places.
func decimal(text string, places int) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > places {
		return 0, fmt.Errorf("%q has more than %d decimals", text, places)
	}
	if whole == "" || len(whole) > 9 || strings.HasSuffix(text, ".") {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	var n int64
	for i := range len(whole) + places {
		digit := byte('0')
		switch {
		case i < len(whole):
			digit = whole[i]
		case i-len(whole) < len(fraction):
			digit = fraction[i-len(whole)]
		}
		if digit < '0' || digit > '9' {
			return 0, fmt.Errorf("%q is not a number", text)
		}
		n = n*10 + int64(digit-'0')
	}
	return n, nil
}

// flag reads a 0 or a 1.
func flag(text string) (bool, error) {
	if text != "0" && text != "1" {
		return false, fmt.Errorf("%q is neither 0 nor 1", text)
	}
	return text == "1", nil
}

// day checks a date of the form YYYY-MM-DD, or YYYY-MM where a document says no
// more.
func day(text string, monthWillDo bool) error {
	const form = "0000-00-00"
	if len(text) != len(form) && (!monthWillDo || len(text) != len("0000-00")) {
		return fmt.Errorf("%q is not a date", text)
	}
	for i := range len(text) {
		digit := text[i] >= '0' && text[i] <= '9'
		if (form[i] == '0') != digit || form[i] == '-' && text[i] != '-' {
			return fmt.Errorf("%q is not a date", text)
		}
	}
	return nil
}
