//! How the service is, for who runs it: what is open, what waits, how long things are kept, what models have cost.

use chrono::{DateTime, Days, NaiveDate};
use serde::Serialize;

use super::turns::allowed;
use super::{Service, ServiceError, time};
use crate::access::{Caller, Right};
use crate::app::budget_day;
use crate::translate::router::{Budget, Budgets, Mode, Spent};

/// How the service is.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ServiceState {
    /// Version of the program.
    pub version: &'static str,
    /// When it was started, RFC 3339.
    pub started: String,
    /// The catalog.
    pub catalog: String,
    /// Its version.
    pub catalog_version: String,
    /// Version of the data.
    pub data_version: String,
    /// The day that the data is of.
    pub as_of: String,
    /// Groups smaller than this are hidden; 0 hides none.
    pub min_group: u64,
    /// Messages that are being answered.
    pub answering: usize,
    /// Messages that wait to be answered.
    pub waiting: usize,
    /// How long things are kept.
    pub kept: KeptInfo,
}

/// How long things are kept; what is left out is kept for good. The audit log always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KeptInfo {
    /// Days until a conversation that nobody goes on with is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions_days: Option<u64>,
    /// Days until what is recorded of an export is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports_days: Option<u64>,
    /// Hours until an exported file is taken away.
    pub files_hours: u64,
}

/// What may be spent in a day; what is left out has no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AllowanceInfo {
    /// US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// Tokens, of prompts and replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SpentInfo {
    /// US dollars.
    pub usd: f64,
    /// Tokens, of prompts and replies.
    pub tokens: u64,
}

/// What a caller has spent.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CallerSpent {
    /// The caller's id; empty for those of whom nothing is known.
    pub caller: String,
    /// What it has spent.
    #[serde(flatten)]
    pub spent: SpentInfo,
}

/// What models may cost in a day, and have cost today since the service began.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BudgetInfo {
    /// Today, in UTC, by which budgets go.
    pub day: String,
    /// Who is asked first: `builtin_first`, `model_first`, `builtin_only` or `cheapest_above`; none where there are no models.
    #[schema(value_type = Option<String>)]
    pub policy: Option<Mode>,
    /// What each caller may spend.
    pub per_caller: AllowanceInfo,
    /// What all together may spend.
    pub total: AllowanceInfo,
    /// What all together have spent.
    pub spent: SpentInfo,
    /// What each has spent, those first who spent most.
    pub callers: Vec<CallerSpent>,
}

impl From<Budget> for AllowanceInfo {
    fn from(Budget { usd, tokens }: Budget) -> Self {
        Self { usd, tokens }
    }
}

impl From<Spent> for SpentInfo {
    fn from(spent: Spent) -> Self {
        Self { usd: spent.usd(), tokens: spent.tokens }
    }
}

impl Service {
    /// How the service is.
    ///
    /// # Errors
    /// A role that may not.
    pub fn state(&self, caller: &Caller) -> Result<ServiceState, ServiceError> {
        allowed(caller, Right::ReadMetrics)?;
        let app = self.whole();
        let (catalog, config) = (app.catalog(), &self.config);
        let days = |kept: std::time::Duration| kept.as_secs() / (24 * 60 * 60);
        Ok(ServiceState {
            version: env!("CARGO_PKG_VERSION"),
            started: time(self.started),
            catalog: catalog.name.clone(),
            catalog_version: catalog.version.clone(),
            data_version: app.engine().data_version().to_owned(),
            as_of: catalog.as_of.to_string(),
            min_group: app.min_group(),
            answering: self.answering(),
            waiting: self.waiting(),
            kept: KeptInfo {
                sessions_days: config.sessions_kept.map(days),
                exports_days: config.exports_kept.map(days),
                files_hours: config.export_expiry.as_secs() / (60 * 60),
            },
        })
    }

    /// What models may cost in a day, and have cost today.
    ///
    /// # Errors
    /// A role that may not.
    pub fn budgets(&self, caller: &Caller) -> Result<BudgetInfo, ServiceError> {
        allowed(caller, Right::ReadMetrics)?;
        let (app, day) = (self.whole(), budget_day());
        let policy = app.router().map(crate::translate::router::Router::policy);
        let Budgets { per_caller, total } = policy.map(|policy| policy.budget).unwrap_or_default();
        let (spent, callers) = app.router().map(|router| router.spent(day)).unwrap_or_default();
        let one = |(caller, spent): (String, Spent)| CallerSpent { caller, spent: spent.into() };
        Ok(BudgetInfo {
            day: date_of(day),
            policy: policy.map(|policy| policy.mode),
            per_caller: per_caller.into(),
            total: total.into(),
            spent: spent.into(),
            callers: callers.into_iter().map(one).collect(),
        })
    }
}

/// A day that is counted from 1970-01-01.
fn date_of(day: i64) -> String {
    let first: NaiveDate = DateTime::UNIX_EPOCH.date_naive();
    let date = u64::try_from(day).ok().and_then(|day| first.checked_add_days(Days::new(day)));
    date.unwrap_or(first).to_string()
}
