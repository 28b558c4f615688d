//! SQL: a segment becomes a sqlparser AST and then text, in any of several dialects, and an analyst's own
//! SQL is checked against the catalog before anything runs it.
//!
//! Values never touch text: a literal is an AST node, and sqlparser quotes it. The population is part of
//! every statement that leaves here. This room knows nothing of translators, files or engines.
//!
//! - [`count`], [`breakdown`], [`metric`], [`keys`], [`rows`]: what a segment is asked.
//! - [`check`]: the gate for SQL that somebody wrote.
//! - [`CheckedSql`]: the only thing an engine takes; nobody else can make one.

mod ast;
mod check;
mod compile;
mod dialects;
mod error;
mod group;
mod lines;
mod names;
mod rank;
mod refusal;
mod shape;
mod statement;
mod total;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{Query, SelectItem, SetExpr, visit_relations};

use crate::catalog::{Catalog, Dataset, Sensitivity};

pub use check::{DEFAULT_MAX_ROWS, SqlLimits, check, check_all};
pub use dialects::{Dialect, UnknownDialect};
pub use error::SqlError;
pub use group::breakdown;
pub use lines::{apart, lines};
pub use refusal::{SqlRefusal, Why};
pub use shape::{Asks, Form, FormColumn, FormOrder, GroupKey, Groups, Shape, rank_share, sample_place};
pub(crate) use statement::holders;
pub use statement::{HELD_OUT, RowColumns, count, keys, metric, rows};

/// A statement that passed: read-only, over the catalog's tables, restricted to the population. Only this
/// room makes one, and the engine runs nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedSql {
    query: Query,
    text: String,
    tables: Vec<String>,
    columns: Vec<String>,
    touched: Vec<String>,
    hides: Hides,
    capped: Option<u64>,
    shape: Option<Arc<Shape>>,
}

/// What a statement's output lacks where groups are small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hides {
    /// Nothing.
    Nothing,
    /// Rows, or values that are missing then.
    Parts,
    /// Its only row.
    Whole,
}

impl CheckedSql {
    /// Wraps a query that this room has made or checked.
    fn made(query: Query, catalog: &Catalog) -> Self {
        let tables = tables_of(&query, catalog);
        let columns = columns_of(&query);
        let text = query.to_string();
        Self { query, text, tables, columns, touched: Vec::new(), hides: Hides::Nothing, capped: None, shape: None }
    }

    /// The same with what it asks beside it.
    fn asking(self, shape: Shape) -> Self {
        Self { shape: Some(Arc::new(shape)), ..self }
    }

    /// The statement in DataFusion's dialect.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The statement in another dialect.
    ///
    /// # Errors
    /// Where the dialect has no way to say it.
    pub fn dialect(&self, dialect: Dialect) -> Result<String, SqlError> {
        dialects::print(&self.query, dialect)
    }

    /// Catalog tables that it reads, sorted.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// Names of its output columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Columns of the catalog that an analyst's SQL speaks of, as `table.column`, sorted; none for what Waggle
    /// made itself.
    #[must_use]
    pub fn touched(&self) -> &[String] {
        &self.touched
    }

    /// What the output lacks where groups are small.
    #[must_use]
    pub fn hides(&self) -> Hides {
        self.hides
    }

    /// What it asks, where it is known to be a question about a segment.
    #[must_use]
    pub fn shape(&self) -> Option<&Arc<Shape>> {
        self.shape.as_ref()
    }

    /// Whether its one column is computed from a count, whatever it counts.
    #[must_use]
    pub fn is_count(&self) -> bool {
        lines::is_count(&self.query)
    }

    /// The most rows that come, where the check has set that limit itself: so many may be cut short.
    #[must_use]
    pub fn capped(&self) -> Option<u64> {
        self.capped
    }
}

fn tables_of(query: &Query, catalog: &Catalog) -> Vec<String> {
    let mut tables = BTreeSet::new();
    let _: ControlFlow<()> = visit_relations(query, |name| {
        let parts = name.0.iter().filter_map(|part| part.as_ident());
        tables.extend(parts.map(|ident| ident.value.clone()).filter(|name| catalog.dataset(name).is_some()));
        ControlFlow::Continue(())
    });
    tables.into_iter().collect()
}

fn columns_of(query: &Query) -> Vec<String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return Vec::new() };
    select.projection.iter().map(column_name).collect()
}

fn column_name(item: &SelectItem) -> String {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        SelectItem::UnnamedExpr(sqlparser::ast::Expr::CompoundIdentifier(parts)) => {
            parts.last().map(|p| p.value.clone()).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// Whether a field tells who somebody is: marked so, the entity's key, or a row's own number.
fn is_identifier(dataset: &Dataset, field: &str) -> bool {
    dataset.field(field).is_some_and(|f| f.sensitivity == Sensitivity::Identifier)
        || dataset.joins_on.as_deref() == Some(field)
        || matches!(dataset.primary_key.as_slice(), [key] if key == field)
}
