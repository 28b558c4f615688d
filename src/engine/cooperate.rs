//! Joins of everything with everything give way between batches, so that they can be stopped.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;

/// Operators that make many batches of one.
const MULTIPLYING: &[&str] = &["CrossJoinExec", "NestedLoopJoinExec", "PiecewiseMergeJoin"];

/// Puts a point to give way above each of them.
#[derive(Debug)]
pub(super) struct Cooperate;

impl PhysicalOptimizerRule for Cooperate {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let wrapped = |node: Arc<dyn ExecutionPlan>| {
            if MULTIPLYING.contains(&node.name()) {
                return Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>));
            }
            Ok(Transformed::no(node))
        };
        plan.transform_up(wrapped).data()
    }

    fn name(&self) -> &'static str {
        "cooperate"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
