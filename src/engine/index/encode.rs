//! Columns as they were read become codes: as narrow as they can be, in the order of the values.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use datafusion::arrow::buffer::Buffer;

use super::codes::Codes;
use super::column::{Column, Decode, MISSING, float_bits, whole_bits};
use super::source::{NO_TEXT, Raw, Values};
use crate::catalog::FieldType;

/// Most different values that a dictionary of numbers has.
const MAX_DICTIONARY: usize = u16::MAX as usize;

/// Numbers with a fraction that are whole ones divided by one of these are kept as those.
const SCALES: [f64; 5] = [1.0, 10.0, 100.0, 1000.0, 10_000.0];

/// Whole numbers up to this one are exact as numbers with a fraction.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The column, its rows in `order` where there is one; none where it holds what codes cannot stand for: NaN, −0.0 and
/// the smallest whole number.
pub(super) fn encode(raw: Raw, kind: FieldType, order: Option<&[u32]>) -> Option<Column> {
    let missing = raw.missing.as_deref();
    match raw.values {
        Values::Texts(codes, texts) => Some(of_texts(&codes, &texts, order)),
        Values::Narrow(values) => {
            let value = |place: usize| i64::from(values[place]);
            wholes(&Wholes { rows: values.len(), value, missing, order, kind, scale: 0.0 })
        }
        Values::Wide(values) => {
            let value = |place: usize| values[place];
            wholes(&Wholes { rows: values.len(), value, missing, order, kind, scale: 0.0 })
        }
        Values::Floats(values) => floats(values, missing, order),
    }
}

/// Codes of the least width that holds `last`.
fn codes(rows: usize, order: Option<&[u32]>, last: u64, code: impl Fn(usize) -> u64) -> Codes {
    fn made<T: TryFrom<u64> + Default>(rows: usize, order: Option<&[u32]>, code: impl Fn(usize) -> u64) -> Vec<T> {
        let narrow = |place: usize| T::try_from(code(place)).unwrap_or_default();
        match order {
            None => (0..rows).map(narrow).collect(),
            Some(order) => order.iter().map(|place| narrow(*place as usize)).collect(),
        }
    }
    match last {
        0..=0xFF => Codes::One(made::<u8>(rows, order, code).into()),
        0x100..=0xFFFF => Codes::Two(made::<u16>(rows, order, code).into()),
        0x1_0000..=0xFFFF_FFFF => Codes::Four(made::<u32>(rows, order, code).into()),
        _ => Codes::Eight(made::<u64>(rows, order, code).into()),
    }
}

fn of_texts(values: &[u32], texts: &[String], order: Option<&[u32]>) -> Column {
    let mut sorted: Vec<u32> = (0..texts.len() as u32).collect();
    sorted.sort_unstable_by(|a, b| texts[*a as usize].as_bytes().cmp(texts[*b as usize].as_bytes()));
    let mut map = vec![MISSING; texts.len()];
    let (mut starts, mut bytes) = (vec![0_u64], Vec::new());
    for (code, old) in (1..).zip(&sorted) {
        map[*old as usize] = code;
        bytes.extend_from_slice(texts[*old as usize].as_bytes());
        starts.push(bytes.len() as u64);
    }
    let last = texts.len() as u64;
    let code = |place: usize| if values[place] == NO_TEXT { MISSING } else { map[values[place] as usize] };
    Column {
        kind: FieldType::String,
        codes: codes(values.len(), order, last, code),
        decode: Decode::Texts(starts.into(), Buffer::from_vec(bytes)),
        scale: 0.0,
        last,
    }
}

/// Whole numbers: how many, each by its place, and which are missing.
struct Wholes<'a, V> {
    rows: usize,
    value: V,
    missing: Option<&'a [bool]>,
    order: Option<&'a [u32]>,
    kind: FieldType,
    scale: f64,
}

