//! The few conversions between counts and reals, in one place: every value of the generator is a
//! double, exact for whole numbers up to 2^53.

/// A count as a real.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
#[inline]
pub(super) fn real(count: usize) -> f64 {
    count as f64
}

/// A 64-bit count as a real.
#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
#[inline]
pub(super) fn real64(count: u64) -> f64 {
    count as f64
}

/// A code as an index; what is not a code is 0. (Faster by way of 32 bits.)
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates, NaN becomes 0")]
#[inline]
pub(super) fn index(code: f64) -> usize {
    usize::try_from(code as i32).unwrap_or(0)
}

/// A real rounded to a whole number of 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates, NaN becomes 0")]
#[inline]
pub(super) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// The top 53 bits as a real strictly between 0 and 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
#[inline]
pub(super) fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}
