//! Numbers of a segment outside a conversation: its size, its groups, and how two segments compare.

use super::App;
use super::stages::{Failure, number};
use crate::answer::{self, Breakdown};
use crate::catalog::{Field, FieldType, Locale, Sensitivity};
use crate::engine::EngineError;
use crate::segment::{Expr, check};
use crate::sql;

/// Fields whose groups are compared, at most: each is two queries.
pub const MAX_COMPARED_FIELDS: usize = 80;

/// A field with more listed values than this says little about how two segments differ.
const MAX_COMPARED_VALUES: usize = 100;

/// How two segments compare. Numbers that would tell a small group are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Size of the first.
    pub this: Option<u64>,
    /// Size of the second.
    pub that: Option<u64>,
    /// In both, only in the first, only in the second.
    pub parts: Option<[u64; 3]>,
    /// The fields whose groups differ most, the most different first.
    pub fields: Vec<Contrast>,
}

/// How two segments differ in one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The field or band.
    pub field: String,
    /// What a reader calls it.
    pub label: String,
    /// Half the sum of the differences of all shares: 0 for the same groups, 1 for groups that have nothing in common
    /// (total variation distance).
    pub distance: f64,
    /// The groups that differ most: label, share in the first, share in the second.
    pub groups: Vec<(String, f64, f64)>,
}

/// So many groups of a field are told.
const MAX_GROUPS: usize = 3;

impl App {
    /// How many a segment holds.
    ///
    /// # Errors
    /// A segment that the catalog does not support, or an engine that fails.
    pub async fn count_of(&self, segment: &Expr) -> Result<u64, Failure> {
        check::check(segment, &self.catalog).map_err(Failure::Segment)?;
        let sql = sql::count(segment, &self.catalog).map_err(Failure::Sql)?;
        number(&self.engine, &sql).await.map_err(Failure::Engine)
    }

    /// Size of the population.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn population(&self) -> Result<u64, EngineError> {
        let count = async {
            match sql::count(&Expr::All, &self.catalog) {
                Ok(count) => number(&self.engine, &count).await,
                // A population that cannot be compiled has no members either; opening the app has checked it.
                Err(_) => Ok(0),
            }
        };
        self.population.get_or_try_init(|| count).await.copied()
    }

    /// The groups of a segment; none where they may not be shown.
    ///
    /// # Errors
    /// A segment or keys that the catalog does not support, or an engine that fails.
    pub async fn groups_of(
        &self,
        segment: &Expr,
        by: &[String],
        total: u64,
        (locale, min_group): (Locale, Option<u64>),
    ) -> Result<Option<Breakdown>, Failure> {
        let statement = sql::breakdown(segment, by, None, None, &self.catalog).map_err(Failure::Sql)?;
        let rows = self.engine.run(&statement).await.map_err(Failure::Engine)?;
        let min_group = min_group.unwrap_or(self.min_group);
        Ok(answer::grouped(&rows, &self.catalog, locale, by, (segment, total, min_group)))
    }

    /// Whether a segment can be grouped by these fields or bands.
    ///
    /// # Errors
    /// Why not, in Korean and English.
    pub fn groupable(&self, by: &[String]) -> Result<(), [String; 2]> {
        if by.is_empty() {
            return Ok(());
        }
        let made = sql::breakdown(&Expr::All, by, None, None, &self.catalog);
        made.map(|_| ()).map_err(|error| [error.message(Locale::Ko), error.message(Locale::En)])
    }

    /// Compares two segments: sizes, overlap, and the fields whose groups differ most.
    ///
    /// # Errors
    /// A segment that the catalog does not support, or an engine that fails.
    pub async fn compare(
        &self,
        this: &Expr,
        that: &Expr,
        most: usize,
        (locale, min_group): (Locale, Option<u64>),
    ) -> Result<Comparison, Failure> {
        let both = Expr::all_of(vec![this.clone(), that.clone()]);
        let (this_size, that_size) = (self.count_of(this).await?, self.count_of(that).await?);
        let shared = self.count_of(&both).await?;
        let min = min_group.unwrap_or(self.min_group);
        let (this_told, that_told, parts) = answer::compared(this_size, that_size, shared, min);
        let mut comparison = Comparison { this: this_told, that: that_told, parts, fields: Vec::new() };
        if comparison.this.unwrap_or(0) == 0 || comparison.that.unwrap_or(0) == 0 || parts.is_none() {
            return Ok(comparison);
        }
        for name in self.contrasted() {
            let by = [name];
            let how = (locale, min_group);
            let groups = self.groups_of(this, &by, this_size, how).await?;
            let (Some(groups), Some(others)) = (groups, self.groups_of(that, &by, that_size, how).await?) else {
                continue;
            };
            let [field] = by;
            comparison.fields.extend(self.contrast(field, &groups, &others, locale));
        }
        comparison.fields.sort_by(|a, b| b.distance.total_cmp(&a.distance));
        comparison.fields.truncate(most);
        Ok(comparison)
    }

    /// The fields of the entity that groups can be compared by: those with listed values or bands, and flags.
    fn contrasted(&self) -> Vec<String> {
        let listed = |f: &&Field| f.kind == FieldType::Bool || (1..=MAX_COMPARED_VALUES).contains(&f.values.len());
        let open = self.catalog.entity().fields.iter().filter(|f| f.sensitivity == Sensitivity::Open);
        let names = open.filter_map(|f| f.band.clone().or_else(|| listed(&f).then(|| f.name.clone())));
        names.take(MAX_COMPARED_FIELDS).collect()
    }

    fn contrast(&self, field: String, these: &Breakdown, others: &Breakdown, locale: Locale) -> Option<Contrast> {
        let share = |of: &Breakdown, key: &[Option<String>]| of.rows.iter().find(|g| g.key == key).map(|g| g.share);
        // A group that is hidden or absent on one side says nothing.
        let mut groups: Vec<(String, f64, f64)> =
            these.rows.iter().filter_map(|g| Some((g.label.join(" · "), g.share, share(others, &g.key)?))).collect();
        let distance = groups.iter().map(|(_, a, b)| (a - b).abs()).sum::<f64>() / 2.0;
        groups.sort_by(|x, y| (y.1 - y.2).abs().total_cmp(&(x.1 - x.2).abs()));
        groups.truncate(MAX_GROUPS);
        let label = answer::key_label(&field, &self.catalog, locale)?;
        (distance > 0.0).then_some(Contrast { field, label, distance, groups })
    }
}
