// Package openapi writes the OpenAPI 3.1 document of what the gateway serves.
//
// Structure comes from the descriptors and their options, as the gateway itself
// reads them: parameters, schemas with their validation rules, security, statuses,
// limits. Only the words come from the generated OpenAPI 2.0 document, because
// linked descriptors have no comments.
package openapi

import (
	"bytes"
	"encoding/json"
)

// members is a JSON object that keeps its order, which is the order of the contract.
type members []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (m *members) add(name string, value any) { *m = append(*m, member{name, value}) }

type document struct {
	OpenAPI    string     `json:"openapi"`
	Info       info       `json:"info"`
	Servers    []server   `json:"servers"`
	Tags       []tag      `json:"tags"`
	Paths      members    `json:"paths"`
	Components components `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Version     string `json:"version"`
}

type server struct {
	URL string `json:"url"`
}

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

type components struct {
	Schemas         members `json:"schemas"`
	Responses       members `json:"responses"`
	Headers         members `json:"headers"`
	SecuritySchemes members `json:"securitySchemes"`
}

type operation struct {
	OperationID string                `json:"operationId"`
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	Security    []map[string][]string `json:"security"`
	Parameters  []parameter           `json:"parameters,omitempty"`
	RequestBody *requestBody          `json:"requestBody,omitempty"`
	Responses   members               `json:"responses"`
	RateLimits  []rateLimit           `json:"x-rate-limits,omitempty"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Required    bool    `json:"required,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *schema `json:"schema"`
}

type requestBody struct {
	Description string               `json:"description,omitempty"`
	Required    bool                 `json:"required"`
	Content     map[string]mediaType `json:"content"`
}

type mediaType struct {
	Schema  *schema         `json:"schema"`
	Example json.RawMessage `json:"example,omitempty"`
}

type response struct {
	Ref         string               `json:"$ref,omitempty"`
	Description string               `json:"description,omitempty"`
	Headers     members              `json:"headers,omitempty"`
	Content     map[string]mediaType `json:"content,omitempty"`
}

type rateLimit struct {
	Requests      int32  `json:"requests"`
	WindowSeconds int64  `json:"windowSeconds"`
	Per           string `json:"per"`
}

// schema is a JSON Schema (2020-12), as far as the contract needs it.
type schema struct {
	Ref              string   `json:"$ref,omitempty"`
	Type             string   `json:"type,omitempty"`
	Format           string   `json:"format,omitempty"`
	Description      string   `json:"description,omitempty"`
	Enum             []string `json:"enum,omitempty"`
	Minimum          *float64 `json:"minimum,omitempty"`
	ExclusiveMinimum *float64 `json:"exclusiveMinimum,omitempty"`
	Maximum          *float64 `json:"maximum,omitempty"`
	ExclusiveMaximum *float64 `json:"exclusiveMaximum,omitempty"`
	MinLength        *uint64  `json:"minLength,omitempty"`
	MaxLength        *uint64  `json:"maxLength,omitempty"`
	MinItems         *uint64  `json:"minItems,omitempty"`
	MaxItems         *uint64  `json:"maxItems,omitempty"`
	UniqueItems      bool     `json:"uniqueItems,omitempty"`
	Items            *schema  `json:"items,omitempty"`
	Properties       members  `json:"properties,omitempty"`
	Required         []string `json:"required,omitempty"`
	Additional       *schema  `json:"additionalProperties,omitempty"` // of a map's values
}

func refer(kind, name string) string { return "#/components/" + kind + "/" + name }
