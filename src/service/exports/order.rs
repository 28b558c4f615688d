//! What is ordered of an export, and whether it can be had.

use serde::{Deserialize, Serialize};

use crate::access::{Caller, Right};
use crate::app::{ExportRequest, HoldOut, IdentifierPolicy, ReachRequest, export_columns};
use crate::catalog::{Catalog, Locale};
use crate::engine::{ExportFormat, HashKey};
use crate::service::turns::allowed;
use crate::service::{Service, ServiceError};

/// What of a segment is exported, and as what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportOrder {
    /// `csv`, `csv.gz`, `jsonl`, `jsonl.gz`, `parquet`, `arrow` or `xlsx` [default: csv].
    #[serde(default)]
    pub format: Option<String>,
    /// Fields and bands, in this order [default: every field that may be shown].
    #[serde(default)]
    pub columns: Vec<String>,
    /// What becomes of the identifier [default: hashed].
    #[serde(default)]
    pub identifiers: Identifiers,
    /// Whether text begins with a byte order mark, for Excel.
    #[serde(default)]
    pub bom: bool,
    /// Who may be contacted, and who is held out.
    #[serde(flatten)]
    pub reach: ReachOrder,
}

/// Who of a segment may be contacted, and who is held out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReachOrder {
    /// A channel of the catalog: only those who may be contacted by it.
    #[serde(default)]
    pub channel: Option<String>,
    /// Nobody who was contacted in the last so many days; needs a channel.
    #[serde(default)]
    pub not_contacted_days: Option<u32>,
    /// A control group, which goes into a file of its own.
    #[serde(default)]
    pub hold_out: Option<HoldOutOrder>,
}

/// A control group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldOutOrder {
    /// Above 0 and below 100.
    pub percent: f64,
    /// The same seed holds the same people out [default: 1].
    #[serde(default = "one")]
    pub seed: u64,
}

fn one() -> u64 {
    1
}

/// What becomes of the identifier in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identifiers {
    /// A keyed hash of it: files can be joined by it, and nobody without the key can tell who is meant.
    #[default]
    Hashed,
    /// It is left out.
    Omit,
    /// As it is; only for roles that may see it.
    Plain,
}

impl ReachOrder {
    /// The same for the app.
    pub(super) fn request(&self, min_group: Option<u64>) -> ReachRequest {
        ReachRequest {
            channel: self.channel.clone(),
            not_contacted_days: self.not_contacted_days,
            hold_out: self.hold_out.map(|h| HoldOut { percent: h.percent, seed: h.seed }),
            min_group,
        }
    }
}

impl Service {
    /// The order as the app takes it.
    ///
    /// # Errors
    /// A format or a column that is none, identifiers that the role may not see.
    pub(super) fn request(
        &self,
        caller: &Caller,
        order: &ExportOrder,
        catalog: &Catalog,
    ) -> Result<ExportRequest, ServiceError> {
        allowed(caller, Right::Export)?;
        let name = order.format.as_deref().unwrap_or("csv");
        let format = ExportFormat::named(name).ok_or_else(|| {
            let known = ExportFormat::ALL.map(ExportFormat::extension).join(", ");
            let name: String = name.chars().take(32).collect();
            ServiceError::invalid(
                format!("`{name}` 형식은 없습니다. 쓸 수 있는 형식: {known}"),
                format!("there is no format `{name}`; there are: {known}"),
            )
        })?;
        export_columns(&order.columns, catalog)
            .map_err(|e| ServiceError::invalid(e.message(Locale::Ko), e.message(Locale::En)))?;
        let identifiers = match order.identifiers {
            Identifiers::Omit => IdentifierPolicy::Omit,
            Identifiers::Plain => {
                allowed(caller, Right::SeeIdentifiers)?;
                IdentifierPolicy::Plain
            }
            Identifiers::Hashed => {
                HashKey::new(&self.config.hash_key).map(IdentifierPolicy::Hashed).ok_or_else(|| {
                    ServiceError::invalid(
                        "해시 키가 설정되어 있지 않습니다 (export.hash_key)",
                        "no key of hashes is configured (export.hash_key)",
                    )
                })?
            }
        };
        Ok(ExportRequest {
            format,
            columns: order.columns.clone(),
            identifiers,
            bom: order.bom,
            reach: order.reach.request(self.config.min_group),
        })
    }
}
