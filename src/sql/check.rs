//! The gate for SQL that somebody wrote.
//!
//! An allow-list over the whole tree: whatever node, table, column or function is not named here is refused,
//! with where it stands. Identifiers may be joined, grouped by and counted, and never reach the output. Every
//! table that passes is replaced by its part that belongs to the population, whatever the SQL says, and every
//! SELECT over single entities is made to give only what is about enough of them (`groups`).

mod conditions;
mod expr;
mod function;
mod groups;
mod limit;
mod query;
mod recognise;
mod scope;
mod tables;
mod unfailing;
mod value;
mod witness;

use std::collections::BTreeSet;

use sqlparser::ast::{Query, SelectItem, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError, ParserOptions};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use super::ast;
use super::compile::{Compiler, exists};
use super::refusal::{SqlRefusal, Why};
use super::shape::Shape;
use super::{CheckedSql, Hides, SqlError};
use crate::catalog::{Catalog, Dataset};
use crate::segment::Expr as Segment;

/// Limits on an analyst's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Most rows that come back.
    pub max_rows: u64,
    /// Longest text, in bytes.
    pub max_length: usize,
    /// Most words and signs that are no constants or commas.
    pub max_tokens: usize,
    /// Deepest nesting.
    pub max_depth: usize,
    /// Fewest different entities that a row of the output may be about; none for the catalog's, 0 for no limit.
    pub min_group: Option<u64>,
}

/// So many refusals of one statement are told.
const MAX_REFUSALS: usize = 20;

/// Most rows that an analyst's SQL gives where nothing else is configured.
pub const DEFAULT_MAX_ROWS: u64 = 1000;

impl Default for SqlLimits {
    fn default() -> Self {
        Self { max_rows: DEFAULT_MAX_ROWS, max_length: 64 * 1024, max_tokens: 4000, max_depth: 200, min_group: None }
    }
}

/// Checks an analyst's SQL and binds it to the population and the minimum group whatever it says.
///
/// # Errors
/// What is wrong with it and where.
pub fn check(text: &str, catalog: &Catalog, limits: &SqlLimits) -> Result<CheckedSql, SqlRefusal> {
    check_all(text, catalog, limits).map_err(|mut all| all.swap_remove(0))
}

/// The same, with every fault that can be told at once: the first is that of [`check`].
///
/// # Errors
/// What is wrong with it and where; never empty.
pub fn check_all(text: &str, catalog: &Catalog, limits: &SqlLimits) -> Result<CheckedSql, Vec<SqlRefusal>> {
    let mut query = raw(text, limits).map_err(|one| vec![one])?;
    let min_group = limits.min_group.unwrap_or(catalog.min_group);
    // With a minimum of 1 nothing is small.
    let min_group = if min_group > 1 { min_group } else { 0 };
    let asked = recognise::shape(&query, catalog, (min_group, limits.max_rows));
    let mut checker = Checker::new(catalog, limits, min_group);
    if let Err(last) = checker.statement(&mut query) {
        checker.found.push(last);
    }
    let Checker { found, touched, hides, capped, .. } = checker;
    if !found.is_empty() {
        return Err(found);
    }
    let touched = touched.into_iter().collect();
    unfailing::make(&mut query);
    let capped = capped.then_some(limits.max_rows);
    let statement = CheckedSql { touched, hides, capped, ..CheckedSql::made(query, catalog) };
    let shape = asked.and_then(|a| Some(Shape::new(&a.segment, a.asks, catalog).ok()?.in_form(a.form)));
    Ok(match shape {
        Some(shape) => statement.asking(shape),
        None => statement,
    })
}

/// The one query that a text says, before anything is checked.
pub(super) fn raw(text: &str, limits: &SqlLimits) -> Result<Query, SqlRefusal> {
    parsed(tokens(text, limits)?, limits)
}

/// Checks a query whose only column is the key of entities, and gives it where it is one.
pub(super) fn keys(mut query: Query, catalog: &Catalog, limits: &SqlLimits) -> Option<CheckedSql> {
    let mut checker = Checker::new(catalog, limits, 0);
    let shape = checker.query(&mut query, None, groups::Place::Keys).ok()?;
    let one = matches!(shape.columns.as_slice(), [column] if column.key);
    (one && checker.found.is_empty()).then(|| CheckedSql::made(query, catalog))
}

/// What the walk through the tree knows.
struct Checker<'a> {
    catalog: &'a Catalog,
    limits: &'a SqlLimits,
    /// Fewest entities that a group may have; 0 for no limit.
    min_group: u64,
    depth: usize,
    /// What WITH has named so far.
    ctes: Vec<scope::Relation>,
    /// Faults after which the walk went on.
    found: Vec<SqlRefusal>,
    /// Columns of the catalog that are spoken of.
    touched: BTreeSet<String>,
    /// The outermost query whose columns the one at hand speaks of, by its depth.
    reach: usize,
    /// Calls of the SELECT at hand.
    calls: Vec<function::Call>,
    /// What the output lacks where groups are small.
    hides: Hides,
    /// Whether the limit of rows is this check's own.
    capped: bool,
}

