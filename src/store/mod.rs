//! Everything that Waggle keeps: sessions and their turns, segments, exports, feedback, usage, notices, keys,
//! and the audit log. One implementation runs on SQLite (a file, bundled) and on PostgreSQL (several servers
//! share it). It owns `sqlx` and all of this room's SQL, and knows neither HTTP nor `app`: what it keeps as
//! JSON it does not read.
//!
//! # How writes go
//! Every write is handed to one writer task, which runs those that wait together, each in a savepoint, and
//! commits them with one `fsync` (`writer.rs`). A caller is answered after that commit: what is acknowledged
//! is on the disk, and a caller that goes away tears nothing. There is one writer per database at a time
//! (`BEGIN IMMEDIATE`, or an advisory lock in PostgreSQL), so that no write sees another's half. Reads have
//! connections of their own.
//!
//! # How it is read
//! One file a noun. SQL is written so that both databases accept it: `$1` placeholders, BIGINT and TEXT,
//! times as milliseconds since 1970, flags as 0 and 1.

mod address;
mod answers;
mod audit;
mod backup;
mod clock;
mod error;
mod exports;
mod feedback;
mod imports;
mod keys;
mod migrations;
mod notices;
mod open;
mod query;
mod retention;
mod runs;
mod segments;
mod sessions;
mod turns;
mod usage;
mod verify;
mod writer;

pub use answers::AnswerRow;
pub use audit::{AuditEntry, AuditRow, AuditWanted};
pub use backup::restore;
pub use clock::now;
pub use error::StoreError;
pub use exports::{ExportRow, ExportTotal};
pub use feedback::FeedbackRow;
pub use imports::{ImportRow, MAX_IMPORTS};
pub use keys::KeyRow;
pub use migrations::SCHEMA_VERSION;
pub use notices::{CatalogRow, NoticeRow};
pub use open::Store;
pub use runs::{MAX_RUNS, Measured, RunCase, RunState, RunSummary};
pub use segments::{CountPoint, SavedSegment, SegmentRow, SegmentVersion, SegmentWrite};
pub use sessions::SessionRow;
pub use turns::{Idempotent, Replay, TurnRow, TurnWrite};
pub use verify::{AuditBreak, AuditFault, AuditVerdict};
