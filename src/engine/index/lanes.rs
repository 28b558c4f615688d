//! 64 codes at a time against a range, as a processor has it: several codes in one instruction, the next on their way.

use wide::{u8x16, u8x32, u16x16, u32x8};

/// Codes of one width.
pub(super) trait Lanes: Copy + Default {
    /// A bit for each of 64 codes: whether it is at least `low`, and at most `span` more.
    fn within(codes: &[Self; 64], low: Self, span: Self) -> u64;
}

/// So many codes side by side are looked at together where few are asked about.
pub(super) const NEAR: usize = 16;

/// A bit for each of the codes: whether it is at least `low`, and at most `span` more.
#[inline]
pub(super) fn near_within(codes: &[u8; NEAR], low: u8, span: u8) -> u32 {
    let above = u8x16::new(*codes) - u8x16::splat(low);
    above.min(u8x16::splat(span)).simd_eq(above).to_bitmask()
}

/// Has a block on its way from the memory, if there is one, while others are worked on. By itself a processor looks no
/// further than a page, and what it has at hand.
#[inline]
pub(super) fn read_soon<T>(block: Option<&[T; 64]>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(block) = block {
        // The memory gives 64 bytes at a time.
        for line in 0..size_of::<T>() {
            safe_arch::prefetch_t0(&block[line * 64 / size_of::<T>()]);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = block;
}

/// [`Lanes`] by vectors of `$lanes` codes.
macro_rules! by_vectors {
    ($code:ty, $vector:ident, $lanes:literal) => {
        impl Lanes for $code {
            #[inline]
            fn within(codes: &[Self; 64], low: Self, span: Self) -> u64 {
                let (low, span) = ($vector::splat(low), $vector::splat(span));
                let (vectors, _) = codes.as_chunks::<$lanes>();
                let mut word = 0;
                for (at, vector) in vectors.iter().enumerate() {
                    // What is below the range wraps around to far above it.
                    let above = $vector::new(*vector) - low;
                    word |= u64::from(above.min(span).simd_eq(above).to_bitmask()) << (at * $lanes);
                }
                word
            }
        }
    };
}

by_vectors!(u8, u8x32, 32);
by_vectors!(u16, u16x16, 16);
by_vectors!(u32, u32x8, 8);

impl Lanes for u64 {
    #[inline]
    fn within(codes: &[Self; 64], low: Self, span: Self) -> u64 {
        let hit = |(at, code): (usize, &u64)| u64::from(code.wrapping_sub(low) <= span) << at;
        codes.iter().enumerate().map(hit).fold(0, |word, hit| word | hit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees<T: Lanes + Into<u64>>(codes: [T; 64], low: T, span: T) {
        let (low_code, span_code): (u64, u64) = (low.into(), span.into());
        for (at, code) in codes.iter().enumerate() {
            let code: u64 = (*code).into();
            let inside = code >= low_code && code <= low_code.saturating_add(span_code);
            assert_eq!(T::within(&codes, low, span) >> at & 1 == 1, inside, "{code} in {low_code} + {span_code}");
        }
    }

    proptest! {
        #[test]
        fn a_vector_says_what_each_code_says(numbers in prop::collection::vec(any::<u64>(), 64), low in any::<u64>(), high in any::<u64>()) {
            let (low, high) = (low.min(high), low.max(high));
            macro_rules! of_width {
                ($code:ty) => {{
                    let codes: [$code; 64] = std::array::from_fn(|at| numbers[at] as $code);
                    let (low, high) = ((low as $code).min(high as $code), (low as $code).max(high as $code));
                    agrees(codes, low, high - low);
                    agrees(codes, codes[7], 0);
                }};
            }
            of_width!(u8);
            of_width!(u16);
            of_width!(u32);
            of_width!(u64);
        }
    }
}
