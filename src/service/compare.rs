//! Two saved segments side by side: sizes, overlap, only in each, and which fields differ most.

use serde::Serialize;

use super::segments::entry;
use super::turns::allowed;
use super::{Service, ServiceError, failed};
use crate::access::{Caller, Right};
use crate::catalog::Locale;

/// Fields that are told where nothing else is asked for.
pub const COMPARED_FIELDS: usize = 5;

/// How two segments compare. Numbers that would tell a small group are left out.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ComparisonInfo {
    /// The first.
    pub this: Side,
    /// The second.
    pub that: Side,
    /// How many are in both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub both: Option<u64>,
    /// The fields whose groups differ most, the most different first.
    pub fields: Vec<FieldContrast>,
    /// Date of the data.
    pub as_of: String,
    /// Version of the data.
    pub data_version: String,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Side {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How many are in this one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<u64>,
}

/// How the two differ in one field.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FieldContrast {
    /// The field or band.
    pub field: String,
    /// What a reader calls it.
    pub label: String,
    /// Total variation distance of the two distributions: 0 for the same, 1 for nothing in common.
    pub distance: f64,
    /// The groups that differ most.
    pub groups: Vec<GroupContrast>,
}

/// The shares of a group in the two segments.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GroupContrast {
    /// The group.
    pub label: String,
    /// Of the first segment.
    pub this: f64,
    /// Of the second.
    pub that: f64,
}

impl Service {
    /// Compares two segments that the caller may use.
    ///
    /// # Errors
    /// No such segments, or definitions that the catalog does not support.
    pub async fn compare_segments(
        &self,
        caller: &Caller,
        [this, that]: [&str; 2],
        locale: Locale,
    ) -> Result<ComparisonInfo, ServiceError> {
        allowed(caller, Right::Ask)?;
        let app = self.apps.of(caller)?;
        let rows = [self.usable_row(caller, this, false).await?, self.usable_row(caller, that, false).await?];
        let [(_, first), (_, second)] = [self.latest(&app, &rows[0]).await?, self.latest(&app, &rows[1]).await?];
        let _place = self.turns.enter().await?;
        let how = (locale, self.config.min_group);
        let found = app.compare(&first, &second, COMPARED_FIELDS, how).await.map_err(failed)?;
        let [row, other] = rows;
        let detail = serde_json::json!({ "with": other.id, "this": found.this, "that": found.that });
        self.store.append_audit(vec![entry(caller, "compare", &row.id, &detail)]).await?;
        let only = |at: usize| found.parts.map(|parts| parts[at]);
        let contrast = |c: &crate::app::Contrast| FieldContrast {
            field: c.field.clone(),
            label: c.label.clone(),
            distance: c.distance,
            groups: c
                .groups
                .iter()
                .map(|(label, this, that)| GroupContrast { label: label.clone(), this: *this, that: *that })
                .collect(),
        };
        Ok(ComparisonInfo {
            this: Side { id: row.id, name: row.name, count: found.this, only: only(1) },
            that: Side { id: other.id, name: other.name, count: found.that, only: only(2) },
            both: only(0),
            fields: found.fields.iter().map(contrast).collect(),
            as_of: app.catalog().as_of.to_string(),
            data_version: app.engine().data_version().to_owned(),
        })
    }
}
