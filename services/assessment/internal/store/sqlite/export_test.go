package sqlite

// Statements are those that run on every request, by what they are for.
var Statements = map[string]string{
	"one":                selectOne,
	"revision":           selectRevision,
	"page":               selectPage,
	"page of one status": selectPageByStatus,
	"version":            selectVersion,
	"digest":             selectDigest,
	"deleted":            selectDeleted,
	"replace":            replace,
	"keep revision":      keepRevision,
	"remove":             remove,
}
