package sqlite

// Statements are those that run on a request, by name.
var Statements = map[string]string{
	"insertSet": insertSet, "selectSet": selectSet, "selectSets": selectSets,
	"selectGeneration": selectGeneration, "fillFigures": fillFigures,
}

// Summaries are those that sum up; they may read a whole index but no table.
var Summaries = map[string]string{"own": selectSummary, "all": selectSummaryOfAll}

// Seed keeps so many sets of one owner, two an assessment: the first for 100 cents,
// the second for 101.
const Seed = `
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
INSERT INTO recommendation_sets
SELECT 'usr_a', printf('rec_%026d', i), printf('asm_%026d', i / 2), 1, 'v', i, '', zeroblob(400), 100 + i % 2, 0, 0 FROM n`
