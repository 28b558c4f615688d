//! The gate.
use super::{CheckedSql, SqlRefusal};
use crate::catalog::Catalog;
/// Limits on an analyst's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Most rows that come back.
    pub max_rows: u64,
}
/// Checks.
///
/// # Errors
/// x
pub fn check(_text: &str, _catalog: &Catalog, _limits: &SqlLimits) -> Result<CheckedSql, SqlRefusal> {
    unimplemented!()
}
