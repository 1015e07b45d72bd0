// Package codec turns messages into JSON and back for the routes.
//
// What comes in has passed strictjson already. What goes out has lowerCamelCase
// names and states zeros, so that a client sees every field it may read.
package codec

import (
	"fmt"
	"io"
	"reflect"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// ContentType is the media type of every answer that is not a problem.
const ContentType = "application/json"

// Nothing is an answer without a body.
type Nothing struct{}

// JSON implements runtime.Marshaler.
type JSON struct{}

var _ runtime.Marshaler = JSON{}

var (
	out = protojson.MarshalOptions{EmitDefaultValues: true}
	in  = protojson.UnmarshalOptions{}
)

// spaced says whether protojson of this build puts spaces between fields. It
// decides that by a hash of the binary, so that nobody relies on its text; clients
// and caches are better off with one text.
var spaced = func() bool {
	text, err := protojson.Marshal(structpb.NewListValue(&structpb.ListValue{
		Values: []*structpb.Value{structpb.NewBoolValue(true), structpb.NewBoolValue(true)},
	}))
	return err != nil || len(text) != len(`[true,true]`)
}()

// ContentType implements runtime.Marshaler.
func (JSON) ContentType(any) string { return ContentType }

// Marshal implements runtime.Marshaler.
func (JSON) Marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case Nothing:
		return nil, nil
	case proto.Message:
		text, err := out.Marshal(v)
		if err != nil || !spaced {
			return text, err
		}
		return compact(text), nil
	default:
		return nil, fmt.Errorf("%T is no message", v)
	}
}

// compact takes the spaces between tokens out of a JSON text, in place.
func compact(text []byte) []byte {
	kept := text[:0]
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\': // what follows is not the string's end
			kept = append(kept, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// Unmarshal implements runtime.Marshaler.
func (JSON) Unmarshal(text []byte, v any) error {
	m, err := target(v)
	if err != nil {
		return err
	}
	return in.Unmarshal(text, m)
}

// target is the message to fill: v itself, or a new one where v is a pointer to a
// request's field.
func target(v any) (proto.Message, error) {
	if m, ok := v.(proto.Message); ok {
		return m, nil
	}
	if field := reflect.ValueOf(v); field.Kind() == reflect.Pointer && field.Elem().Kind() == reflect.Pointer {
		field = field.Elem()
		if field.IsNil() {
			field.Set(reflect.New(field.Type().Elem()))
		}
		if m, ok := field.Interface().(proto.Message); ok {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%T is no message", v)
}

// NewDecoder implements runtime.Marshaler. The decoder reads one value, which is all
// that a body may have.
func (j JSON) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		text, err := read(r)
		if err != nil {
			return err
		}
		if len(text) == 0 {
			return io.EOF
		}
		return j.Unmarshal(text, v)
	})
}

// NewEncoder implements runtime.Marshaler.
func (j JSON) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		text, err := j.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
}

// Body is a request's body that has been read and checked.
type Body struct{ text []byte }

// NewBody holds text as a request's body.
func NewBody(text []byte) *Body { return &Body{text: text} }

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if len(b.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.text)
	b.text = b.text[n:]
	return n, nil
}

// Close implements io.Closer.
func (b *Body) Close() error { return nil }

// read takes the text out of a Body without copying it.
func read(r io.Reader) ([]byte, error) {
	if b, ok := r.(*Body); ok {
		text := b.text
		b.text = nil
		return text, nil
	}
	return io.ReadAll(r)
}
