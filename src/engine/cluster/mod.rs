//! Past one machine: statements run by an Apache DataFusion Ballista cluster. The statement is checked, parsed and
//! optimised here; a scheduler cuts its plan into stages, and executors read the same Parquet files, which lie where
//! all of them see them: a folder that is mounted alike everywhere, or a bucket. Knows nothing of the index: a cluster
//! answers what is asked of it by reading.

mod nodes;
mod planner;
mod running;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::extension::{SessionConfigExt, SessionStateExt};
use datafusion::error::Result as DfResult;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionContext;

pub use nodes::{ExecutorNode, NodeError, SchedulerNode, run_executor, run_scheduler};
pub(super) use running::Running;

/// How the address of a cluster begins.
const SCHEME: &str = "ballista://";

/// Port of a scheduler where an address names none; Ballista's own.
pub const SCHEDULER_PORT: u16 = 50050;

/// Longest wait for a scheduler to be reached, where it is to be told from one that is not there.
const REACHED_WITHIN: Duration = Duration::from_secs(2);

/// Parts that a cluster splits a statement into, at least: it says nothing of how many cores it has.
const MIN_PARTS: usize = 16;

/// Where the scheduler of a cluster is asked: `ballista://HOST[:PORT]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduler {
    host: String,
    port: u16,
}

/// A text that names no scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cluster is named by {SCHEME}HOST:PORT")]
pub struct NoScheduler;

impl Scheduler {
    fn url(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    /// Whether somebody listens there.
    pub(super) async fn is_reached(&self) -> bool {
        let connect = tokio::net::TcpStream::connect((self.host.trim_matches(['[', ']']), self.port));
        matches!(tokio::time::timeout(REACHED_WITHIN, connect).await, Ok(Ok(_)))
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}:{}", self.host, self.port)
    }
}

impl FromStr for Scheduler {
    type Err = NoScheduler;

    fn from_str(text: &str) -> Result<Self, NoScheduler> {
        let url = url::Url::parse(text).map_err(|_| NoScheduler)?;
        // Nothing but a host and a port: what else there were would be left out in silence.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(NoScheduler)?;
        let port = url.port().unwrap_or(SCHEDULER_PORT);
        let bare = [format!("{SCHEME}{host}"), format!("{SCHEME}{host}:{port}")];
        if !bare.contains(&text.to_owned()) {
            return Err(NoScheduler);
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

/// The same session, whose statements `scheduler` runs.
pub(super) fn session(state: &SessionState, scheduler: &Scheduler) -> DfResult<SessionContext> {
    let partitions = state.config().target_partitions().max(MIN_PARTS);
    let config = state.config().clone().with_target_partitions(partitions).upgrade_for_ballista();
    // Plans that change while they run have lost rows: grouped counts came back empty, one time in three.
    let config = config.with_ballista_adaptive_query_planner(false);
    let planner = planner::Planner::new(scheduler.url(), config.ballista_config());
    let config = config.with_ballista_query_planner(Arc::new(planner));
    let state = SessionStateBuilder::new_from_existing(state.clone()).with_config(config).build();
    Ok(SessionContext::new_with_state(state.upgrade_for_ballista(scheduler.url())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let read = |text: &str| text.parse::<Scheduler>().ok().map(|s| s.to_string());
        assert_eq!(read("ballista://10.0.0.7:50050").as_deref(), Some("ballista://10.0.0.7:50050"));
        assert_eq!(read("ballista://scheduler").as_deref(), Some("ballista://scheduler:50050"));
        assert_eq!(read("ballista://scheduler:80").as_deref(), Some("ballista://scheduler:80"));
        assert_eq!(read("ballista://[::1]:9000").as_deref(), Some("ballista://[::1]:9000"));
        for wrong in
            ["ballista:", "ballista://", "scheduler:50050", "ballista://a:b", "ballista://a/b", "ballista://u@a"]
        {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
