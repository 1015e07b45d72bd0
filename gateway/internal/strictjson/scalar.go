package strictjson

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func (c *checker) stringValue(s *shape, at *path) error {
	start := c.pos
	value, err := c.str()
	if err != nil || s == nil {
		return err
	}
	switch s.kind {
	case kindString, kindAny:
		return nil
	case kindEnum:
		if _, ok := s.enum[string(value)]; ok {
			return nil
		}
	case kindBytes:
		if validBase64(string(value)) {
			return nil
		}
	case kindText:
		if s.parse(c.data[start:c.pos]) == nil {
			return nil
		}
	case kindInt64, kindUint64:
		// Only these may be quoted: a double, which is all that many JSON
		// libraries have, cannot hold every one of them.
		if canonicalInt(s.kind, string(value)) {
			return nil
		}
	case kindFloat, kindDouble:
		switch string(value) {
		case "NaN", "Infinity", "-Infinity":
			return c.refuse(at, RuleFinite, "must be a finite number")
		}
	default: // nothing else is written as a string
	}
	return c.wrongType(s, at)
}

func validBase64(s string) bool {
	enc := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.URLEncoding
	}
	if len(s)%4 != 0 {
		enc = enc.WithPadding(base64.NoPadding)
	}
	_, err := enc.DecodeString(s)
	return err == nil
}

func (c *checker) numberValue(s *shape, at *path, raw []byte) error {
	switch s.kind {
	case kindAny, kindFloat, kindDouble:
		if _, err := strconv.ParseFloat(string(raw), s.kind.bits()); err != nil {
			return c.refuse(at, RuleFinite, "is too large for a number")
		}
		return nil
	case kindInt32, kindInt64, kindUint32, kindUint64:
		switch whole, fits := wholeNumber(s.kind, raw); {
		case !whole:
			return c.refuse(at, RuleType, "must be "+s.want)
		case !fits:
			return c.refuse(at, RuleRange, "must be from "+rangeNames[s.kind])
		}
		return nil
	default:
		return c.wrongType(s, at)
	}
}

var rangeNames = map[kind]string{
	kindInt32:  "-2147483648 to 2147483647",
	kindInt64:  "-9223372036854775808 to 9223372036854775807",
	kindUint32: "0 to 4294967295",
	kindUint64: "0 to 18446744073709551615",
}

// wholeNumber says whether a number is whole and whether it fits its kind. JSON
// allows 2.0 and 2e1 for whole numbers; those rare texts are judged by protojson.
func wholeNumber(k kind, raw []byte) (whole, fits bool) {
	if bytes.ContainsAny(raw, ".eE") {
		ok := exact(k, raw)
		return ok, ok
	}
	if k == kindUint32 || k == kindUint64 {
		_, err := strconv.ParseUint(string(raw), 10, k.bits())
		return true, err == nil
	}
	_, err := strconv.ParseInt(string(raw), 10, k.bits())
	return true, err == nil
}

func exact(k kind, raw []byte) bool {
	switch k {
	case kindInt32:
		return protojson.Unmarshal(raw, &wrapperspb.Int32Value{}) == nil
	case kindInt64:
		return protojson.Unmarshal(raw, &wrapperspb.Int64Value{}) == nil
	case kindUint32:
		return protojson.Unmarshal(raw, &wrapperspb.UInt32Value{}) == nil
	default:
		return protojson.Unmarshal(raw, &wrapperspb.UInt64Value{}) == nil
	}
}
