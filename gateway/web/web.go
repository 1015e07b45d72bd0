// Package web holds what the gateway serves to browsers: the interactive page about
// the API, which needs nothing from any other host.
package web

import "embed"

// Docs are the files of the page, under docs/.
//
//go:embed docs
var Docs embed.FS

// Examples are request bodies that work, by operation.
//
//go:embed examples.json
var Examples []byte
