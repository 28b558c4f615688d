//! Fields of rows that another field tells, as an app tells its kind: they are a table of 256 codes and take no more.

use datafusion::arrow::buffer::ScalarBuffer;

use super::codes::{CodeSet, Codes};
use super::many::{Many, RowField};
use crate::catalog::FieldType;

/// A code that no row has.
const UNSEEN: u16 = u16::MAX;

/// Makes the fields of text that one before them tells be told by it.
pub(super) fn tell(fields: &mut [RowField]) {
    for place in 1..fields.len() {
        let found = (0..place).find_map(|teller| {
            let (of, codes) = (own(&fields[teller])?, own(&fields[place])?);
            table(of, codes).map(|table| (teller, Codes::Told(of.clone(), table)))
        });
        if let Some((teller, codes)) = found {
            fields[place].column.codes = codes;
            fields[place].told = Some(teller);
        }
    }
}

/// The codes of one byte of a field of text.
fn own(field: &RowField) -> Option<&ScalarBuffer<u8>> {
    match &field.column.codes {
        Codes::One(codes) if field.column.kind == FieldType::String => Some(codes),
        _ => None,
    }
}

/// What each code of one field has beside it in another; none where one has several.
fn table(of: &[u8], codes: &[u8]) -> Option<ScalarBuffer<u8>> {
    let mut seen = [UNSEEN; 1 << 8];
    for (of, code) in of.iter().zip(codes) {
        let known = &mut seen[usize::from(*of)];
        if *known != u16::from(*code) {
            if *known != UNSEEN {
                return None;
            }
            *known = u16::from(*code);
        }
    }
    Some(seen.iter().map(|code| u8::try_from(*code).unwrap_or_default()).collect())
}

impl Many {
    /// A field and a set of its codes; where another field tells it, that one and the codes that tell them.
    pub(super) fn teller(&self, (place, set): (usize, CodeSet)) -> (usize, CodeSet) {
        let field = &self.fields[place];
        let (Some(teller), Codes::Told(_, table)) = (field.told, &field.column.codes) else { return (place, set) };
        let codes = (0_u64..).zip(table.iter()).filter(|(_, code)| set.has(u64::from(**code)));
        let last = self.fields[teller].column.last;
        (teller, CodeSet::new(codes.map(|(of, _)| (of, of)).filter(|(of, _)| *of <= last).collect(), last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_told_where_each_value_has_one_beside_it() {
        assert_eq!(table(&[1, 2, 1, 3], &[7, 8, 7, 8]).map(|table| table[..4].to_vec()), Some(vec![0, 7, 8, 8]));
        assert_eq!(table(&[1, 2, 1, 3], &[7, 8, 9, 8]), None);
    }
}
