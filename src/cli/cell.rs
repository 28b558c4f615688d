//! Cells of a result as text and as JSON.

use serde_json::{Value, json};

use crate::engine::Cell;

/// A cell as text; nothing where missing.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(b) => b.to_string(),
        Cell::Int(n) => n.to_string(),
        Cell::Float(x) => x.to_string(),
        Cell::Text(s) => s.clone(),
        Cell::Date(day) => day.to_string(),
    }
}

/// A cell as JSON.
pub(super) fn json(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(b) => json!(b),
        Cell::Int(n) => json!(n),
        Cell::Float(x) => json!(x),
        Cell::Text(_) | Cell::Date(_) => json!(text(cell)),
    }
}
