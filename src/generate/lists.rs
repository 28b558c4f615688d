//! The lists of the shapes: things with attributes, held as arrays by attribute.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::fault::Problem;
use super::node::line;
use super::number::{index, real};
use super::random::name_key;
use super::raw::{self, Cell};

/// A set of text values; a text is held as its position.
pub(super) type Texts = Arc<[String]>;

/// An attribute of the items of a list.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    /// A number an item.
    Number(Arc<[f64]>),
    /// A text an item, as a code.
    Text(Arc<[f64]>, Texts),
    /// A curve an item, at whole steps from `from`.
    Curve { values: Arc<[f64]>, width: usize, from: f64 },
}

/// A list.
#[derive(Debug)]
pub(super) struct List {
    /// Its name.
    pub(super) name: String,
    /// How many items.
    pub(super) len: usize,
    /// Key of chance of each item: from its texts, so that further items change nothing.
    pub(super) keys: Vec<u64>,
    attributes: HashMap<String, Attribute>,
}

impl List {
    /// An attribute by name.
    pub(super) fn attribute(&self, name: &str) -> Result<&Attribute, Problem> {
        self.attributes.get(name).ok_or_else(|| Problem::UnknownAttribute(self.name.clone(), name.to_owned()))
    }

    /// The list as written, checked. Faults come with their line.
    pub(super) fn new(name: &str, line: u64, raw: &raw::List) -> Result<Self, (u64, Problem)> {
        let mut cells: BTreeMap<&str, Vec<Cell>> = BTreeMap::new();
        for row in &raw.rows {
            let at = row.referenced.line();
            for (column, cell) in full_row(raw, &row.value).map_err(|p| (at, p))? {
                cells.entry(column).or_default().push(cell);
            }
        }
        let len = raw.rows.len();
        let mut attributes = HashMap::new();
        for (column, cells) in cells {
            let made = attribute(raw, column, cells, len).map_err(|p| (line, p))?;
            attributes.insert(column.to_owned(), made);
        }
        Ok(Self { name: name.to_owned(), len, keys: keys(raw), attributes })
    }
}

fn keys(raw: &raw::List) -> Vec<u64> {
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let texts = |row: &[Cell]| {
        let texts: Vec<&str> =
            row.iter().filter_map(|c| if let Cell::Text(t) = c { Some(t.as_str()) } else { None }).collect();
        name_key(&texts)
    };
    let mut key_of = |row: &[Cell]| {
        let key = texts(row);
        let count = seen.entry(key).or_default();
        *count += 1;
        key.wrapping_add(*count)
    };
    raw.rows.iter().map(|row| key_of(&row.value)).collect()
}

/// All attributes of one row: its cells, what follows them, and defaults.
fn full_row<'a>(raw: &'a raw::List, row: &[Cell]) -> Result<Vec<(&'a str, Cell)>, Problem> {
    let (row, more): (&[Cell], &[(String, Cell)]) = match row {
        [cells @ .., Cell::More(more)] => (cells, more),
        cells => (cells, &[]),
    };
    if row.len() != raw.columns.len() {
        return Err(Problem::RowLength(row.len(), raw.columns.len()));
    }
    let mut full: Vec<(&str, Cell)> = raw.columns.iter().map(String::as_str).zip(row.iter().cloned()).collect();
    for (name, default) in &raw.defaults.0 {
        let own = more.iter().find(|(n, _)| *n == name.value).map_or(default, |(_, cell)| cell);
        full.push((&name.value, own.clone()));
    }
    let known = |name: &String| raw.defaults.0.iter().any(|(n, _)| n.value == *name);
    match more.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(Problem::Missing(name.clone())),
        None => Ok(full),
    }
}

fn attribute(raw: &raw::List, name: &str, cells: Vec<Cell>, len: usize) -> Result<Attribute, Problem> {
    let wrong = || Problem::AttributeType(name.to_owned());
    if cells.len() != len {
        return Err(Problem::Twice(name.to_owned()));
    }
    match cells.first() {
        Some(Cell::Text(_)) => {
            let text = |cell| if let Cell::Text(t) = cell { Ok(t) } else { Err(wrong()) };
            texts(&cells.into_iter().map(text).collect::<Result<Vec<_>, _>>()?)
        }
        Some(Cell::Curve(_)) => {
            let knots = raw.curves.0.iter().find(|(n, _)| n.value == name).map(|(_, k)| k.as_slice());
            curve(knots.ok_or_else(|| Problem::Curve(name.to_owned()))?, &cells).ok_or_else(wrong)
        }
        _ => {
            let number = |cell: &Cell| if let Cell::Number(n) = cell { Ok(*n) } else { Err(wrong()) };
            Ok(Attribute::Number(cells.iter().map(number).collect::<Result<_, _>>()?))
        }
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the arms of its caller are alike")]
fn texts(cells: &[String]) -> Result<Attribute, Problem> {
    let mut values: Vec<String> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let codes = cells.iter().map(|text| {
        let position = *positions.entry(text).or_insert_with(|| {
            values.push(text.clone());
            values.len() - 1
        });
        real(position)
    });
    let codes = codes.collect();
    Ok(Attribute::Text(codes, values.into()))
}

fn curve(knots: &[f64], cells: &[Cell]) -> Option<Attribute> {
    let (first, last) = (*knots.first()?, *knots.last()?);
    let width = index(last - first) + 1;
    let mut values = Vec::with_capacity(width * cells.len());
    for cell in cells {
        let Cell::Curve(heights) = cell else { return None };
        if heights.len() != knots.len() {
            return None;
        }
        let points: Vec<(f64, f64)> = knots.iter().copied().zip(heights.iter().copied()).collect();
        values.extend((0..width).map(|step| line(&points, first + real(step))));
    }
    Some(Attribute::Curve { values: values.into(), width, from: first })
}

/// All lists, and the day that the data is as of.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// The lists.
    pub(super) all: Vec<List>,
    /// The day, counted from 1970-01-01.
    pub(super) as_of: f64,
}

impl Lists {
    /// The position of a list.
    pub(super) fn find(&self, name: &str) -> Result<usize, Problem> {
        self.all.iter().position(|l| l.name == name).ok_or_else(|| Problem::UnknownList(name.to_owned()))
    }
}
