//! The processes of a cluster: one scheduler, and executors that are of the same build as whoever asks them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::extension::SessionConfigExt;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::error::Result as DfResult;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::SessionConfig;

use super::Scheduler;
use crate::engine::storage::Stores;

/// Seconds after which the scheduler looks again for executors that say nothing any more.
const LOOKED_FOR_EACH_S: u64 = 1;

/// How often an executor says that it is there, for each time that the scheduler waits for it at the longest.
const SAID_WITHIN: u64 = 3;

/// How often a part of a statement may fail before all of it does: executors that are killed count.
const MOST_FAILURES: usize = 8;

/// How long results of parts are kept where nobody has fetched them, and how often that is looked after, in seconds.
const KEPT_S: (u64, u64) = (3600, 300);

/// Stack of a thread that plans or runs: both go as deep as a statement nests.
const STACK: usize = 64 << 20;

/// A scheduler to be started.
#[derive(Debug, Clone)]
pub struct SchedulerNode {
    /// Where it listens.
    pub bind: SocketAddr,
    /// Name or address under which executors and clients reach it.
    pub host: String,
    /// How long an executor may say nothing until its work is given to others.
    pub executor_timeout: Duration,
}

/// An executor to be started.
#[derive(Debug, Clone)]
pub struct ExecutorNode {
    /// Who hands it its tasks.
    pub scheduler: Scheduler,
    /// Where results are fetched; tasks come at the next port.
    pub bind: SocketAddr,
    /// Name or address under which others reach it.
    pub host: String,
    /// Parts that it runs at the same time; 0 for one a core.
    pub cores: usize,
    /// Memory that it may use for them together, in bytes.
    pub memory_bytes: u64,
    /// Folder of what is handed from part to part.
    pub work: PathBuf,
    /// How long it may say nothing; that of its scheduler.
    pub timeout: Duration,
}

/// Why a process of a cluster ended.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It could not be started, or not go on.
    #[error("{0}")]
    Failed(String),
}

impl From<BallistaError> for NodeError {
    fn from(error: BallistaError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs a scheduler until it is ended.
///
/// # Errors
/// Where it cannot listen.
pub async fn run_scheduler(node: SchedulerNode) -> Result<(), NodeError> {
    let timeout = node.executor_timeout.as_secs().max(1);
    let config = SchedulerConfig {
        bind_host: node.bind.ip().to_string(),
        bind_port: node.bind.port(),
        external_host: node.host,
        scheduling_policy: TaskSchedulingPolicy::PushStaged,
        executor_timeout_seconds: timeout,
        expire_dead_executor_interval_seconds: LOOKED_FOR_EACH_S,
        no_executors_grace_period_seconds: timeout.saturating_mul(2),
        task_max_failures: MOST_FAILURES,
        stage_max_failures: MOST_FAILURES,
        override_config_producer: Some(Arc::new(SessionConfig::new_with_ballista)),
        override_session_builder: Some(Arc::new(state)),
        ..SchedulerConfig::default()
    };
    on_deep_stacks(async move {
        let cluster = BallistaCluster::new_from_config(&config).await?;
        start_server(cluster, node.bind, Arc::new(config)).await
    })
    .await
}

/// Runs an executor until it is ended.
///
/// # Errors
/// Where it cannot listen, or its scheduler is not there.
pub async fn run_executor(node: ExecutorNode) -> Result<(), NodeError> {
    let tasks = node.bind.port().checked_add(1);
    let tasks = tasks.ok_or_else(|| NodeError::Failed("there is no port after the last".to_owned()))?;
    let waited = u16::try_from(node.timeout.as_secs().max(1)).unwrap_or(u16::MAX);
    let config = ExecutorProcessConfig {
        bind_host: node.bind.ip().to_string(),
        external_host: Some(node.host),
        port: node.bind.port(),
        grpc_port: tasks,
        scheduler_host: node.scheduler.host,
        scheduler_port: node.scheduler.port,
        scheduler_connect_timeout_seconds: waited,
        vcores: node.cores,
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        work_dir: Some(node.work.to_string_lossy().into_owned()),
        job_data_ttl_seconds: KEPT_S.0,
        job_data_clean_up_interval_seconds: KEPT_S.1,
        executor_heartbeat_interval_seconds: (u64::from(waited) / SAID_WITHIN).max(1),
        memory_pool_size: Some(node.memory_bytes),
        override_config_producer: Some(Arc::new(SessionConfig::new_with_ballista)),
        override_runtime_producer: Some(Arc::new(|_: &SessionConfig| runtime())),
        ..ExecutorProcessConfig::default()
    };
    on_deep_stacks(start_executor_process(Arc::new(config))).await
}

/// Runs a process of a cluster on threads of its own.
async fn on_deep_stacks<F>(work: F) -> Result<(), NodeError>
where
    F: Future<Output = Result<(), BallistaError>> + Send + 'static,
{
    let (send, receive) = tokio::sync::oneshot::channel();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
        let done = runtime.map_err(BallistaError::from).and_then(|runtime| runtime.block_on(work));
        // Nobody waits where the program ends.
        let _ = send.send(done);
    };
    let thread = std::thread::Builder::new().name("cluster".to_owned()).stack_size(STACK).spawn(run);
    thread.map_err(BallistaError::from)?;
    Ok(receive.await.map_err(|_| NodeError::Failed("it was broken off".to_owned()))??)
}

fn runtime() -> DfResult<Arc<RuntimeEnv>> {
    RuntimeEnvBuilder::new().with_object_store_registry(Arc::new(Stores::default())).build_arc()
}

/// A session of the scheduler's, which plans what a client sends.
fn state(config: SessionConfig) -> DfResult<SessionState> {
    use ballista_core::extension as all;
    let state = SessionStateBuilder::new().with_config(config).with_runtime_env(runtime()?).with_default_features();
    let state = state.with_scalar_functions(all::ballista_scalar_functions());
    let state = state.with_aggregate_functions(all::ballista_aggregate_functions());
    Ok(state.with_window_functions(all::ballista_window_functions()).build())
}
