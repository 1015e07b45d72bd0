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
	"generation":         selectGeneration,
	"summary":            selectSummary,
}

// Summaries are those that count; they may read a whole index but no table.
var Summaries = map[string]string{"summary": selectSummary, "summary of all": selectSummaryOfAll}
