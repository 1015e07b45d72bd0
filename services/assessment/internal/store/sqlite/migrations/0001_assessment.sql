-- Times are microseconds since 1970 in UTC. Content is the versioned JSON of
-- the record package.
CREATE TABLE assessment (
  owner TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  submitted_revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Of the request that made it; empty when that had no idempotency key.
  digest TEXT NOT NULL,
  content BLOB NOT NULL,
  submitted INTEGER GENERATED ALWAYS AS (submitted_revision = revision) VIRTUAL,
  PRIMARY KEY (owner, id)
) STRICT;

CREATE INDEX assessment_by_age ON assessment (owner, created_at DESC, id DESC);
CREATE INDEX assessment_by_status_and_age ON assessment (owner, submitted, created_at DESC, id DESC);

-- The revisions before the latest. Rows are added and, with their assessment,
-- deleted; they are never updated.
CREATE TABLE past_revision (
  owner TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  version INTEGER NOT NULL,
  submitted_revision INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (owner, id, revision),
  FOREIGN KEY (owner, id) REFERENCES assessment (owner, id) ON DELETE CASCADE
) STRICT;

-- The IDs of deleted assessments that an idempotency key could ask for again.
CREATE TABLE deleted_id (
  owner TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;
