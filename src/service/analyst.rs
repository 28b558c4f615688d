//! SQL that analysts write: checked and run within the caller's rows and the minimum group, remembered for the guard
//! against differencing, and written into the audit log.

use serde_json::json;

use super::guard::broken;
use super::segments::entry;
use super::turns::allowed;
use super::{Service, ServiceError};
use crate::access::{Caller, Right};
use crate::app::{AnalystError, SqlOptions, SqlRun, Verdict};

impl Service {
    /// What can be said of a statement without running it.
    ///
    /// # Errors
    /// A role that may not.
    pub async fn check_sql(&self, caller: &Caller, text: &str, how: SqlOptions) -> Result<Verdict, ServiceError> {
        allowed(caller, Right::RunSql)?;
        let app = self.apps.of(caller)?;
        Ok(app.check_sql(text, &self.limited(how)).await)
    }

    /// Runs a statement. Dropping the future cancels it.
    ///
    /// # Errors
    /// A role that may not, a statement that is refused, a limit that was reached.
    pub async fn run_sql(&self, caller: &Caller, text: &str, how: SqlOptions) -> Result<SqlRun, ServiceError> {
        allowed(caller, Right::RunSql)?;
        let app = self.apps.of(caller)?;
        let _place = self.turns.enter().await?;
        let run = app.run_sql(text, &self.limited(how)).await;
        let detail = match &run {
            Ok(run) => json!({ "sql": run.about.sql, "rows": run.output().len(), "data": run.about.data_version }),
            Err(_) => json!({ "sql": text, "refused": true }),
        };
        self.store.append_audit(vec![entry(caller, "sql", "sql", &detail)]).await?;
        let run = run.map_err(|error| match error {
            AnalystError::Refused(refusals) => ServiceError::Refused { refusals },
            other => broken(&other),
        })?;
        let told = app.remembered_sql(text, &run).map_err(|error| broken(&error.into()))?;
        if let Some(new) = &told
            && self.is_too_near(caller, &app, new).await?
        {
            return Ok(run.withheld());
        }
        self.remember(caller, told).await;
        Ok(run)
    }

    /// The service's minimum group stands in any case.
    fn limited(&self, how: SqlOptions) -> SqlOptions {
        SqlOptions { min_group: self.config.min_group, ..how }
    }
}
