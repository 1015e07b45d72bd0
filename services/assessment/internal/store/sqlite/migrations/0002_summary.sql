-- Counts the writes of each owner. A row is added with the owner's first write
-- and never deleted: a number that came twice would bring an old summary back.
CREATE TABLE owner_generation (
  owner TEXT NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- All that a summary reads. The index by status would not do: what a generated
-- column holds is read from the row, even where an index has it.
CREATE INDEX assessment_by_revision ON assessment (owner, revision, submitted_revision);
