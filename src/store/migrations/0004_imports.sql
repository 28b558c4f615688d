-- Results of other evaluators, imported as further columns of the leaderboard.

CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    translator TEXT NOT NULL,
    model TEXT NOT NULL,
    harness TEXT NOT NULL,
    dated BIGINT,
    at BIGINT NOT NULL,
    scores_json TEXT NOT NULL
);
CREATE INDEX imports_in_order ON imports (at);
