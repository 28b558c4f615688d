//! Randomness by counting: a draw is a function of (seed, line, row, place in the shapes), so any
//! chunk can be made on any thread, in any order, and a new column changes no other.
//!
//! Every law takes exactly one uniform number. Only exact operations and `libm` are used: the
//! standard library's transcendental functions differ between platforms.

use super::number::{real, unit};

/// Fractional part of the golden ratio in 64 bits: the step of the counter.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/// Above this mean a Poisson number is drawn from the normal law.
const POISSON_NORMAL: f64 = 60.0;
/// More terms than a Poisson number of mean [`POISSON_NORMAL`] ever needs.
const POISSON_TERMS: usize = 400;

/// Finaliser of `SplitMix64`: every input bit reaches every output bit.
#[inline]
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Key of a name (FNV-1a, then mixed).
pub(super) fn name_key(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mix(hash)
}

/// Key of one line of the entity.
pub(super) fn line_key(seed: u64, line: u64) -> u64 {
    mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(line.wrapping_mul(GOLDEN)))
}

/// The uniform number of a place (`site`) for a row (`key`).
#[inline]
pub(super) fn uniform(key: u64, site: u64) -> f64 {
    unit(mix(key ^ site))
}

/// A law of chance, by one uniform number and up to two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// Between two bounds.
    Uniform,
    /// Mean and standard deviation.
    Normal,
    /// Median and standard deviation of the logarithm.
    Lognormal,
    /// Mean; never negative.
    Exponential,
    /// Mean; whole.
    Poisson,
    /// Mean; whole, from 0.
    Geometric,
    /// Probability; 1 or 0.
    Chance,
}

impl Law {
    /// The law called `name` and how many parameters it takes.
    pub(super) fn named(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "uniform" => (Self::Uniform, 2),
            "normal" => (Self::Normal, 2),
            "lognormal" => (Self::Lognormal, 2),
            "exponential" => (Self::Exponential, 1),
            "poisson" => (Self::Poisson, 1),
            "geometric" => (Self::Geometric, 1),
            "chance" => (Self::Chance, 1),
            _ => return None,
        })
    }

    /// The value at the quantile `u`.
    #[inline]
    pub(super) fn at(self, u: f64, a: f64, b: f64) -> f64 {
        match self {
            Self::Uniform => a + u * (b - a),
            Self::Normal => a + b * normal_quantile(u),
            Self::Lognormal => a * libm::exp(b * normal_quantile(u)),
            Self::Exponential => -a.max(0.0) * libm::log(u),
            Self::Poisson => poisson(u, a),
            Self::Geometric => geometric(u, a),
            Self::Chance => f64::from(u8::from(u < a)),
        }
    }
}

fn poisson(u: f64, mean: f64) -> f64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    if mean > POISSON_NORMAL {
        return (mean + mean.sqrt() * normal_quantile(u)).round().max(0.0);
    }
    let mut term = libm::exp(-mean);
    let mut below = term;
    let mut count = 0;
    while u > below && count < POISSON_TERMS {
        count += 1;
        term *= mean / real(count);
        below += term;
    }
    real(count)
}

fn geometric(u: f64, mean: f64) -> f64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    (libm::log(u) / libm::log(mean / (1.0 + mean))).floor()
}

