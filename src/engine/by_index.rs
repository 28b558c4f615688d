//! Statements answered by the index, with DataFusion asked for what parts of them it does not cover.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::runtime::SpawnedTask;
use datafusion::execution::SendableRecordBatchStream;

use super::index::{Answered, Gathering, Given, Halt, Index, Lacking, Lacks, Stop};
use super::{Engine, EngineError, Output, Rows, form, next};
use crate::sql::{self, CheckedSql, Shape};

/// Tells a question to stop when nobody waits for it any more.
struct Waits(Arc<Stop>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.tell();
    }
}

impl Engine {
    /// The rows of a statement by the index; none where it must be run.
    pub(super) async fn by_index(&self, sql: &CheckedSql) -> Result<Option<Rows>, EngineError> {
        self.by_index_within(sql, self.config.timeout).await
    }

    /// The result of a statement in a form of its own by the index; none where it must be run.
    pub(super) async fn output_by_index(
        &self,
        sql: &CheckedSql,
        limit: Duration,
    ) -> Result<Option<Output>, EngineError> {
        let Some((shape, form)) = sql.shape().and_then(|shape| Some((shape, shape.form()?))) else { return Ok(None) };
        let Some(table) = &self.index.table else { return Ok(None) };
        match self.by_index_within(sql, limit).await? {
            Some(rows) => form::output(&rows, shape, form, table).map(Some),
            None => Ok(None),
        }
    }

    async fn by_index_within(&self, sql: &CheckedSql, limit: Duration) -> Result<Option<Rows>, EngineError> {
        if !self.index.mode.asks_index() {
            return Ok(None);
        }
        let (Some(shape), Some(index)) = (sql.shape(), self.index.index.load_full()) else { return Ok(None) };
        let until = Instant::now().checked_add(limit);
        let given = match index.lacks(shape) {
            Lacks::Nothing => Given::default(),
            Lacks::TooMuch => return Ok(None),
            Lacks::Parts(parts) => match Box::pin(self.given(&index, shape, &parts, limit)).await? {
                Some(given) => given,
                None => return Ok(None),
            },
        };
        let stop = Arc::new(Stop::at(until));
        let waits = Waits(Arc::clone(&stop));
        let (asked, shape, answers) = (shape, Arc::clone(shape), Arc::clone(&index));
        let task = SpawnedTask::spawn_blocking(move || answers.answer(&shape, &given, &stop));
        let answered = task.join().await.map_err(|_| EngineError::Stopped)?;
        drop(waits);
        if index.is_short_of_room() {
            // Nobody waits for it.
            drop(tokio::task::spawn_blocking(move || index.make_room()));
        }
        match answered {
            Ok(Answered { rows, how }) => {
                self.index.explain(how);
                Ok(Some(form::shaped(rows, asked)))
            }
            Err(Halt::Uncovered) => Ok(None),
            Err(Halt::Torn) => {
                self.index.drop_torn();
                Ok(None)
            }
            // Nobody but the clock stops a question that somebody waits for.
            Err(Halt::Stopped) => Err(EngineError::Timeout { limit }),
        }
    }

    /// The sets of parts that the index does not cover, by DataFusion within `limit` for all of them; none where the
    /// whole statement is better run there.
    async fn given(
        &self,
        index: &Arc<Index>,
        shape: &Shape,
        parts: &[Lacking],
        limit: Duration,
    ) -> Result<Option<Given>, EngineError> {
        let started = Instant::now();
        let mut given = Given::default();
        for lacking in parts {
            if given.known(lacking) {
                continue;
            }
            let Ok(sql) = sql::holders(&lacking.part, shape, &self.index.catalog) else { return Ok(None) };
            let Some(gathering) = Gathering::new(index) else { return Ok(None) };
            let left = limit.saturating_sub(started.elapsed());
            match self.within(left, sql.text(), |stream| gathered(stream, gathering)).await {
                Ok(Some(gathering)) => given.gathered(lacking, shape, gathering),
                Err(EngineError::Timeout { .. }) => return Err(EngineError::Timeout { limit }),
                // What cannot be had so may yet be had by running the whole.
                Ok(None) | Err(_) => return Ok(None),
            }
        }
        Ok(Some(given))
    }
}

/// The set of those with the keys of a stream; none where the index does not know one of them.
async fn gathered(
    mut stream: SendableRecordBatchStream,
    mut gathering: Gathering,
) -> Result<Option<Gathering>, EngineError> {
    while let Some(batch) = next(&mut stream).await? {
        let keys = cast(batch.column(0), &DataType::Int64)?;
        if !gathering.add(keys.as_primitive::<Int64Type>().values()) {
            return Ok(None);
        }
    }
    Ok(Some(gathering))
}
