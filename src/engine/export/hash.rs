//! Identifiers as keyed hashes: whoever has the key can join files by them, nobody else can tell who is
//! meant by trying every number.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::super::EngineError;

/// Shortest key: with fewer bytes, keys could be tried out.
pub const MIN_HASH_KEY_BYTES: usize = 16;

/// Hexadecimal digits of a hash.
const HEX_DIGITS: usize = 64;

/// Bytes of the longest whole number in decimal, with its sign.
const DECIMAL: usize = 20;

/// The key of the hashes. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HashKey(Vec<u8>);

impl HashKey {
    /// A key; none where the bytes are fewer than [`MIN_HASH_KEY_BYTES`].
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= MIN_HASH_KEY_BYTES).then(|| Self(bytes.to_vec()))
    }

    /// A hasher that has taken in the key already.
    fn keyed(&self) -> Result<Hmac<Sha256>, EngineError> {
        Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| EngineError::Stopped)
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(…)")
    }
}

/// HMAC-SHA-256 of each value's text, hexadecimal: of a number its decimal text.
pub(super) fn hashed(values: &ArrayRef, key: &HashKey) -> Result<ArrayRef, EngineError> {
    let keyed = key.keyed()?;
    let mut out = StringBuilder::with_capacity(values.len(), values.len() * HEX_DIGITS);
    if values.data_type().is_integer() {
        let values = cast(values, &DataType::Int64)?;
        let mut digits = [0; DECIMAL];
        for value in values.as_primitive::<Int64Type>() {
            append(&mut out, &keyed, value.map(|v| decimal(v, &mut digits)));
        }
    } else {
        let values = cast(values, &DataType::Utf8)?;
        for value in values.as_string::<i32>() {
            append(&mut out, &keyed, value.map(str::as_bytes));
        }
    }
    Ok(Arc::new(out.finish()))
}

fn append(out: &mut StringBuilder, keyed: &Hmac<Sha256>, text: Option<&[u8]>) {
    let Some(text) = text else { return out.append_null() };
    let mut mac = keyed.clone();
    mac.update(text);
    let mut hex = [0; HEX_DIGITS];
    hex_into(&mac.finalize().into_bytes(), &mut hex);
    out.append_value(std::str::from_utf8(&hex).unwrap_or_default());
}

/// Bytes as hexadecimal digits.
fn hex_into(bytes: &[u8], out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

/// Bytes as hexadecimal text.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = vec![0; bytes.len() * 2];
    hex_into(bytes, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A number as decimal text, at the end of `buffer`.
fn decimal(value: i64, buffer: &mut [u8; DECIMAL]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut at = DECIMAL;
    loop {
        at -= 1;
        buffer[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};

    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // RFC 4231, test case 2 has a key of 4 bytes; case 1 one of 20.
        let key = HashKey::new(&[0x0b; 20]).unwrap();
        let values: ArrayRef = Arc::new(StringArray::from(vec![Some("Hi There"), None]));
        let made = hashed(&values, &key).unwrap();
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(made.as_string::<i32>().iter().collect::<Vec<_>>(), [Some(expected), None]);
    }

    #[test]
    fn a_number_is_hashed_as_its_decimal_text() {
        let key = HashKey::new(b"a key of some length").unwrap();
        let numbers = [0, 7, -1, 10_000_000_001, i64::MAX, i64::MIN];
        let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let of_numbers = hashed(&(Arc::new(Int64Array::from(numbers.to_vec())) as ArrayRef), &key).unwrap();
        let of_texts = hashed(&(Arc::new(StringArray::from(texts)) as ArrayRef), &key).unwrap();
        assert_eq!(&of_numbers, &of_texts);
    }

    #[test]
    fn a_short_key_is_none_and_a_key_is_never_shown() {
        assert_eq!(HashKey::new(b"short"), None);
        assert!(!format!("{:?}", HashKey::new(b"sixteen letters!")).contains("115"));
    }
}
