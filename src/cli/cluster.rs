//! `waggle cluster`: the processes of a cluster that answers in place of one machine. `--engine ballista://HOST:PORT`
//! asks it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::exit::Exit;
use super::output;
use crate::engine::{ExecutorNode, SCHEDULER_PORT, Scheduler, SchedulerNode, run_executor, run_scheduler};

/// Port where the results of an executor are fetched; its tasks come at the next.
const EXECUTOR_PORT: u16 = 50060;

/// Seconds that an executor may say nothing.
const TIMEOUT_S: u64 = 30;

/// Memory of an executor in MiB, where nothing else is said.
const MEMORY_MIB: u64 = 4096;

/// Run a part of a cluster: one scheduler, and executors on as many machines as there are
#[derive(Debug, Args)]
#[command(after_help = super::exit::HELP)]
pub struct ClusterArgs {
    #[command(subcommand)]
    command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
enum ClusterCommand {
    /// Plan statements and hand their parts to executors
    Scheduler {
        /// Where it listens
        #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from(([127, 0, 0, 1], SCHEDULER_PORT)))]
        bind: SocketAddr,
        #[command(flatten)]
        shared: Shared,
    },
    /// Run parts of statements over the files that it sees
    Executor {
        /// Where the scheduler is, as `ballista://HOST:PORT`
        #[arg(long, value_name = "ADDRESS")]
        scheduler: Scheduler,
        /// Where results are fetched; tasks come at the next port
        #[arg(long, value_name = "ADDRESS", default_value_t = SocketAddr::from(([127, 0, 0, 1], EXECUTOR_PORT)))]
        bind: SocketAddr,
        /// Parts at the same time [default: one a core]
        #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
        cores: usize,
        /// Memory for them together, in MiB
        #[arg(long, value_name = "MIB", default_value_t = MEMORY_MIB, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
        memory: u64,
        /// Folder of what is handed from part to part [default: one that the system keeps for a while]
        #[arg(long, value_name = "DIR")]
        work: Option<PathBuf>,
        #[command(flatten)]
        shared: Shared,
    },
}

#[derive(Debug, Args)]
struct Shared {
    /// Name or address under which the others reach it [default: the address where it listens]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Seconds that an executor may say nothing before its work is given to others; the same for all of a cluster
    #[arg(long, value_name = "S", default_value_t = TIMEOUT_S, value_parser = clap::value_parser!(u64).range(1..=3600))]
    executor_timeout: u64,
}

impl Shared {
    fn host(&self, bind: SocketAddr) -> Result<String, CliError> {
        match (&self.host, bind.ip()) {
            (Some(host), _) => Ok(host.clone()),
            (None, ip) if ip.is_unspecified() => {
                Err(CliError::Usage(format!("{ip} is everywhere: say with --host where the others find this process")))
            }
            (None, IpAddr::V6(ip)) => Ok(format!("[{ip}]")),
            (None, ip) => Ok(ip.to_string()),
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.executor_timeout)
    }
}

/// Runs the command, until the process is ended.
///
/// # Errors
/// Where it cannot listen, or the scheduler of an executor is not there.
pub async fn run(args: ClusterArgs) -> Result<Exit, CliError> {
    match args.command {
        ClusterCommand::Scheduler { bind, shared } => {
            let node = SchedulerNode { bind, host: shared.host(bind)?, executor_timeout: shared.timeout() };
            output::note(&format!("scheduler at {bind}"));
            run_scheduler(node).await?;
        }
        ClusterCommand::Executor { scheduler, bind, cores, memory, work, shared } => {
            let (host, timeout, memory_bytes) = (shared.host(bind)?, shared.timeout(), memory << 20);
            let folder = work.unwrap_or_else(|| std::env::temp_dir().join(format!("waggle-executor-{}", bind.port())));
            std::fs::create_dir_all(&folder).map_err(|source| CliError::File { path: folder.clone(), source })?;
            output::note(&format!("executor at {bind}, for {scheduler}"));
            run_executor(ExecutorNode { scheduler, bind, host, cores, memory_bytes, work: folder, timeout }).await?;
        }
    }
    Ok(Exit::Done)
}
