//! What the store keeps: one suite, run on SQLite and, where it can be started, on PostgreSQL.

mod bed;
mod cases;
mod files;
mod together;
