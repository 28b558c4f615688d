//! Gold answers: SQL over the dictionary's names, built around what a conversation file says, and what
//! came of running it.

use serde::{Deserialize, Serialize};

use super::cache::GoldCache;
use super::file::{Expect, GoldTurn};
use crate::catalog::{Band, Catalog, Dataset};
use crate::engine::{Cell, Engine, Rows};

/// The alias of a many-table's rows in the `rows` and `metric` of a conversation file.
const ROW_ALIAS: &str = "m";

/// The queries of one predicate of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSql {
    /// Columns `n` \[, `value`\] of the whole segment.
    pub total: String,
    /// Columns `k1` \[, `k2`\], `n` \[, `value`\], where groups are asked for.
    pub groups: Option<String>,
}

/// The numbers of one predicate of a turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gold {
    /// Size of the segment.
    pub count: u64,
    /// The metric over the segment, where one is asked for without groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// All groups, also those that `top` leaves out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GoldGroup>>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoldGroup {
    /// Stored values or band labels; none where missing.
    pub key: Vec<Option<String>>,
    /// How many.
    pub count: u64,
    /// The metric of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// A turn whose gold answer cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoldError {
    /// A breakdown names no column or band.
    #[error("breakdown {0} is no column, band or column of a many-table")]
    UnknownKey(String),
    /// A breakdown over two many-tables.
    #[error("breakdown over two many-tables")]
    TwoTables,
    /// The engine refused the SQL.
    #[error("gold SQL failed: {0}")]
    Failed(String),
    /// The result is not of the shape that was asked for.
    #[error("gold SQL gave no numbers")]
    Shape,
}

/// The queries of `predicate`, one of the right segments of `turn`.
///
/// # Errors
/// Where the breakdown names what the catalog lacks.
pub fn sql(turn: &GoldTurn, predicate: &str, catalog: &Catalog) -> Result<GoldSql, GoldError> {
    let entity = &catalog.entity().name;
    let filter = format!("WHERE ({}) AND ({predicate})", catalog.population);
    let value = turn.metric.as_ref().map(|m| format!(", CAST({m} AS DOUBLE) AS value")).unwrap_or_default();
    if turn.breakdown.is_empty() {
        return Ok(GoldSql { total: format!("SELECT count(*) AS n{value} FROM {entity} {filter}"), groups: None });
    }
    let total = format!("SELECT count(*) AS n FROM {entity} {filter}");
    let groups = grouped(turn, &filter, &value, catalog)?;
    Ok(GoldSql { total, groups: Some(groups) })
}