impl<V: Fn(usize) -> i64> Wholes<'_, V> {
    fn is_missing(&self, place: usize) -> bool {
        self.missing.is_some_and(|missing| missing[place])
    }

    /// How many rows come to lie in the column.
    fn places(&self) -> usize {
        self.order.map_or(self.rows, <[u32]>::len)
    }

    fn known(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.rows).filter(|place| !self.is_missing(*place)).map(|place| (self.value)(place))
    }

    /// The column of what its codes stand for, the largest, and the code of each value.
    fn column(&self, decode: Decode, last: u64, code: impl Fn(i64) -> u64) -> Column {
        let code = |place| if self.is_missing(place) { MISSING } else { code((self.value)(place)) };
        self.coded(codes(self.rows, self.order, last, code), decode, last)
    }

    fn coded(&self, codes: Codes, decode: Decode, last: u64) -> Column {
        Column { kind: self.kind, codes, decode, scale: self.scale, last }
    }

    /// Whether they follow each other, each one more than the one before it.
    fn follow(&self, low: i64) -> bool {
        let place = |at: usize| self.order.map_or(at, |order| order[at] as usize);
        let next = |at: usize| low.checked_add(i64::try_from(at).ok()?);
        (0..self.places()).all(|at| !self.is_missing(place(at)) && Some((self.value)(place(at))) == next(at))
    }

    fn plain(&self, low: i64, span: i128) -> Column {
        let last = u64::try_from(span).unwrap_or(u64::MAX);
        if self.follow(low) {
            return self.coded(Codes::Row(self.places()), Decode::From(low), last);
        }
        self.column(Decode::From(low), last, |v| v.wrapping_sub(low).cast_unsigned() + 1)
    }

    /// Bytes of all codes, where there are so many different ones.
    fn bytes(&self, codes: i128) -> usize {
        let width = [1, 2, 4].into_iter().find(|bytes| codes < 1_i128 << (8 * bytes)).unwrap_or(8);
        width * self.places()
    }
}

fn wholes<V: Fn(usize) -> i64>(of: &Wholes<'_, V>) -> Option<Column> {
    let (low, high) = of.known().fold((i64::MAX, i64::MIN), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return Some(of.column(Decode::From(0), 0, |_| MISSING));
    }
    if low == i64::MIN {
        return None;
    }
    if of.kind == FieldType::Bool {
        return Some(of.column(Decode::From(0), 2, |v| v.cast_unsigned() + 1));
    }
    let span = i128::from(high) - i128::from(low) + 1;
    if span <= 0xFF {
        return Some(of.plain(low, span));
    }
    if let Some(list) = dictionary(of.known(), low, span)
        && of.bytes(list.len() as i128) + list.len() * size_of::<i64>() < of.bytes(span)
    {
        let last = list.len() as u64;
        let found = Found::of(&list, span);
        return Some(of.column(Decode::Wholes(list.into()), last, |v| found.code(v)));
    }
    if span <= 0xFFFF_FFFF {
        return Some(of.plain(low, span));
    }
    (of.scale == 0.0).then(|| of.column(Decode::Bits, u64::MAX, whole_bits))
}

/// The different values, ascending, where they are few.
fn dictionary(known: impl Iterator<Item = i64>, low: i64, span: i128) -> Option<Vec<i64>> {
    if span <= 1 << 24 {
        let mut seen = vec![false; usize::try_from(span).ok()?];
        known.for_each(|v| seen[v.wrapping_sub(low) as usize] = true);
        let list: Vec<i64> = seen.iter().enumerate().filter(|(_, s)| **s).map(|(at, _)| low + at as i64).collect();
        return (list.len() <= MAX_DICTIONARY).then_some(list);
    }
    let mut seen: HashSet<i64, Quick> = HashSet::default();
    for v in known {
        if seen.insert(v) && seen.len() > MAX_DICTIONARY {
            return None;
        }
    }
    let mut list: Vec<i64> = seen.into_iter().collect();
    list.sort_unstable();
    Some(list)
}

/// The code of each value of a dictionary.
enum Found {
    Table(i64, Vec<u16>),
    Map(HashMap<i64, u16, Quick>),
}

impl Found {
    fn of(list: &[i64], span: i128) -> Self {
        let coded = || (1_u16..).zip(list);
        if span <= 1 << 24 {
            let low = list[0];
            let mut table = vec![0; usize::try_from(span).unwrap_or_default()];
            coded().for_each(|(code, v)| table[v.wrapping_sub(low) as usize] = code);
            return Self::Table(low, table);
        }
        Self::Map(coded().map(|(code, v)| (*v, code)).collect())
    }

    fn code(&self, value: i64) -> u64 {
        match self {
            Self::Table(low, table) => table[value.wrapping_sub(*low) as usize].into(),
            Self::Map(map) => map.get(&value).copied().unwrap_or_default().into(),
        }
    }
}

fn known<'a>(values: &'a [f64], missing: Option<&'a [bool]>) -> impl Iterator<Item = f64> + 'a {
    let is_missing = move |place: usize| missing.is_some_and(|missing| missing[place]);
    values.iter().enumerate().filter(move |(place, _)| !is_missing(*place)).map(|(_, v)| *v)
}

