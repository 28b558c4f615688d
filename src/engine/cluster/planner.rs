//! Who runs a plan: the cluster, or this process where it reads no table at all.

use std::pin::Pin;
use std::sync::Arc;

use ballista_core::config::BallistaConfig;
use ballista_core::planner::BallistaQueryPlanner;
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion_proto::protobuf::LogicalPlanNode;

/// Sends to the cluster what reads a table.
#[derive(Debug)]
pub(super) struct Planner {
    cluster: BallistaQueryPlanner<LogicalPlanNode>,
}

impl Planner {
    pub(super) fn new(scheduler: String, config: BallistaConfig) -> Self {
        Self { cluster: BallistaQueryPlanner::new(scheduler, config) }
    }
}

/// A plan that will be there.
type Planning<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'a>>;

impl QueryPlanner for Planner {
    // Written out as the trait's attribute writes it.
    fn create_physical_plan<'a, 'b, 'c, 'd>(&'a self, plan: &'b LogicalPlan, session: &'c dyn Session) -> Planning<'d>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        Box::pin(async move {
            // Ballista gives a statement that was found to have no rows no columns either.
            if reads_a_table(plan)? {
                self.cluster.create_physical_plan(plan, session).await
            } else {
                DefaultPhysicalPlanner::default().create_physical_plan(plan, session).await
            }
        })
    }
}

fn reads_a_table(plan: &LogicalPlan) -> Result<bool> {
    let mut reads = false;
    plan.apply_with_subqueries(|node| {
        reads |= matches!(node, LogicalPlan::TableScan(_));
        Ok(if reads { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(reads)
}
