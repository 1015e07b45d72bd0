-- Times are microseconds since 1970.

CREATE TABLE accounts (
	id             TEXT    NOT NULL PRIMARY KEY,
	email          TEXT    NOT NULL UNIQUE, -- normalised; by its index an address is found
	email_verified INTEGER NOT NULL,
	display_name   TEXT    NOT NULL,
	roles          TEXT    NOT NULL,        -- a JSON array of names
	password_hash  TEXT    NOT NULL,
	create_time    INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
	id          TEXT    NOT NULL PRIMARY KEY,
	account_id  TEXT    NOT NULL,
	current     BLOB    NOT NULL, -- SHA-256 of the one refresh token that works
	create_time INTEGER NOT NULL,
	expire_time INTEGER NOT NULL, -- of that token
	end_time    INTEGER           -- null: not ended
) STRICT;

CREATE INDEX sessions_by_expire_time ON sessions (expire_time);

-- Every refresh token that a session has had, so that a second use is seen. It has
-- no foreign key: a session that is dropped leaves its tokens to be dropped in their
-- turn, a few at a time, and without their session they mean nothing.
CREATE TABLE refresh_tokens (
	hash        BLOB    NOT NULL PRIMARY KEY, -- SHA-256
	session_id  TEXT    NOT NULL,
	expire_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_expire_time ON refresh_tokens (expire_time);

CREATE TABLE revocations (
	kind        TEXT    NOT NULL, -- token, session, subject or key
	id          TEXT    NOT NULL,
	before_time INTEGER NOT NULL, -- of a subject: tokens issued before it; 0 elsewhere
	expire_time INTEGER NOT NULL, -- the greatest integer: never
	PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX revocations_by_expire_time ON revocations (expire_time);

CREATE TABLE signing_keys (
	generation  INTEGER NOT NULL PRIMARY KEY, -- unique, so that one process makes each
	id          TEXT    NOT NULL UNIQUE,
	sealed      BLOB    NOT NULL,
	create_time INTEGER NOT NULL
) STRICT;
