//! What a breakdown groups by: how its groups are named, ordered and said.

use crate::catalog::{Band, Catalog, Dataset, Field, FieldType, Locale};
use crate::engine::Cell;
use crate::segment::{Expr, Literal, Test};

use super::number;

/// A field with at most so many listed values has its empty groups listed too.
const MAX_ZEROS: usize = 12;

/// A field with at most so many listed values is ordered as they are listed; a longer one by size.
const MAX_LISTED: usize = 30;

/// What a reader calls a grouping; none where nothing is called so.
#[must_use]
pub fn key_label(name: &str, catalog: &Catalog, locale: Locale) -> Option<String> {
    Key::named(name, catalog).map(|key| key.label(locale).to_owned())
}

/// One key of a breakdown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'a> {
    /// A band of the entity.
    Band(&'a Band),
    /// A field of the entity or of a many-table.
    Field {
        dataset: &'a Dataset,
        field: &'a Field,
        /// Of a many-table: an entity may be in several groups.
        many: bool,
    },
}

impl<'a> Key<'a> {
    /// The key called `name`: a field or band of the entity, or `dataset.field`.
    pub(super) fn named(name: &str, catalog: &'a Catalog) -> Option<Self> {
        let entity = catalog.entity();
        let Some((dataset, field)) = name.split_once('.') else {
            let field = catalog.field(name).map(|field| Self::Field { dataset: entity, field, many: false });
            return field.or_else(|| catalog.band(name).map(Self::Band));
        };
        let dataset = catalog.dataset(dataset)?;
        if dataset.name == entity.name && dataset.field(field).is_none() {
            return catalog.band(field).map(Self::Band);
        }
        Some(Self::Field { dataset, field: dataset.field(field)?, many: dataset.name != entity.name })
    }

    /// What a reader calls the grouping.
    pub(super) fn label(&self, locale: Locale) -> &'a str {
        match self {
            Self::Band(band) => band.label.get(locale),
            Self::Field { field, .. } => field.label.get(locale),
        }
    }

    /// Whether each entity is in exactly one group.
    pub(super) fn partitions(&self) -> bool {
        !matches!(self, Self::Field { many: true, .. })
    }

    /// Whether each group of this key is part of one of `other`: a district of a province.
    pub(super) fn is_within(&self, other: &Key<'_>) -> bool {
        let (Self::Field { dataset, field, .. }, Key::Field { dataset: parent_of, field: parent, .. }) = (self, other)
        else {
            return false;
        };
        dataset.name == parent_of.name && field.within.as_deref() == Some(parent.name.as_str())
    }

    /// All groups there can be, where the empty ones are to be listed.
    pub(super) fn domain(&self, segment: &Expr) -> Option<Vec<String>> {
        match self {
            Self::Band(band) => Some(band.labels.clone()),
            Self::Field { many: true, .. } => None,
            Self::Field { field, .. } if restricts(segment, &field.name) => None,
            Self::Field { field, .. } if field.kind == FieldType::Bool => Some(vec!["true".into(), "false".into()]),
            Self::Field { field, .. } if field.values.is_empty() || field.values.len() > MAX_ZEROS => None,
            Self::Field { field, .. } => Some(field.values.iter().map(|v| v.name.clone()).collect()),
        }
    }

    /// Whether groups come in the order of the catalog, or of numbers; else by size.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Self::Band(_) => true,
            Self::Field { many: true, .. } => false,
            Self::Field { field, .. } if field.values.is_empty() => field.kind != FieldType::String,
            Self::Field { field, .. } => field.values.len() <= MAX_LISTED,
        }
    }

    /// Where a group stands in the catalog's order; the missing one last.
    pub(super) fn rank(&self, stored: Option<&str>) -> Rank {
        let Some(stored) = stored else { return Rank { place: f64::INFINITY, name: String::new() } };
        let listed = match self {
            Self::Band(band) => band.labels.iter().position(|l| l == stored),
            Self::Field { field, .. } => field.values.iter().position(|v| v.name == stored),
        };
        let number = || match self {
            Self::Field { field, .. } if field.kind.is_number() => stored.parse().ok(),
            Self::Field { field, .. } if field.kind == FieldType::Bool => Some(f64::from(u8::from(stored != "true"))),
            _ => None,
        };
        // A position in a list of values is far below 2^52.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let place = listed.map(|at| at as f64).or_else(number).unwrap_or(f64::MAX);
        Rank { place, name: stored.to_owned() }
    }

    /// What a reader calls the group stored as `stored`.
    pub(super) fn group_label(&self, stored: Option<&str>, catalog: &Catalog, locale: Locale) -> String {
        let Some(stored) = stored else { return missing(locale).to_owned() };
        match self {
            Self::Band(band) => {
                let at = band.labels.iter().position(|l| l == stored);
                let english = at.and_then(|at| band.labels_en.get(at)).filter(|_| locale == Locale::En);
                english.map_or(stored, String::as_str).to_owned()
            }
            Self::Field { field, .. } => match field.value(stored) {
                Some(value) => value.label.get(locale).to_owned(),
                None if field.kind == FieldType::Bool => yes_or_no(stored == "true", locale).to_owned(),
                None if field.kind.is_number() => {
                    number::with_unit(stored, field.unit.as_deref().and_then(|u| catalog.unit(u)), locale)
                }
                None => stored.to_owned(),
            },
        }
    }
}

