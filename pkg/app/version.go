package app

import (
	"cmp"
	"runtime/debug"
)

// version is set by the linker: -X github.com/inframind/inframind/pkg/app.version=v1.2.3
var version string

// Version is the program's version, else the commit it was built from.
var Version = cmp.Or(version, builtFrom())

// revisionLength is enough of a commit's hash to find it.
const revisionLength = 12

func builtFrom() string {
	const unknown = "development"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return unknown
	}
	revision = revision[:min(len(revision), revisionLength)]
	if settings["vcs.modified"] == "true" {
		revision += "-modified"
	}
	return revision
}