/// One of the things to group by.
enum Key<'a> {
    Column(&'a str),
    Band(&'a Band),
    OfRows(&'a Dataset, &'a str),
}

fn grouped(turn: &GoldTurn, filter: &str, value: &str, catalog: &Catalog) -> Result<String, GoldError> {
    let keys = turn.breakdown.iter().map(|name| key(name, catalog)).collect::<Result<Vec<_>, _>>()?;
    let entity = &catalog.entity().name;
    let over_rows = value.contains(&format!("{ROW_ALIAS}."));
    let mut select = Vec::new();
    let mut inner = Vec::new();
    let mut many: Option<&Dataset> = None;
    for (i, key) in keys.iter().enumerate() {
        let name = format!("k{}", i + 1);
        let expression = match key {
            Key::Column(column) => format!("{entity}.{column}"),
            Key::Band(band) => case(band, entity),
            Key::OfRows(dataset, column) => {
                if many.is_some_and(|m| m.name != dataset.name) {
                    return Err(GoldError::TwoTables);
                }
                many = Some(dataset);
                inner.push(format!("{ROW_ALIAS}.{column} AS {name}"));
                if over_rows { format!("{ROW_ALIAS}.{column}") } else { format!("gold_rows.{name}") }
            }
        };
        select.push((expression, name));
    }
    let join = many.map(|m| join(m, turn, &inner, over_rows, catalog)).unwrap_or_default();
    let count = if over_rows { format!("count(DISTINCT {entity}.{})", catalog.key()) } else { "count(*)".to_owned() };
    let columns = select.iter().map(|(e, n)| format!("{e} AS {n}")).collect::<Vec<_>>().join(", ");
    let by = select.iter().map(|(e, _)| e.as_str()).collect::<Vec<_>>().join(", ");
    Ok(format!("SELECT {columns}, {count} AS n{value} FROM {entity}{join} {filter} GROUP BY {by}"))
}

/// Joins the rows of a many-table: each pair of entity and group once, or the rows themselves where the
/// metric is over them.
fn join(many: &Dataset, turn: &GoldTurn, inner: &[String], over_rows: bool, catalog: &Catalog) -> String {
    let (entity, key) = (&catalog.entity().name, catalog.key());
    let on = many.joins_on.as_deref().unwrap_or(key);
    let rows = turn.rows.as_deref().unwrap_or("true");
    if over_rows {
        return format!(" JOIN {} {ROW_ALIAS} ON {ROW_ALIAS}.{on} = {entity}.{key} AND ({rows})", many.name);
    }
    format!(
        " JOIN (SELECT DISTINCT {ROW_ALIAS}.{on} AS gold_key, {} FROM {} {ROW_ALIAS} WHERE {rows}) gold_rows \
         ON gold_rows.gold_key = {entity}.{key}",
        inner.join(", "),
        many.name
    )
}

fn key<'a>(name: &'a str, catalog: &'a Catalog) -> Result<Key<'a>, GoldError> {
    if let Some((dataset, field)) = name.split_once('.')
        && let Some(dataset) = catalog.dataset(dataset)
    {
        return Ok(if dataset.name == catalog.entity().name {
            Key::Column(field)
        } else {
            Key::OfRows(dataset, field)
        });
    }
    if catalog.field(name).is_some() {
        return Ok(Key::Column(name));
    }
    if let Some(band) = catalog.band(name) {
        return Ok(Key::Band(band));
    }
    let many = &catalog.datasets[1..];
    many.iter()
        .find(|d| d.item.as_deref() == Some(name))
        .or_else(|| many.iter().find(|d| d.field(name).is_some()))
        .map(|dataset| Key::OfRows(dataset, name))
        .ok_or_else(|| GoldError::UnknownKey(name.to_owned()))
}

/// A band as the CASE expression that gives its labels.
fn case(band: &Band, entity: &str) -> String {
    let field = format!("{entity}.{}", band.field);
    let arms = band
        .edges
        .iter()
        .zip(&band.labels)
        .map(|(edge, label)| format!("WHEN {field} < {edge} THEN {}", quoted(label)));
    let arms = arms.collect::<Vec<_>>().join(" ");
    let last = band.labels.last().map(|label| quoted(label)).unwrap_or_default();
    format!("CASE WHEN {field} IS NULL THEN NULL {arms} ELSE {last} END")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The numbers of each right segment of `turn`; none where the turn asks for no numbers.
///
/// # Errors
/// Where the breakdown names what the catalog lacks, or the engine does not take the SQL.
pub async fn numbers(
    engine: &Engine,
    catalog: &Catalog,
    turn: &GoldTurn,
    cache: &GoldCache,
) -> Result<Vec<Gold>, GoldError> {
    let mut golds = Vec::new();
    if turn.expect != Expect::Answer {
        return Ok(golds);
    }
    for predicate in turn.predicates() {
        let sql = sql(turn, predicate, catalog)?;
        if let Some(known) = cache.get(&sql) {
            golds.push(known);
            continue;
        }
        let total = run(engine, &sql.total).await?;
        let groups = match &sql.groups {
            Some(groups) => Some(run(engine, groups).await?),
            None => None,
        };
        let gold = read(&total, groups.as_ref())?;
        cache.put(&sql, &gold);
        golds.push(gold);
    }
    Ok(golds)
}

async fn run(engine: &Engine, sql: &str) -> Result<Rows, GoldError> {
    engine.run_gold(sql).await.map_err(|e| GoldError::Failed(e.to_string()))
}

/// The numbers in the results of a turn's queries.
///
/// # Errors
/// Where the results are not of the shape that was asked for.
pub fn read(total: &Rows, groups: Option<&Rows>) -> Result<Gold, GoldError> {
    let row = total.rows.first().ok_or(GoldError::Shape)?;
    let count = row.first().and_then(whole).ok_or(GoldError::Shape)?;
    let value = row.get(1).and_then(number);
    let groups = groups.map(|rows| rows.rows.iter().map(|row| group(row, &rows.columns)).collect()).transpose()?;
    Ok(Gold { count, value, groups })
}

fn group(row: &[Cell], columns: &[String]) -> Result<GoldGroup, GoldError> {
    let at = columns.iter().position(|c| c == "n").ok_or(GoldError::Shape)?;
    let count = row.get(at).and_then(whole).ok_or(GoldError::Shape)?;
    Ok(GoldGroup { key: row[..at].iter().map(text).collect(), count, value: row.get(at + 1).and_then(number) })
}

/// A count.
pub(super) fn whole(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Int(n) => u64::try_from(*n).ok(),
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss, reason = "numbers are compared to three decimals")]
fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Int(n) => Some(*n as f64),
        Cell::Float(x) => Some(*x),
        _ => None,
    }
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Bool(b) => Some(b.to_string()),
        Cell::Int(n) => Some(n.to_string()),
        Cell::Float(x) => Some(x.to_string()),
        Cell::Text(s) => Some(s.clone()),
        Cell::Date(day) => Some(day.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_a_case_expression_that_knows_missing() {
        let band = Band {
            name: "age_band".into(),
            field: "age".into(),
            labels: vec!["young".into(), "it's old".into()],
            labels_en: Vec::new(),
            edges: vec![30.0],
            label: crate::catalog::Label::default(),
            synonyms: Vec::new(),
        };
        let expected = "CASE WHEN c.age IS NULL THEN NULL WHEN c.age < 30 THEN 'young' ELSE 'it''s old' END";
        assert_eq!(case(&band, "c"), expected);
    }

    #[test]
    fn results_become_numbers() {
        let total = Rows { columns: vec!["n".into()], rows: vec![vec![Cell::Int(7)]] };
        let groups = Rows {
            columns: vec!["k1".into(), "n".into(), "value".into()],
            rows: vec![
                vec![Cell::Null, Cell::Int(2), Cell::Float(1.5)],
                vec![Cell::Bool(true), Cell::Int(5), Cell::Null],
            ],
        };
        let gold = read(&total, Some(&groups)).unwrap();
        assert_eq!((gold.count, gold.value), (7, None));
        let groups = gold.groups.unwrap();
        assert_eq!(groups[0], GoldGroup { key: vec![None], count: 2, value: Some(1.5) });
        assert_eq!(groups[1].key, [Some("true".to_owned())]);
        assert_eq!(read(&Rows::default(), None), Err(GoldError::Shape));
    }
}
