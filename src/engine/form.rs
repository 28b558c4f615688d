//! The rows of an index in the form in which somebody's own SQL asks for them.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};

use super::{Cell, EngineError, Output, Rows};
use crate::sql::{Asks, Form, FormOrder, GroupKey, Shape};

/// The rows in the form that a shape asks for.
pub(super) fn shaped(rows: Rows, shape: &Shape) -> Rows {
    let Some(form) = shape.form() else { return rows };
    let size = rows.columns.len() - 1;
    let shown = |row: &Vec<Cell>| match row.get(size) {
        Some(Cell::Int(size)) => *size == 0 || size.unsigned_abs() >= form.least,
        _ => false,
    };
    let picked = |row: Vec<Cell>| -> Vec<Cell> {
        form.columns.iter().map(|column| row.get(column.key.unwrap_or(size)).cloned().unwrap_or(Cell::Null)).collect()
    };
    let mut picked: Vec<Vec<Cell>> = rows.rows.into_iter().filter(shown).map(picked).collect();
    picked.sort_by(|a, b| ordered(a, b, &form.order));
    picked.truncate(usize::try_from(form.rows).unwrap_or(usize::MAX));
    Rows { columns: form.columns.iter().map(|column| column.name.clone()).collect(), rows: picked }
}

fn ordered(a: &[Cell], b: &[Cell], order: &[FormOrder]) -> Ordering {
    let by = |by: &FormOrder| match (&a[by.column], &b[by.column]) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) if by.missing_first => Ordering::Less,
        (Cell::Null, _) => Ordering::Greater,
        (_, Cell::Null) if by.missing_first => Ordering::Greater,
        (_, Cell::Null) => Ordering::Less,
        (a, b) if by.descending => compared(b, a),
        (a, b) => compared(a, b),
    };
    order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn compared(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => a.cmp(b),
        (Cell::Float(a), Cell::Float(b)) => a.total_cmp(b),
        (Cell::Text(a), Cell::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Cell::Date(a), Cell::Date(b)) => a.cmp(b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

/// Rows that have been given a form, as a result with the types of the statement: those of the entity's table, whose
/// schema is `table`.
pub(super) fn output(rows: &Rows, shape: &Shape, form: &Form, table: &Schema) -> Result<Output, EngineError> {
    let kinds = form.columns.iter().map(|column| kind(column.key, shape, table));
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for (at, (name, kind)) in rows.columns.iter().zip(kinds).enumerate() {
        let cells = rows.rows.iter().map(|row| &row[at]);
        arrays.push(cast(&array(&kind, cells), &kind)?);
        fields.push(Field::new(name, kind, form.columns[at].key.is_some()));
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Output::new(schema, vec![batch]))
}

fn kind(key: Option<usize>, shape: &Shape, table: &Schema) -> DataType {
    let Asks::Groups(groups) = shape.asks() else { return DataType::Int64 };
    match key.and_then(|key| groups.keys.get(key)) {
        Some(GroupKey::Field(name)) => table.field_with_name(name).map_or(DataType::Utf8, |f| f.data_type().clone()),
        Some(GroupKey::Band(_) | GroupKey::Row { .. }) => DataType::Utf8,
        None => DataType::Int64,
    }
}

fn array<'a>(kind: &DataType, cells: impl Iterator<Item = &'a Cell>) -> ArrayRef {
    let whole = |cell: &Cell| if let Cell::Int(whole) = cell { Some(*whole) } else { None };
    let number = |cell: &Cell| if let Cell::Float(number) = cell { Some(*number) } else { None };
    let truth = |cell: &Cell| if let Cell::Bool(truth) = cell { Some(*truth) } else { None };
    let day = |cell: &Cell| if let Cell::Date(day) = cell { Some(Date32Type::from_naive_date(*day)) } else { None };
    match kind {
        kind if kind.is_integer() => Arc::new(cells.map(whole).collect::<Int64Array>()),
        kind if kind.is_floating() => Arc::new(cells.map(number).collect::<Float64Array>()),
        DataType::Boolean => Arc::new(cells.map(truth).collect::<BooleanArray>()),
        DataType::Date32 => Arc::new(cells.map(day).collect::<Date32Array>()),
        _ => {
            let text = |cell: &'a Cell| if let Cell::Text(text) = cell { Some(text.as_str()) } else { None };
            Arc::new(cells.map(text).collect::<StringArray>())
        }
    }
}
