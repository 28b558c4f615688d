-- What Waggle keeps. Times are milliseconds since 1970, flags are 0 and 1, JSON is text that the store does not read.

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT,
    locale TEXT,
    head BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);
CREATE INDEX sessions_by_owner ON sessions (owner, updated);
CREATE INDEX sessions_by_age ON sessions (updated);

CREATE TABLE turns (
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    turn BIGINT NOT NULL,
    node TEXT NOT NULL,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (session, turn)
);

-- A request that is repeated with its key gets the answer of its turn again.
CREATE TABLE idempotency (
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    request_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (session, request_key)
);

CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    description TEXT NOT NULL,
    public BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    deleted BIGINT
);
-- A deleted segment does not keep its name.
CREATE UNIQUE INDEX segments_by_name ON segments (owner, folded_name) WHERE deleted IS NULL;
CREATE INDEX segments_by_owner ON segments (owner, updated);
CREATE INDEX segments_in_public ON segments (updated) WHERE public = 1;

-- No reference to sessions: a segment outlives the conversation that it was saved in.
CREATE TABLE segment_versions (
    segment TEXT NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    segment_json TEXT NOT NULL,
    segment_text TEXT NOT NULL,
    catalog_version TEXT NOT NULL,
    data_version TEXT NOT NULL,
    session TEXT,
    turn BIGINT,
    at BIGINT NOT NULL,
    PRIMARY KEY (segment, version)
);

-- A count below the minimum is NULL.
CREATE TABLE segment_counts (
    segment TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data_version TEXT NOT NULL,
    catalog_version TEXT NOT NULL,
    n BIGINT,
    FOREIGN KEY (segment, version) REFERENCES segment_versions (segment, version) ON DELETE CASCADE
);
CREATE INDEX segment_counts_in_order ON segment_counts (segment, at);

CREATE TABLE exports (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    segment TEXT,
    request_json TEXT NOT NULL,
    state TEXT NOT NULL,
    done_rows BIGINT NOT NULL,
    total_rows BIGINT,
    files_json TEXT,
    manifest_json TEXT,
    error TEXT,
    created BIGINT NOT NULL,
    finished BIGINT,
    expires BIGINT
);
CREATE INDEX exports_by_owner ON exports (owner, created);
CREATE INDEX exports_by_expiry ON exports (expires);
CREATE INDEX exports_under_way ON exports (created) WHERE finished IS NULL;

CREATE TABLE feedback (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    session TEXT NOT NULL,
    turn BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    expected TEXT,
    remark TEXT,
    request_text TEXT NOT NULL,
    segment_text TEXT NOT NULL,
    candidate_json TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX feedback_in_order ON feedback (at);

CREATE TABLE filter_usage (
    category TEXT NOT NULL,
    field TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (category, field)
);

CREATE TABLE catalogs (
    version TEXT PRIMARY KEY,
    summary_json TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    category TEXT NOT NULL,
    filter_name TEXT NOT NULL,
    text_ko TEXT NOT NULL,
    text_en TEXT NOT NULL,
    catalog_version TEXT NOT NULL
);
CREATE INDEX notices_in_order ON notices (at);

-- Keys themselves are not kept, only what they hash to.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    attributes_json TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT,
    revoked BIGINT
);

-- What each caller was told lately, for the guard against differencing.
CREATE TABLE told (
    caller TEXT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    answer_key TEXT NOT NULL,
    n BIGINT NOT NULL
);
CREATE INDEX told_to ON told (caller, at);
CREATE INDEX told_by_age ON told (at);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail_json TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- The end of the chain: entries that are cut off the audit's end are missed.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
