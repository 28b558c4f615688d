//! The few statistics that runs are told and compared by. Nothing here knows what was measured.

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 10_000;
/// The seed of a bootstrap: the same cases give the same interval.
pub const SEED: u64 = 20_240_422;
/// Half the width of a 95 % interval in standard deviations of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// What lies outside a 95 % interval on either side.
pub(super) const TAIL: f64 = 0.025;

/// Random numbers by a seed: `SplitMix64` (Steele, Lea and Flood, 2014, Fast Splittable Pseudorandom Number Generators).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 of none. The bias of the remainder is below 2^-40 for the sizes here.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % n).unwrap_or_default()
    }

    /// Puts `items` in a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// A count as a number with a fraction.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "counts of cases are far below 2^53")]
pub fn real(count: usize) -> f64 {
    count as f64
}

/// 95 % interval of a share: Wilson's score interval (Wilson, 1927), which is honest at 0 and 1.
#[must_use]
pub fn wilson(share: f64, n: usize) -> Option<(f64, f64)> {
    if n == 0 {
        return None;
    }
    let n = real(n);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    Some((((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0)))
}

/// 95 % interval of the mean of all values, by the percentile bootstrap (Efron and Tibshirani, 1993) over whole groups
/// of values: turns of one conversation belong together, so they are drawn together.
#[must_use]
pub fn bootstrap(groups: &[Vec<f64>], seed: u64) -> Option<(f64, f64)> {
    let groups: Vec<(f64, f64)> =
        groups.iter().filter(|g| !g.is_empty()).map(|g| (g.iter().sum(), real(g.len()))).collect();
    if groups.len() < 2 {
        return None;
    }
    let mut dice = Dice::new(seed);
    let mut means = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let (mut sum, mut n) = (0.0, 0.0);
        for _ in 0..groups.len() {
            let (s, k) = groups[dice.below(groups.len())];
            sum += s;
            n += k;
        }
        means.push(sum / n);
    }
    means.sort_by(f64::total_cmp);
    Some((quantile(&means, TAIL)?, quantile(&means, 1.0 - TAIL)?))
}

/// The `q`-quantile of ascending values, in proportion between two of them (type 7 of Hyndman and Fan, 1996).
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and the last")]
pub fn quantile(ascending: &[f64], q: f64) -> Option<f64> {
    let last = ascending.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * real(last);
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    Some(ascending[low] + (ascending[high] - ascending[low]) * at.fract())
}

/// The exact two-sided `McNemar` test (`McNemar`, 1947; exact by the binomial distribution): how likely it is that of
/// `b + c` cases where only one of two was right, as few as the fewer fall on one side, if both are as good.
#[must_use]
pub fn mcnemar(b: u64, c: u64) -> f64 {
    let n = b + c;
    if n == 0 {
        return 1.0;
    }
    let ln = |k: u64| ln_choose(n, k) - float(n) * std::f64::consts::LN_2;
    let tail: f64 = (0..=b.min(c)).map(|k| ln(k).exp()).sum();
    (2.0 * tail).min(1.0)
}