fn floats(mut values: Vec<f64>, missing: Option<&[bool]>, order: Option<&[u32]>) -> Option<Column> {
    let is_missing = |place: usize| missing.is_some_and(|missing| missing[place]);
    if known(&values, missing).any(|v| v.is_nan() || (v == 0.0 && v.is_sign_negative())) {
        return None;
    }
    let fits = |scale: f64, v: f64| {
        let whole = (v * scale).round();
        whole.abs() < EXACT && (whole / scale).to_bits() == v.to_bits()
    };
    if let Some(scale) = SCALES.into_iter().find(|scale| known(&values, missing).all(|v| fits(*scale, v))) {
        // In the same memory, there and back.
        let whole: Vec<i64> = values.into_iter().map(|v| (v * scale).round() as i64).collect();
        let (rows, value, kind) = (whole.len(), |place: usize| whole[place], FieldType::Float64);
        if let Some(column) = wholes(&Wholes { rows, value, missing, order, kind, scale }) {
            return Some(column);
        }
        values = whole.into_iter().map(|whole| whole as f64 / scale).collect();
    }
    let mut seen: HashSet<u64, Quick> = HashSet::default();
    let few = known(&values, missing).all(|v| {
        seen.insert(float_bits(v));
        seen.len() <= MAX_DICTIONARY
    });
    let codes_of = |last, code: &dyn Fn(f64) -> u64| {
        codes(values.len(), order, last, |at| if is_missing(at) { MISSING } else { code(values[at]) })
    };
    let column = |codes, decode, last| Column { kind: FieldType::Float64, codes, decode, scale: 0.0, last };
    if !few {
        return Some(column(codes_of(u64::MAX, &float_bits), Decode::Bits, u64::MAX));
    }
    let mut values_in_order: Vec<f64> = known(&values, missing).collect();
    values_in_order.sort_unstable_by(f64::total_cmp);
    values_in_order.dedup();
    let found: HashMap<u64, u64, Quick> = (1..).zip(&values_in_order).map(|(code, v)| (float_bits(*v), code)).collect();
    let most = values_in_order.len() as u64;
    let coded = codes_of(most, &|v| found.get(&float_bits(v)).copied().unwrap_or(MISSING));
    Some(column(coded, Decode::Floats(values_in_order.into()), most))
}

/// A hash of numbers that is quick rather than safe: the numbers are the house's own.
type Quick = BuildHasherDefault<Multiply>;

#[derive(Default)]
struct Multiply(u64);

impl Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64((*byte).into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::Value;
    use super::*;

    fn values(raw: Raw, kind: FieldType) -> Vec<String> {
        let rows = raw.len();
        let column = encode(raw, kind, None).unwrap();
        (0..rows).map(|at| format!("{:?}", column.value(column.codes.at(at)))).collect()
    }

    #[test]
    fn numbers_come_back_as_they_were() {
        let lists: [Vec<f64>; 4] = [
            vec![0.1, 0.25, 3.0, 0.1],
            vec![1e300, -1e-300, 0.0],
            vec![0.1 + 0.2, 0.3, -7.5],
            (0..70_000).map(|i| f64::from(i).sqrt()).collect(),
        ];
        for list in lists {
            let raw = Raw { values: Values::Floats(list.clone()), missing: None };
            let expected: Vec<String> = list.iter().map(|v| format!("{:?}", Value::Float(*v))).collect();
            assert_eq!(values(raw, FieldType::Float64), expected);
        }
        for list in [
            vec![5, 6, 7],
            vec![i64::MAX, -3, 0],
            vec![1_000_000_000, 0, 5],
            (0..70_000).map(|i| i * 99_999_999).collect(),
        ] {
            let expected: Vec<String> = list.iter().map(|v| format!("{:?}", Value::Whole(*v))).collect();
            assert_eq!(values(Raw { values: Values::Wide(list), missing: None }, FieldType::Int64), expected);
        }
    }

    #[test]
    fn what_codes_cannot_stand_for_is_left_out() {
        for odd in [f64::NAN, -0.0] {
            assert!(
                encode(Raw { values: Values::Floats(vec![1.0, odd]), missing: None }, FieldType::Float64, None)
                    .is_none()
            );
        }
        let least = Raw { values: Values::Wide(vec![i64::MIN, 3]), missing: None };
        assert!(encode(least, FieldType::Int64, None).is_none());
    }

    #[test]
    fn the_missing_are_missing() {
        let raw = Raw { values: Values::Narrow(vec![7, 0, 9]), missing: Some(vec![false, true, false]) };
        assert_eq!(values(raw, FieldType::Int32), ["Whole(7)", "Missing", "Whole(9)"]);
        let raw = Raw { values: Values::Texts(vec![1, NO_TEXT, 0], vec!["b".into(), "a".into()]), missing: None };
        assert_eq!(values(raw, FieldType::String), ["Text(\"a\")", "Missing", "Text(\"b\")"]);
    }
}
