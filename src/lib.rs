//! Waggle answers marketers who ask for customers in words, in Korean or English: "강남 거주 아이폰 사용자
//! 연령별 통계 뽑아줘" gets a count, an age table and the SQL behind them; "이 중 넷플릭스 보는 사람" narrows
//! what was found. No model writes SQL: words become a typed segment, and Waggle compiles the segment.
//!
//! # The street
//! ```text
//! words ─translate▶ Draft ─resolve▶ Turn ─converse▶ Segment ─compile▶ CheckedSql ─run▶ Rows ─tell▶ Answer
//!           ▲                  ▲                 ▲                          ▲
//!      built-in or model    catalog        the session's tree       policy: population, read-only,
//!                                             of segments           allow-list, small groups
//! ```
//! One noun an arrow, one room a noun, and the same street for every door. A [`segment::Draft`] is what a
//! translator believes, with the words that each part came from; a [`segment::Turn`] is the same resolved
//! against the catalog.
//!
//! # The rooms
//! A room uses rooms of lower tiers only; `tests/architecture.rs` holds them to it.
//!
//! | tier | room | holds |
//! | --- | --- | --- |
//! | 0 | [`catalog`] | what can be asked: datasets, fields, values, synonyms, bands, glossary, policies |
//! | 1 | [`segment`] | the typed segment, edits, text that parses back, sentences; Draft and Turn |
//! | 2 | [`access`] | who asks, and what they may: roles, keys, tokens, row rules |
//! | 2 | [`translate`] | words to a Draft to a Turn |
//! | 2 | [`sql`] | a segment to SQL in several dialects; the check that any SQL must pass |
//! | 2 | [`session`] | the tree of turns, and saved segments |
//! | 3 | [`generate`] | the reference data, shaped by data |
//! | 3 | [`engine`] | DataFusion over Parquet files, for [`sql::CheckedSql`] only |
//! | 4 | [`answer`] | rows to counts, breakdowns, read-back and suggestions |
//! | 5 | [`store`] | what is kept: sessions, segments, exports, the audit; SQLite or PostgreSQL |
//! | 6 | [`app`] | one turn from words to an answer |
//! | 7 | [`eval`] | playing conversations and scoring them |
//! | 8 | [`http`], [`mcp`], [`cli`] | the doors |
//!
//! # From words to a count
//! ```no_run
//! use waggle::app::{App, AppConfig, AskOptions};
//! use waggle::catalog::Locale;
//! use waggle::session::Session;
//!
//! # async fn count() -> Result<(), waggle::app::AppError> {
//! let app = App::open(AppConfig::new("data".into()))?;
//! let mut session = Session::new("mine", Locale::Ko);
//! let answer = app.ask(&mut session, "강남 거주 아이폰 사용자", &AskOptions::default()).await;
//! println!("{} ({:?})", answer.reply, answer.count);
//! # Ok(())
//! # }
//! ```

pub mod access;
pub mod answer;
pub mod app;
pub mod catalog;
pub mod cli;
pub mod engine;
pub mod eval;
pub mod generate;
pub mod http;
pub mod mcp;
pub mod segment;
pub mod service;
pub mod session;
pub mod sql;
pub mod store;
pub mod translate;