fn ln_choose(n: u64, k: u64) -> f64 {
    let ln_factorial = |m: u64| libm::lgamma(float(m) + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

#[allow(clippy::cast_precision_loss, reason = "counts of cases are far below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

/// pass^k (Yao et al., 2024, τ-bench): how likely it is that `k` of `n` tries, of which `c` were right, are all right:
/// C(c, k) / C(n, k). None where there are fewer than `k` tries.
#[must_use]
pub fn pass_hat(n: usize, c: usize, k: usize) -> Option<f64> {
    if k == 0 || n < k {
        return None;
    }
    Some((0..k).map(|i| real(c.saturating_sub(i)) / real(n - i)).product())
}

/// Agreement of two judges beyond chance: Cohen's kappa (Cohen, 1960), `(p_o − p_e) / (1 − p_e)`, over pairs of yes and no.
/// None without pairs; 1 where both say one and the same of everything.
#[must_use]
pub fn kappa(pairs: &[(bool, bool)]) -> Option<f64> {
    if pairs.is_empty() {
        return None;
    }
    let share = |of: &dyn Fn(&(bool, bool)) -> bool| real(pairs.iter().filter(|p| of(p)).count()) / real(pairs.len());
    let agreed = share(&|(a, b)| a == b);
    let (a, b) = (share(&|p| p.0), share(&|p| p.1));
    let chance = a * b + (1.0 - a) * (1.0 - b);
    if chance >= 1.0 { Some(1.0) } else { Some((agreed - chance) / (1.0 - chance)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-4
    }

    #[test]
    fn wilson_is_as_in_the_books() {
        // 8 of 10: 0.490 to 0.943 (Newcombe 1998, and every calculator).
        let (low, high) = wilson(0.8, 10).unwrap();
        assert!(near(low, 0.4902) && near(high, 0.9433), "{low} {high}");
        // 81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, method 3).
        let (low, high) = wilson(81.0 / 263.0, 263).unwrap();
        assert!(near(low, 0.2553) && near(high, 0.3662), "{low} {high}");
        assert_eq!(wilson(0.0, 0), None);
    }

    #[test]
    fn mcnemar_is_the_binomial_test() {
        // 2 × (1 + 13 + 78 + 286) / 2^13.
        assert!((mcnemar(10, 3) - 756.0 / 8192.0).abs() < 1e-9);
        assert!((mcnemar(3, 10) - mcnemar(10, 3)).abs() < 1e-12);
        // 2 × 1 / 2^6.
        assert!((mcnemar(6, 0) - 0.03125).abs() < 1e-12);
        assert!((mcnemar(5, 5) - 1.0).abs() < 1e-12 && (mcnemar(0, 0) - 1.0).abs() < 1e-12);
        assert!(mcnemar(2000, 1500) < 1e-10);
    }

    #[test]
    fn kappa_is_cohens() {
        // 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = 0.7, p_e = 0.5, kappa = 0.4.
        let mut pairs = vec![(true, true); 20];
        pairs.extend([(true, false); 5]);
        pairs.extend([(false, true); 10]);
        pairs.extend([(false, false); 15]);
        assert!((kappa(&pairs).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(kappa(&[]), None);
        assert_eq!(kappa(&[(true, true)]), Some(1.0));
    }

    #[test]
    fn pass_hat_counts_the_ways_to_be_right_each_time() {
        // C(3,2)/C(4,2) = 3/6; C(2,3) = 0.
        assert!((pass_hat(4, 3, 2).unwrap() - 0.5).abs() < 1e-12);
        assert!((pass_hat(8, 8, 8).unwrap() - 1.0).abs() < 1e-12);
        assert!(pass_hat(4, 2, 3).unwrap().abs() < 1e-12);
        assert!((pass_hat(5, 2, 1).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(pass_hat(2, 2, 3), None);
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(quantile(&values, 0.5), Some(2.5));
        assert_eq!(quantile(&values, 1.0), Some(4.0));
        assert_eq!(quantile(&[7.0], 0.95), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_bootstrap_is_reproducible_and_holds_the_mean() {
        let groups: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 2), 1.0]).collect();
        let (low, high) = bootstrap(&groups, SEED).unwrap();
        assert!(low < 0.75 && 0.75 < high && high - low < 0.3, "{low} {high}");
        assert_eq!(bootstrap(&groups, SEED), Some((low, high)));
        assert_eq!(bootstrap(&[vec![1.0]], SEED), None);
        assert_eq!(bootstrap(&[vec![1.0], vec![1.0]], SEED), Some((1.0, 1.0)));
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut items: Vec<u32> = (0..50).collect();
        Dice::new(1).shuffle(&mut items);
        let mut again: Vec<u32> = (0..50).collect();
        Dice::new(1).shuffle(&mut again);
        assert_eq!(items, again);
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<u32>>());
    }
}
