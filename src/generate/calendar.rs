//! Days as numbers: whole months between two days, by the civil calendar.

use super::number::{real64, whole};

/// Year, month and day of a day counted from 1970-01-01 (after Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// Whole calendar months from `from` to `to`, never negative.
pub(super) fn months(from: f64, to: f64) -> f64 {
    let (y1, m1, d1) = civil(whole(from));
    let (y2, m2, d2) = civil(whole(to));
    let full = (y2 - y1) * 12 + (m2 - m1) - i64::from(d2 < d1);
    real64(u64::try_from(full).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_full_months() {
        // 2024-04-22 is day 19835.
        assert_eq!(civil(19_835), (2024, 4, 22));
        let at = |day: f64| whole(months(day, 19_835.0));
        assert_eq!((at(19_835.0), at(19_804.0), at(19_805.0), at(19_835.0 - 366.0)), (0, 1, 0, 12));
        assert_eq!(civil(-1), (1969, 12, 31));
    }
}