impl<'a> Checker<'a> {
    fn new(catalog: &'a Catalog, limits: &'a SqlLimits, min_group: u64) -> Self {
        Self {
            catalog,
            limits,
            min_group,
            depth: 0,
            ctes: Vec::new(),
            found: Vec::new(),
            touched: BTreeSet::new(),
            reach: usize::MAX,
            calls: Vec::new(),
            hides: Hides::Nothing,
            capped: false,
        }
    }

    /// Keeps a fault and goes on, as long as there are few.
    fn note(&mut self, done: Result<(), SqlRefusal>) -> Result<(), SqlRefusal> {
        match done {
            Err(fault) if self.found.len() + 1 < MAX_REFUSALS => {
                self.found.push(fault);
                Ok(())
            }
            done => done,
        }
    }
}

impl Checker<'_> {
    /// One level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, SqlRefusal>) -> Result<T, SqlRefusal> {
        if self.depth >= self.limits.max_depth {
            return Err(Why::TooDeep { limit: self.limits.max_depth }.anywhere());
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    /// The rows of a table that belong to the population.
    fn restricted(&self, dataset: &Dataset) -> Result<Query, SqlError> {
        let mut compiler = Compiler::new(self.catalog);
        let (mut members, entity) = compiler.members(&Segment::All)?;
        if std::ptr::eq(dataset, self.catalog.entity()) {
            members.items = vec![everything()];
            return Ok(members.query());
        }
        let (many, key) = compiler.many(&dataset.name)?;
        members.items = vec![SelectItem::UnnamedExpr(ast::int(1))];
        members.filters.insert(0, ast::equal(entity.column(self.catalog.key()), many.column(key)));
        let filters = vec![exists(members.query(), false)];
        let rows = ast::Build { items: vec![everything()], from: Some(many.table()), filters, ..Default::default() };
        Ok(rows.query())
    }
}

/// `*`.
fn everything() -> SelectItem {
    SelectItem::Wildcard(sqlparser::ast::WildcardAdditionalOptions::default())
}

/// The words of the text, where there are not too many and none is invisible.
fn tokens(text: &str, limits: &SqlLimits) -> Result<Vec<TokenWithSpan>, SqlRefusal> {
    if text.len() > limits.max_length {
        return Err(Why::TooLong { limit: limits.max_length }.anywhere());
    }
    seen(text)?;
    let mut tokenizer = Tokenizer::new(&GenericDialect {}, text).with_unescape(false);
    let tokens = tokenizer.tokenize_with_location().map_err(|e| syntax(e.message, e.location))?;
    let weighs = |t: &&TokenWithSpan| {
        !matches!(t.token, Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_))
    };
    match tokens.iter().filter(weighs).nth(limits.max_tokens) {
        Some(token) => Err(Why::TooManyTokens { limit: limits.max_tokens }.at(token.span)),
        None => Ok(tokens),
    }
}

/// Refuses characters that hide what the text says.
fn seen(text: &str) -> Result<(), SqlRefusal> {
    let (mut line, mut column) = (1, 1);
    for c in text.chars() {
        if is_invisible(c) {
            return Err(Why::Invisible { code: u32::from(c) }.at_location(Location::new(line, column)));
        }
        if c == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += 1;
        }
    }
    Ok(())
}

/// Control characters, marks that turn the direction of writing, and spaces without width.
fn is_invisible(c: char) -> bool {
    let space = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !space)
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The one query that the words say.
fn parsed(tokens: Vec<TokenWithSpan>, limits: &SqlLimits) -> Result<Query, SqlRefusal> {
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect)
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(limits.max_depth)
        .with_tokens_with_locations(tokens);
    let mut statements = parser.parse_statements().map_err(|e| unparsed(e, limits))?;
    let count = statements.len();
    match (statements.pop(), count) {
        (Some(Statement::Query(query)), 1) => Ok(*query),
        (Some(other), 1) => Err(Why::NotSelect { what: keyword(&other) }.anywhere()),
        _ => Err(Why::NotOne { count }.anywhere()),
    }
}

/// The first word of a statement.
fn keyword(statement: &Statement) -> String {
    let text = statement.to_string();
    text.split_whitespace().next().unwrap_or("?").chars().take(20).collect()
}

fn unparsed(error: ParserError, limits: &SqlLimits) -> SqlRefusal {
    match error {
        ParserError::RecursionLimitExceeded => Why::TooDeep { limit: limits.max_depth }.anywhere(),
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            let (detail, at) = located(&text);
            syntax(detail, at)
        }
    }
}

fn syntax(detail: impl Into<String>, at: Location) -> SqlRefusal {
    Why::Syntax { detail: detail.into() }.at_location(at)
}

/// A parser's message ends in ` at Line: 1, Column: 8`.
fn located(text: &str) -> (&str, Location) {
    let Some((detail, at)) = text.rsplit_once(" at Line: ") else { return (text, Span::empty().start) };
    let numbers = at.split_once(", Column: ").and_then(|(l, c)| Some((l.parse().ok()?, c.trim().parse().ok()?)));
    numbers.map_or((text, Span::empty().start), |(line, column)| (detail, Location::new(line, column)))
}
