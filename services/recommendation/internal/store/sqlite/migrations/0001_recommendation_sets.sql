-- Sets are written once and never changed.
--
-- content is the last column: a row's first page then holds all that a list
-- shows, and a list reads none of the pages that a long content spills onto.
CREATE TABLE recommendation_sets (
    owner           TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    assessment_id   TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    catalog_version TEXT    NOT NULL,
    create_micros   INTEGER NOT NULL, -- microseconds since 1970, UTC
    sha256          TEXT    NOT NULL,
    content         BLOB    NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT;

CREATE INDEX recommendation_sets_by_assessment
    ON recommendation_sets (owner, assessment_id, create_micros, id);
