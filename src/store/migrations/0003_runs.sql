-- Evaluation runs, case by case, and the review of feedback as candidates for golden sets.

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    run_key TEXT NOT NULL,
    golden_set TEXT NOT NULL,
    set_hash TEXT NOT NULL,
    translator TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    policy TEXT NOT NULL,
    catalog_version TEXT NOT NULL,
    data_version TEXT NOT NULL,
    repeats BIGINT NOT NULL,
    total_cases BIGINT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    metrics_json TEXT NOT NULL,
    started BIGINT NOT NULL,
    finished BIGINT
);
CREATE INDEX runs_in_order ON runs (started);
CREATE INDEX runs_by_key ON runs (run_key, started);

-- A case is a conversation, played from its first turn to its last. A finished one is not played again.
CREATE TABLE run_cases (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    case_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    result_json TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (run, case_id, attempt)
);

ALTER TABLE feedback ADD COLUMN state TEXT NOT NULL DEFAULT 'candidate';
ALTER TABLE feedback ADD COLUMN reviewer TEXT;
ALTER TABLE feedback ADD COLUMN reviewed BIGINT;
ALTER TABLE feedback ADD COLUMN approved_json TEXT;
