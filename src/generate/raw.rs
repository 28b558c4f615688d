//! The shapes files as they are written, before anything is checked.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde_saphyr::Spanned;

/// One file: any part of the shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// The day that the data is as of.
    pub(super) as_of: Option<Spanned<String>>,
    /// Lists of things with attributes.
    pub(super) lists: Entries<List>,
    /// Tables, the entity first.
    pub(super) tables: Entries<Table>,
}

/// A mapping in file order.
#[derive(Debug)]
pub(super) struct Entries<T>(pub(super) Vec<(Spanned<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

/// A list of things with attributes, as a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    /// Attribute of each cell of a row.
    pub(super) columns: Vec<String>,
    /// Attributes that most rows lack, and their value there.
    #[serde(default)]
    pub(super) defaults: Entries<Cell>,
    /// For attributes that are curves, where their values stand.
    #[serde(default)]
    pub(super) curves: Entries<Vec<f64>>,
    /// Rows: a cell for each column, then perhaps a mapping of further attributes.
    pub(super) rows: Vec<Spanned<Vec<Cell>>>,
}

/// A cell of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A number; true is 1.
    Number(f64),
    /// A text.
    Text(String),
    /// Values of a curve.
    Curve(Vec<f64>),
    /// Further attributes.
    More(Vec<(String, Cell)>),
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyCell;
        impl<'de> Visitor<'de> for AnyCell {
            type Value = Cell;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, a list of numbers or a mapping")
            }
            fn visit_bool<E>(self, v: bool) -> Result<Cell, E> {
                Ok(Cell::Number(f64::from(u8::from(v))))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Cell, E> {
                i32::try_from(v).map(|v| Cell::Number(f64::from(v))).map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Cell, E> {
                u32::try_from(v).map(|v| Cell::Number(f64::from(v))).map_err(E::custom)
            }
            fn visit_f64<E>(self, v: f64) -> Result<Cell, E> {
                Ok(Cell::Number(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Cell, E> {
                Ok(Cell::Text(v.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Cell::Curve(values))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                let mut more = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    more.push(entry);
                }
                Ok(Cell::More(more))
            }
        }
        deserializer.deserialize_any(AnyCell)
    }
}

/// A formula: a text, or a bare number.
#[derive(Debug, Clone)]
pub(super) struct Formula(pub(super) String);

impl<'de> Deserialize<'de> for Formula {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Cell::deserialize(deserializer)? {
            Cell::Number(n) => Ok(Self(n.to_string())),
            Cell::Text(t) => Ok(Self(t)),
            Cell::Curve(_) | Cell::More(_) => Err(de::Error::custom("a formula is a text or a number")),
        }
    }
}

/// A table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// For a many-table: which rows there are.
    #[serde(default)]
    pub(super) rows: Option<Spanned<Rows>>,
    /// Columns that identify a row of an entity; a second row with equal ones is dropped.
    #[serde(default)]
    pub(super) key: Vec<String>,
    /// All columns with a type, in the order of the file; empty where that is the order they are made.
    #[serde(default)]
    pub(super) order: Vec<String>,
    /// Columns in the order they are made. One without a type is not written.
    pub(super) columns: Entries<Column>,
}

/// Which rows of a many-table there are: for each item of a list, with some chance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    /// The list.
    pub(super) of: String,
    /// The chance that a line has the row of `item`.
    pub(super) chance: Formula,
}

/// How a column is made: a formula on its own, or a mapping.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Its type in the file; none for a column that only others use.
    pub(super) kind: Option<Storage>,
    /// Whether a value may be missing.
    pub(super) nullable: bool,
    /// The values that texts stand for.
    pub(super) values: Vec<String>,
    /// A formula.
    pub(super) is: Option<Formula>,
    /// A choice among the items of a list.
    pub(super) pick: Option<Pick>,
    /// A choice among texts, by weight.
    pub(super) choose: Option<Vec<(String, Formula)>>,
}

/// A choice among the items of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pick {
    /// The list.
    pub(super) of: String,
    /// Weight of `each` item.
    pub(super) weight: Formula,
    /// Columns that the weight depends on; all weights are worked out beforehand.
    #[serde(default)]
    pub(super) given: Option<Vec<String>>,
}

/// The type of a column in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Storage {
    /// True or false.
    Bool,
    /// 8 bits.
    Int8,
    /// 16 bits.
    Int16,
    /// 32 bits.
    Int32,
    /// 64 bits.
    Int64,
    /// Double precision.
    Float64,
    /// Text.
    String,
    /// Days since 1970-01-01.
    Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullColumn {
    #[serde(default, rename = "type")]
    kind: Option<Storage>,
    #[serde(default)]
    nullable: bool,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    is: Option<Formula>,
    #[serde(default)]
    pick: Option<Pick>,
    #[serde(default)]
    choose: Option<Entries<Formula>>,
}

impl From<FullColumn> for Column {
    fn from(full: FullColumn) -> Self {
        let choose = full.choose.map(|c| c.0.into_iter().map(|(name, f)| (name.value, f)).collect());
        let FullColumn { kind, nullable, values, is, pick, .. } = full;
        Self { kind, nullable, values, is, pick, choose }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ColumnForms;
        impl ColumnForms {
            fn formula(text: String) -> Column {
                Column { is: Some(Formula(text)), ..Column::default() }
            }
        }
        impl<'de> Visitor<'de> for ColumnForms {
            type Value = Column;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a formula or a mapping")
            }
            fn visit_i64<E>(self, v: i64) -> Result<Column, E> {
                Ok(Self::formula(v.to_string()))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Column, E> {
                Ok(Self::formula(v.to_string()))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Column, E> {
                Ok(Self::formula(v.to_string()))
            }
            fn visit_str<E>(self, v: &str) -> Result<Column, E> {
                Ok(Self::formula(v.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Column, A::Error> {
                FullColumn::deserialize(MapAccessDeserializer::new(map)).map(Column::from)
            }
        }
        deserializer.deserialize_any(ColumnForms)
    }
}
