//! Aggregates: what a function makes of the values of some rows or entities.

use std::collections::HashSet;

use super::super::Cell;
use super::column::{Column, MISSING};
use super::judge::Value;
use crate::catalog::FieldType;
use crate::segment::Func;

/// What is computed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gauge<'a> {
    pub func: Func,
    /// The field that it is computed over; none to count rows.
    pub column: Option<&'a Column>,
    /// Whether numbers with a fraction are added one after the other, as SQL does it for the rows of one entity. Else
    /// those with few decimals are added exactly, so that the sum is the same in whatever order they come.
    pub in_order: bool,
}

impl Gauge<'_> {
    fn is_float(&self) -> bool {
        self.column.is_some_and(|column| column.kind == FieldType::Float64)
    }

    /// Whether sums are of whole numbers.
    fn adds_wholes(&self) -> bool {
        !self.is_float() || (!self.in_order && self.column.is_some_and(|column| column.scale > 0.0))
    }
}

/// An aggregate in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    /// Rows.
    rows: u64,
    /// Values that are not missing.
    known: u64,
    whole: i128,
    float: f64,
    low: u64,
    high: u64,
    codes: Vec<u64>,
    different: Option<HashSet<u64>>,
}

/// So many codes are looked through one by one for a new one.
const SMALL: usize = 16;

impl Sum {
    /// Adds a row; `code` is that of its value.
    #[inline]
    pub(super) fn add(&mut self, gauge: &Gauge<'_>, code: Option<u64>) {
        self.rows += 1;
        let (Some(code), Some(column)) = (code.filter(|code| *code != MISSING), gauge.column) else { return };
        self.known += 1;
        match gauge.func {
            Func::Count => {}
            Func::Sum | Func::Avg if gauge.adds_wholes() => self.whole += i128::from(column.whole(code)),
            Func::Sum | Func::Avg => self.float += column.number(code),
            Func::Min => self.low = if self.known == 1 { code } else { self.low.min(code) },
            Func::Max => self.high = self.high.max(code),
            Func::Median => self.codes.push(code),
            Func::CountDistinct => self.differ(code),
        }
    }

    fn differ(&mut self, code: u64) {
        if let Some(different) = &mut self.different {
            different.insert(code);
        } else if !self.codes.contains(&code) {
            self.codes.push(code);
            if self.codes.len() > SMALL {
                self.different = Some(self.codes.drain(..).collect());
            }
        }
    }

    /// Adds what another thread has made.
    pub(super) fn merge(&mut self, gauge: &Gauge<'_>, other: Self) {
        self.low = match (self.known, other.known) {
            (0, _) => other.low,
            (_, 0) => self.low,
            _ => self.low.min(other.low),
        };
        self.rows += other.rows;
        self.known += other.known;
        self.whole += other.whole;
        self.float += other.float;
        self.high = self.high.max(other.high);
        if gauge.func == Func::CountDistinct {
            other.codes.into_iter().for_each(|code| self.differ(code));
            other.different.into_iter().for_each(|set| set.into_iter().for_each(|code| self.differ(code)));
        } else {
            self.codes.extend(other.codes);
        }
    }

    /// Starts anew.
    pub(super) fn clear(&mut self) {
        self.codes.clear();
        let codes = std::mem::take(&mut self.codes);
        *self = Self { codes, ..Self::default() };
    }

    /// The value, of all but the median.
    pub(super) fn value<'c>(&self, gauge: &Gauge<'c>) -> Value<'c> {
        let count = |number: usize| Value::Whole(i64::try_from(number).unwrap_or(i64::MAX));
        match (gauge.func, gauge.column) {
            (Func::Count, None) => count(self.rows as usize),
            (Func::Count, Some(_)) => count(self.known as usize),
            (Func::CountDistinct, _) => count(self.different.as_ref().map_or(self.codes.len(), HashSet::len)),
            (_, None) | (Func::Median, _) => Value::Missing,
            (_, Some(_)) if self.known == 0 => Value::Missing,
            (Func::Sum, Some(column)) if gauge.is_float() => Value::Float(self.float_sum(gauge, column)),
            // As SQL has it: the low 64 bits.
            (Func::Sum, Some(_)) => Value::Whole(self.whole as i64),
            (Func::Avg, Some(column)) => Value::Float(self.float_sum(gauge, column) / self.known as f64),
            (Func::Min, Some(column)) => column.value(self.low),
            (Func::Max, Some(column)) => column.value(self.high),
        }
    }

    fn float_sum(&self, gauge: &Gauge<'_>, column: &Column) -> f64 {
        match (gauge.adds_wholes(), column.scale > 0.0) {
            (true, true) => self.whole as f64 / column.scale,
            (true, false) => self.whole as f64,
            (false, _) => self.float,
        }
    }

    /// The value as a result has it.
    pub(super) fn cell(mut self, gauge: &Gauge<'_>) -> Cell {
        match (gauge.func, gauge.column) {
            (Func::Median, Some(column)) => self.median(column),
            _ => self.value(gauge).cell(),
        }
    }

    fn median(&mut self, column: &Column) -> Cell {
        let at = self.codes.len() / 2;
        if self.codes.is_empty() {
            return Cell::Null;
        }
        let even = self.codes.len().is_multiple_of(2);
        let (low, high, _) = self.codes.select_nth_unstable(at);
        let high = column.number(*high);
        match low.iter().max().filter(|_| even) {
            Some(low) => Cell::Float(f64::midpoint(column.number(*low), high)),
            None => Cell::Float(high),
        }
    }
}
