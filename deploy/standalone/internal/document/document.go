// Package document reads an assessment from a YAML or JSON file.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// MaxBytes is the size of the largest file that is read, the same as that of
// the largest request body at the gateway.
const MaxBytes = 1 << 20

// Open reads the assessment in the file, or on standard input for "-".
func Open(path string, stdin io.Reader) (*assessmentv1.Assessment, error) {
	if path == "-" {
		return Read("standard input", stdin)
	}
	f, err := os.Open(path) //nolint:gosec // The path is the user's own argument.
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // Nothing was written.
	return Read(path, f)
}

// Read reads one assessment. JSON is YAML, so both come the same way; a name
// stated twice and an unknown name are refused.
func Read(name string, r io.Reader) (*assessmentv1.Assessment, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, MaxBytes)
	}
	asJSON, err := toJSON(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a := new(assessmentv1.Assessment)
	if err := protojson.Unmarshal(asJSON, a); err != nil {
		// The library puts a non-breaking space here at random, so that nobody
		// depends on its text.
		said := strings.ReplaceAll(err.Error(), "\u00a0", " ")
		return nil, fmt.Errorf("%s: %s", name, strings.TrimPrefix(said, "proto: "))
	}
	return a, nil
}

// toJSON takes exactly one document, and no name twice.
func toJSON(text []byte) ([]byte, error) {
	in := yaml.NewDecoder(bytes.NewReader(text))
	var value any
	if err := in.Decode(&value); errors.Is(err, io.EOF) || err == nil && value == nil {
		return nil, errors.New("holds no assessment")
	} else if err != nil {
		return nil, err
	}
	if err := in.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	return json.Marshal(value)
}
