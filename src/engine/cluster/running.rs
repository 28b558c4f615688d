//! A statement that the cluster runs, which it is told to stop when nobody waits for it any more.

use std::sync::Arc;

use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::serde::protobuf::CancelJobParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::LogicalPlanNode;

use super::Scheduler;

/// A plan that may run on a cluster. Dropped before [`Running::done`], it tells the cluster to stop.
pub(in crate::engine) struct Running {
    plan: Arc<dyn ExecutionPlan>,
    scheduler: Option<Scheduler>,
}

impl Running {
    /// `plan`, run by `scheduler` where there is one.
    pub(in crate::engine) fn new(plan: &Arc<dyn ExecutionPlan>, scheduler: Option<&Scheduler>) -> Self {
        Self { plan: Arc::clone(plan), scheduler: scheduler.cloned() }
    }

    /// All of it has come.
    pub(in crate::engine) fn done(mut self) {
        self.scheduler = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(scheduler) = self.scheduler.take() else { return };
        let plan = self.plan.downcast_ref::<DistributedQueryExec<LogicalPlanNode>>();
        let (Some(job), Ok(runtime)) =
            (plan.and_then(DistributedQueryExec::job_id), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(async move {
            let job_id = job.as_str().to_owned();
            match SchedulerGrpcClient::connect(scheduler.url()).await {
                Ok(mut client) => {
                    if let Err(error) = client.cancel_job(CancelJobParams { job_id }).await {
                        tracing::debug!(%error, "a statement that nobody waits for goes on in the cluster");
                    }
                }
                Err(error) => tracing::debug!(%error, "the scheduler cannot be told to stop a statement"),
            }
        });
    }
}