/// A place in an order; names break ties.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rank {
    place: f64,
    name: String,
}

impl Eq for Rank {}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place.total_cmp(&other.place).then_with(|| self.name.cmp(&other.name))
    }
}

fn missing(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "값 없음",
        Locale::En => "missing",
    }
}

fn yes_or_no(yes: bool, locale: Locale) -> &'static str {
    match (locale, yes) {
        (Locale::Ko, true) => "예",
        (Locale::Ko, false) => "아니오",
        (Locale::En, true) => "yes",
        (Locale::En, false) => "no",
    }
}

/// A value of a result as the key of a group.
pub(super) fn stored(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Bool(truth) => Some(truth.to_string()),
        Cell::Int(number) => Some(number.to_string()),
        Cell::Float(number) => Some(number.to_string()),
        Cell::Text(text) => Some(text.clone()),
        Cell::Date(day) => Some(day.to_string()),
    }
}

/// Conditions on the entity that every member satisfies.
fn required(segment: &Expr) -> &[Expr] {
    match segment {
        Expr::And(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

/// Whether `segment` restricts `field` of the entity.
pub(super) fn restricts(segment: &Expr, field: &str) -> bool {
    required(segment).iter().any(|part| mentions(part, field))
}

fn mentions(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Compare { field, .. } | Expr::Rank { field, .. } => field == name,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|p| mentions(p, name)),
        Expr::Not(part) => mentions(part, name),
        _ => false,
    }
}

/// The keys that `by` stands for. Names that several parents share (중구) say nothing without the parent:
/// a breakdown by such a field groups by the parent too, unless the conditions leave one parent only.
#[must_use]
pub fn grouped_by(by: &[String], segment: &Expr, rows: Option<&Expr>, catalog: &Catalog) -> Vec<String> {
    let alone = || {
        let [name] = by else { return None };
        let Some(Key::Field { dataset, field, many }) = Key::named(name, catalog) else { return None };
        let parent = dataset.field(field.within.as_deref()?)?;
        let shared = field.values.iter().any(|v| v.parents.len() > 1);
        let conditions = if many { rows.unwrap_or(&Expr::All) } else { segment };
        let prefix = if name.contains('.') { format!("{}.", dataset.name) } else { String::new() };
        (shared && !one_parent(conditions, field, parent))
            .then(|| vec![format!("{prefix}{}", parent.name), name.clone()])
    };
    alone().unwrap_or_else(|| by.to_vec())
}

/// Whether the conditions leave one value of `parent` only.
fn one_parent(conditions: &Expr, field: &Field, parent: &Field) -> bool {
    required(conditions).iter().any(|part| match part {
        Expr::Compare { field: name, test } if *name == parent.name => texts(test).is_some_and(|t| t.len() == 1),
        Expr::Compare { field: name, test } if *name == field.name => texts(test).is_some_and(|names| {
            let mut parents = names.iter().map(|n| field.value(n).map(|v| v.parents.as_slice()).unwrap_or_default());
            let first = parents.next().unwrap_or_default();
            first.len() == 1 && parents.all(|p| p == first)
        }),
        Expr::And(_) => one_parent(part, field, parent),
        _ => false,
    })
}

/// The texts that a test allows, where it is about texts.
fn texts(test: &Test) -> Option<Vec<&str>> {
    let values = match test {
        Test::Eq(value) => std::slice::from_ref(value),
        Test::In(values) => values.as_slice(),
        _ => return None,
    };
    values.iter().map(text).collect()
}

fn text(value: &Literal) -> Option<&str> {
    if let Literal::Text(text) = value { Some(text) } else { None }
}