/// Quantile of the standard normal law (Acklam's rational approximation, relative error 1e-9).
#[allow(clippy::excessive_precision, clippy::unreadable_literal, reason = "published coefficients")]
#[inline]
pub(super) fn normal_quantile(u: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383577518672690e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    const TAIL: f64 = 0.02425;
    let tail = |p: f64| {
        let q = (-2.0 * libm::log(p)).sqrt();
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    if u < TAIL {
        tail(u)
    } else if u > 1.0 - TAIL {
        -tail(1.0 - u)
    } else {
        let q = u - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// Logistic curve: any number to (0, 1).
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// Whether a uniform number lies below the logistic curve. A table of the curve decides nearly
/// always; only between two entries is the curve worked out.
#[derive(Debug)]
pub(super) struct Odds {
    steps: Vec<f64>,
}

impl Odds {
    /// The table covers log-odds from minus to plus this.
    const REACH: f64 = 16.0;
    /// Entries for each unit of log-odds.
    const STEPS: f64 = 8.0;

    /// The table.
    pub(super) fn new() -> Self {
        let count = super::number::index(2.0 * Self::REACH * Self::STEPS) + 1;
        Self { steps: (0..count).map(|i| logistic(real(i) / Self::STEPS - Self::REACH)).collect() }
    }

    /// Whether `u` is below the curve at `x`.
    #[inline]
    pub(super) fn hit(&self, u: f64, x: f64) -> bool {
        let at = super::number::index((x + Self::REACH) * Self::STEPS);
        if x > -Self::REACH && at + 1 < self.steps.len() {
            if u < self.steps[at] {
                return true;
            }
            if u >= self.steps[at + 1] {
                return false;
            }
        }
        u < logistic(x)
    }
}

/// Weighted choice in constant time (Walker's alias method), for one or several sets of weights of
/// the same length.
#[derive(Debug, Clone, Default)]
pub(super) struct Alias {
    size: usize,
    keep: Vec<f64>,
    other: Vec<u32>,
}

impl Alias {
    /// No sets yet; each will have `size` weights.
    pub(super) fn new(size: usize) -> Self {
        Self { size, keep: Vec::new(), other: Vec::new() }
    }

    /// Adds a set of weights. False where they do not add up to something positive.
    pub(super) fn push(&mut self, weights: &[f64]) -> bool {
        let total: f64 = weights.iter().sum();
        if !(total > 0.0 && total.is_finite()) || weights.iter().any(|w| *w < 0.0) {
            return false;
        }
        let scale = real(self.size) / total;
        let mut left: Vec<f64> = weights.iter().map(|w| w * scale).collect();
        let base = self.keep.len();
        self.keep.resize(base + self.size, 1.0);
        self.other.extend((0..self.size).map(|i| u32::try_from(i).unwrap_or(u32::MAX)));
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..self.size).partition(|&i| left[i] < 1.0);
        while let (Some(s), Some(&l)) = (small.pop(), large.last()) {
            self.keep[base + s] = left[s];
            self.other[base + s] = u32::try_from(l).unwrap_or(u32::MAX);
            left[l] -= 1.0 - left[s];
            if left[l] < 1.0 {
                large.pop();
                small.push(l);
            }
        }
        true
    }

    /// The option of set `set` at the uniform number `u`.
    #[inline]
    pub(super) fn at(&self, set: usize, u: f64) -> f64 {
        let scaled = u * real(self.size);
        let slot = super::number::index(scaled).min(self.size - 1);
        let at = set * self.size + slot;
        if scaled - real(slot) < self.keep[at] { real(slot) } else { f64::from(self.other[at]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(law: Law, a: f64, b: f64) -> f64 {
        (0..40_000).map(|i| law.at(uniform(line_key(7, i), 1), a, b)).sum::<f64>() / 40_000.0
    }

    #[test]
    fn laws_have_their_means() {
        assert!((mean(Law::Normal, 5.0, 2.0) - 5.0).abs() < 0.05);
        assert!((mean(Law::Poisson, 3.5, 0.0) - 3.5).abs() < 0.05);
        assert!((mean(Law::Poisson, 90.0, 0.0) - 90.0).abs() < 0.3);
        assert!((mean(Law::Geometric, 2.0, 0.0) - 2.0).abs() < 0.06);
        assert!((mean(Law::Exponential, 2.0, 0.0) - 2.0).abs() < 0.06);
        assert!((mean(Law::Chance, 0.3, 0.0) - 0.3).abs() < 0.01);
        assert!((mean(Law::Uniform, -1.0, 3.0) - 1.0).abs() < 0.03);
    }

    #[test]
    fn quantiles_are_symmetric_and_known() {
        assert!((normal_quantile(0.975) - 1.959_963_985).abs() < 1e-6);
        assert!((normal_quantile(0.001) + normal_quantile(0.999)).abs() < 1e-6);
    }

    #[test]
    fn odds_are_the_logistic_curve() {
        let odds = Odds::new();
        for i in 0..20_000 {
            let (u, x) = (uniform(line_key(3, i), 1), 40.0 * uniform(line_key(3, i), 2) - 20.0);
            assert_eq!(odds.hit(u, x), u < logistic(x), "{u} {x}");
        }
    }

    #[test]
    fn alias_keeps_the_weights() {
        let mut alias = Alias::new(3);
        assert!(alias.push(&[1.0, 0.0, 3.0]));
        assert!(!alias.push(&[0.0, 0.0, 0.0]));
        let hits = (0..40_000).filter(|i| alias.at(0, uniform(line_key(1, *i), 2)) > 1.5).count();
        assert!((29_500..30_500).contains(&hits), "{hits}");
        assert!((0..40_000).all(|i| (alias.at(0, uniform(line_key(1, i), 2)) - 1.0).abs() > 0.5));
    }
}
