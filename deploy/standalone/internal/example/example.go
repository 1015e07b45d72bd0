// Package example holds the assessment that the demo submits: a European
// healthcare company with five workloads.
package example

import _ "embed"

// YAML is the assessment, in the shape that the API takes.
//
//go:embed example.yaml
var YAML []byte
