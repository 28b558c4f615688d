//! Metrics: what they are called, in the contract and to a reader, and which values are hidden.

use super::number::{amount, percent, with_unit};
use super::privacy::is_small;
use super::words::voice;
use crate::catalog::{Catalog, Field, Locale};
use crate::segment::sentence::{condition, row_condition};
use crate::segment::{Expr, Func, Metric, text};

/// The name in the contract: `avg(monthly_fee)`, `share(gender = 'F')`.
pub(super) fn name(metric: &Metric<Expr>) -> String {
    match metric {
        Metric::Of { func, field } => call(*func, field),
        Metric::Share(condition) => format!("share({})", text::print(condition)),
        Metric::OfRows { func, dataset, field, rows } => {
            let whole = call(*func, &format!("{dataset}.{field}"));
            match rows {
                None | Some(Expr::All) => whole,
                Some(rows) => format!("{whole} where {}", text::print(rows)),
            }
        }
    }
}

fn call(func: Func, field: &str) -> String {
    match func {
        Func::Sum => format!("sum({field})"),
        Func::Avg => format!("avg({field})"),
        Func::Min => format!("min({field})"),
        Func::Max => format!("max({field})"),
        Func::Count => format!("count({field})"),
        Func::CountDistinct => format!("count(distinct {field})"),
        Func::Median => format!("median({field})"),
    }
}

/// What a reader calls it.
pub(super) fn label(metric: &Metric<Expr>, catalog: &Catalog, locale: Locale) -> String {
    let voice = voice(locale);
    match metric {
        Metric::Of { func, field } => voice.metric_name(*func, field_label(catalog.field(field), field, locale)),
        Metric::Share(of) => voice.share_name(&condition(of, catalog, locale)),
        Metric::OfRows { func, dataset, field, rows } => {
            let found = catalog.dataset(dataset).and_then(|d| d.field(field));
            let whole = voice.metric_name(*func, field_label(found, field, locale));
            match rows {
                None | Some(Expr::All) => whole,
                Some(rows) => voice.metric_where(&whole, &row_condition(rows, catalog, dataset, locale)),
            }
        }
    }
}

fn field_label<'a>(field: Option<&'a Field>, name: &'a str, locale: Locale) -> &'a str {
    field.map_or(name, |f| f.label.get(locale))
}

/// A value as a reader sees it.
pub(super) fn said(metric: &Metric<Expr>, value: f64, catalog: &Catalog, locale: Locale) -> String {
    let field = match metric {
        Metric::Share(_) => return percent(value),
        Metric::Of { func: Func::Count | Func::CountDistinct, .. }
        | Metric::OfRows { func: Func::Count | Func::CountDistinct, .. } => None,
        Metric::Of { field, .. } => catalog.field(field),
        Metric::OfRows { dataset, field, .. } => catalog.dataset(dataset).and_then(|d| d.field(field)),
    };
    let unit = field.and_then(|f| f.unit.as_deref()).and_then(|u| catalog.unit(u));
    with_unit(&amount(value), unit, locale)
}

/// Whether a value over `count` entities tells the size of a small group: a share of few, or of all but few.
pub(super) fn is_telling(metric: &Metric<Expr>, value: f64, count: u64, min: u64) -> bool {
    let Metric::Share(_) = metric else { return false };
    // A share of a count is a count.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "see above"
    )]
    let part = (value * count as f64).round() as u64;
    is_small(part, min) || is_small(count.saturating_sub(part), min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_contract() {
        let fee = Metric::Of { func: Func::Avg, field: "monthly_fee".to_owned() };
        assert_eq!(name(&fee), "avg(monthly_fee)");
    }

    #[test]
    fn a_share_of_few_or_of_all_but_few_is_telling() {
        let share = Metric::Share(Expr::All);
        assert!(is_telling(&share, 0.02, 100, 5));
        assert!(is_telling(&share, 0.98, 100, 5));
        assert!(!is_telling(&share, 0.0, 100, 5));
        assert!(!is_telling(&share, 0.05, 100, 5));
        assert!(!is_telling(&share, 0.02, 100, 0));
    }
}
