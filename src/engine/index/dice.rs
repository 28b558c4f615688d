//! Constants that the data has, for questions made at random.

use super::judge::Value;
use super::{Index, column::Column};
use crate::segment::{DateSpec, Literal};
use datafusion::arrow::datatypes::Date32Type;

/// Random numbers that are the same for the same seed (splitmix64).
#[derive(Debug)]
pub(crate) struct Dice(pub u64);

impl Dice {
    /// A number below `bound`; 0 where that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)).checked_rem(bound).unwrap_or_default()
    }
}

impl Index {
    /// A value that some row has in a field; none where the index lacks it or the row does.
    pub(crate) fn value(&self, table: &str, field: &str, dice: &mut Dice) -> Option<Literal> {
        let of = |column: &Column| {
            let rows = column.codes.len() as u64;
            // A few tries past the missing.
            (0..8).filter(|_| rows > 0).find_map(|_| literal(column.value(column.codes.at(dice.below(rows) as usize))))
        };
        match self.many(table) {
            Ok(many) => many.field(field).ok().map(|field| &field.column).and_then(of),
            Err(_) => self.field(field).ok().and_then(of),
        }
    }
}

fn literal(value: Value<'_>) -> Option<Literal> {
    match value {
        Value::Whole(whole) => Some(Literal::Int(whole)),
        Value::Float(number) => Some(Literal::Float(number)),
        Value::Text(text) => Some(Literal::Text(text.to_owned())),
        Value::Day(days) => Date32Type::to_naive_date_opt(days).map(|day| Literal::Date(DateSpec::On(day))),
        Value::Missing | Value::Bool(_) => None,
    }
}
