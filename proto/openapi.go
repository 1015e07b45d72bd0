// Package proto holds what the contract says besides its types: the OpenAPI
// document of the REST surface.
package proto

import _ "embed"

// OpenAPI is the OpenAPI 2.0 document, in JSON, of every method that has an
// HTTP rule.
//
//go:embed gen/openapi/inframind.swagger.json
var OpenAPI []byte
