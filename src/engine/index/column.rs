//! A field as codes. Code 0 is missing; the others are in the order of the values they stand for, so that a
//! comparison is a range of codes.

use std::cmp::Ordering;

use datafusion::arrow::buffer::{Buffer, ScalarBuffer};

use super::codes::{CodeSet, Codes};
use super::judge::{Against, Check, Value};
use crate::catalog::FieldType;

/// The code of a missing value.
pub(super) const MISSING: u64 = 0;

/// One field.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub kind: FieldType,
    pub codes: Codes,
    pub decode: Decode,
    /// Whole numbers are divided by it, where they stand for numbers with few decimals; 0 where they do not.
    pub scale: f64,
    /// The largest code.
    pub last: u64,
}

/// What codes from 1 on stand for.
#[derive(Debug, Clone)]
pub(super) enum Decode {
    /// Whole numbers from this one on.
    From(i64),
    /// These whole numbers, ascending.
    Wholes(ScalarBuffer<i64>),
    /// These numbers, ascending.
    Floats(ScalarBuffer<f64>),
    /// These texts, ascending by their bytes: where each begins, and all of them.
    Texts(ScalarBuffer<u64>, Buffer),
    /// The number itself, its bits put in order.
    Bits,
}

/// Bits of a number in the order of IEEE 754 (−0.0 before 0.0).
pub(super) fn float_bits(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn float_of(bits: u64) -> f64 {
    f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits })
}

/// Bits of a whole number in its order; that of the smallest is [`MISSING`].
pub(super) fn whole_bits(number: i64) -> u64 {
    number.cast_unsigned() ^ 1 << 63
}

impl Column {
    /// What a code stands for.
    pub(super) fn value(&self, code: u64) -> Value<'_> {
        if code == MISSING {
            return Value::Missing;
        }
        match &self.decode {
            Decode::Texts(starts, bytes) => {
                let at = code as usize;
                let text = bytes.get(starts[at - 1] as usize..starts[at] as usize).unwrap_or_default();
                Value::Text(std::str::from_utf8(text).unwrap_or_default())
            }
            Decode::Floats(_) => Value::Float(self.number(code)),
            _ if self.kind == FieldType::Float64 => Value::Float(self.number(code)),
            _ => match (self.whole(code), self.kind) {
                (whole, FieldType::Bool) => Value::Bool(whole == 1),
                (whole, FieldType::Date) => Value::Day(i32::try_from(whole).unwrap_or_default()),
                (whole, _) => Value::Whole(whole),
            },
        }
    }

    /// The whole number that a code stands for; 0 where it stands for something else.
    #[inline]
    pub(super) fn whole(&self, code: u64) -> i64 {
        match &self.decode {
            Decode::From(first) => first.wrapping_add((code - 1).cast_signed()),
            Decode::Wholes(numbers) => numbers[code as usize - 1],
            Decode::Bits => (code ^ 1 << 63).cast_signed(),
            Decode::Floats(_) | Decode::Texts(..) => 0,
        }
    }

    /// The number that a code stands for; 0 where it stands for something else.
    #[inline]
    pub(super) fn number(&self, code: u64) -> f64 {
        match &self.decode {
            Decode::Floats(numbers) => numbers[code as usize - 1],
            Decode::Bits if self.kind == FieldType::Float64 => float_of(code),
            _ if self.scale > 0.0 => self.whole(code) as f64 / self.scale,
            _ => self.whole(code) as f64,
        }
    }

    /// The codes of the values that pass a check.
    pub(super) fn passing(&self, check: &Check) -> CodeSet {
        let last = self.last;
        // The first code whose value is not less, and the first whose value is greater.
        let from = |against: &Against| self.from(against);
        let past = |against: &Against| self.first(|order| order == Ordering::Greater, against);
        let equal = |against: &Against| (from(against), past(against).saturating_sub(1));
        let ranges = match check {
            Check::Missing => vec![(MISSING, MISSING)],
            Check::True => vec![(2, last)],
            Check::Eq(v) => vec![equal(v)],
            Check::Ne(v) => return CodeSet::new(vec![equal(v)], last).opposite(last),
            Check::Lt(v) => vec![(1, from(v).saturating_sub(1))],
            Check::Le(v) => vec![(1, past(v).saturating_sub(1))],
            Check::Gt(v) => vec![(past(v), last)],
            Check::Ge(v) => vec![(from(v), last)],
            Check::Between(low, high) => vec![(from(low), past(high).saturating_sub(1))],
            Check::In(values) => values.iter().map(equal).collect(),
        };
        // A bool that is never true, or a column of nothing but missing values.
        CodeSet::new(ranges.into_iter().filter(|(low, high)| low <= high && *low <= last).collect(), last)
    }

    /// The first code whose value is not less than a constant.
    pub(super) fn from(&self, against: &Against) -> u64 {
        self.first(|order| order != Ordering::Less, against)
    }

    /// The first code from 1 on whose value stands so to a constant; one past the last where none does.
    fn first(&self, stands: impl Fn(Ordering) -> bool, against: &Against) -> u64 {
        let (mut low, mut high) = (1_u64, self.last);
        while low <= high {
            let middle = low + (high - low) / 2;
            if self.value(middle).order(against).is_some_and(&stands) {
                high = middle - 1;
            } else if middle == u64::MAX {
                return middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let decode = match &self.decode {
            Decode::Wholes(numbers) => numbers.len() * 8,
            Decode::Floats(numbers) => numbers.len() * 8,
            Decode::Texts(starts, bytes) => starts.len() * 8 + bytes.len(),
            Decode::From(_) | Decode::Bits => 0,
        };
        self.codes.bytes() + decode
    }
}
