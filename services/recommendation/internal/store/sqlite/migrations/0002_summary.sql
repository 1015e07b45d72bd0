-- Counts the writes of each owner. A row is added with the owner's first write
-- and never deleted: a number that came twice would bring an old summary back.
CREATE TABLE owner_generation (
    owner      TEXT    NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a summary takes from a set's content. All three are null in a set that
-- was kept before they were: they are then filled in when the file is opened.
ALTER TABLE recommendation_sets ADD COLUMN total_cents INTEGER;
ALTER TABLE recommendation_sets ADD COLUMN at_least    INTEGER;
ALTER TABLE recommendation_sets ADD COLUMN over_budget INTEGER;

-- All that a summary reads, in its order. It is in the order of lists as well.
CREATE INDEX recommendation_sets_by_age
    ON recommendation_sets (owner, assessment_id, create_micros, id, total_cents, at_least, over_budget);
DROP INDEX recommendation_sets_by_assessment;

-- Empty but for a moment, so that opening a file does not look through it.
CREATE INDEX recommendation_sets_without_figures
    ON recommendation_sets (owner, id) WHERE total_cents IS NULL;
