//! Tables cut at the same keys. Where the row groups of several tables hold ascending ranges of the entity's key, as
//! their statistics say, all of these tables are read in the same ranges: a join or a group by the key then goes
//! range by range, and no row has to be moved to another thread for it. What the files do not say is not assumed:
//! a table that does not ascend, or lacks statistics, is read as any other.

use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::{ScalarValue, SplitPoint};
use datafusion::datasource::TableProvider;
use datafusion::datasource::listing::{ListingTable, PartitionedFile};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use datafusion::parquet::file::statistics::Statistics;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr, RangePartitioning};
use datafusion::physical_plan::ExecutionPlan;

/// Ranges for each thread: more than one, so that a thread that is done early takes over.
const RANGES_A_THREAD: usize = 4;

/// A row group: the keys in it, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    first: i64,
    last: i64,
    rows: i64,
    /// File of the table.
    file: usize,
    /// Where it begins in its file.
    start: u64,
    /// Where the next one begins, or the file ends.
    end: u64,
}

/// The row groups of the table's file number `file`, with the keys that `key` has in them; none where the file does
/// not say.
pub(super) fn spans(metadata: &ParquetMetaData, key: &str, file: usize, size: u64) -> Option<Vec<Span>> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let column = columns.iter().position(|c| c.path().string() == key)?;
    let mut spans = Vec::new();
    for group in metadata.row_groups() {
        let (first, last) = bounds(group, column)?;
        let start = group.columns().first()?.byte_range().0;
        spans.push(Span { first, last, rows: group.num_rows(), file, start, end: size });
    }
    for i in 1..spans.len() {
        spans[i - 1].end = spans[i].start;
    }
    // Where groups do not lie in order, none can be told by where it begins.
    spans.iter().all(|span| span.start < span.end).then_some(spans)
}

/// The note of a file that its rows ascend by a column, which it names; those of the generator have it.
const ASCENDING: &str = "waggle.ascending";

/// Whether the file says that its rows are in the order of `key`.
pub(super) fn ascends(metadata: &ParquetMetaData, key: &str) -> bool {
    let file = metadata.file_metadata();
    let mut noted = file.key_value_metadata().into_iter().flatten();
    if noted.any(|note| note.key == ASCENDING && note.value.as_deref() == Some(key)) {
        return true;
    }
    let columns = file.schema_descr().columns();
    let column = columns.iter().position(|c| c.path().string() == key).and_then(|at| i32::try_from(at).ok());
    !metadata.row_groups().is_empty()
        && metadata.row_groups().iter().all(|group| {
            let by = group.sorting_columns().and_then(|all| all.first());
            by.is_some_and(|by| Some(by.column_idx) == column && !by.descending)
        })
}

/// The least and the greatest key of a row group, if none is missing.
fn bounds(group: &RowGroupMetaData, column: usize) -> Option<(i64, i64)> {
    let chunk = group.column(column);
    let statistics = chunk.statistics()?;
    let present = chunk.column_descr().max_def_level() == 0 || statistics.null_count_opt() == Some(0);
    let (first, last) = match statistics {
        Statistics::Int64(s) => (*s.min_opt()?, *s.max_opt()?),
        Statistics::Int32(s) => (i64::from(*s.min_opt()?), i64::from(*s.max_opt()?)),
        _ => return None,
    };
    present.then_some((first, last))
}

/// Where to cut: keys that begin a range of the entity and that no row group of any table reaches across.
pub(super) fn cuts(entity: &[Span], tables: &[&[Span]], threads: usize) -> Vec<i64> {
    let mut groups: Vec<&Span> = entity.iter().collect();
    groups.sort_unstable_by_key(|span| span.first);
    let mut reaches: Vec<(i64, i64)> = tables.iter().flat_map(|t| t.iter().map(|s| (s.first, s.last))).collect();
    reaches.sort_unstable();
    let total: i64 = groups.iter().map(|span| span.rows).sum();
    let ranges = i64::try_from(threads * RANGES_A_THREAD).unwrap_or(1).max(1);
    let (mut cuts, mut rows) = (Vec::new(), 0);
    for pair in groups.windows(2) {
        rows += pair[0].rows;
        let key = pair[1].first;
        let due = rows * ranges >= total * (i64::try_from(cuts.len()).unwrap_or(0) + 1);
        if due && !crossed(&reaches, key) {
            cuts.push(key);
        }
    }
    cuts
}

/// Whether a row group has keys both below `key` and at or above it; `reaches` is sorted.
fn crossed(reaches: &[(i64, i64)], key: i64) -> bool {
    let before = reaches.partition_point(|(first, _)| *first < key);
    reaches[..before].iter().any(|(_, last)| *last >= key)
}

/// A table that is read in ranges of its key.
#[derive(Debug)]
pub(super) struct Ranged {
    pub(super) table: ListingTable,
    /// Names of its files, in the order that spans number them.
    pub(super) files: Vec<String>,
    pub(super) key: String,
    pub(super) spans: Vec<Span>,
    pub(super) cuts: Arc<[i64]>,
}

impl Ranged {
    /// The same scan, in ranges; as it was where its files are not those that were opened.
    fn ranged(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let config =
            plan.downcast_ref::<DataSourceExec>().and_then(|s| s.data_source().downcast_ref::<FileScanConfig>());
        let Some(config) = config else { return Ok(plan) };
        let Some(groups) = self.groups(config) else { return Ok(plan) };
        let ranged = FileScanConfigBuilder::from(config.clone())
            .with_file_groups(groups)
            .with_output_partitioning(Some(Partitioning::Range(self.partitioning()?)))
            .build();
        Ok(DataSourceExec::from_data_source(ranged))
    }

    fn groups(&self, config: &FileScanConfig) -> Option<Vec<FileGroup>> {
        let scanned: Vec<&PartitionedFile> = config.file_groups.iter().flat_map(FileGroup::iter).collect();
        let named = |name: &String| scanned.iter().find(|f| f.object_meta.location.filename() == Some(name.as_str()));
        let files: Vec<&PartitionedFile> = self.files.iter().map(|n| named(n).copied()).collect::<Option<_>>()?;
        if files.len() != scanned.len() || files.iter().any(|file| file.range.is_some()) {
            return None;
        }
        let mut groups: Vec<Vec<PartitionedFile>> = vec![Vec::new(); self.cuts.len() + 1];
        for span in &self.spans {
            let range = &mut groups[self.cuts.partition_point(|cut| *cut <= span.first)];
            let (start, end) = (i64::try_from(span.start).ok()?, i64::try_from(span.end).ok()?);
            let file = files.get(span.file)?;
            // Groups that follow each other are read as one.
            match range.last_mut().filter(|f| f.object_meta.location == file.object_meta.location) {
                Some(PartitionedFile { range: Some(before), .. }) if before.end == start => before.end = end,
                _ => range.push((*file).clone().with_range(start, end)),
            }
        }
        Some(groups.into_iter().map(FileGroup::new).collect())
    }

    fn partitioning(&self) -> Result<RangePartitioning> {
        let schema = self.table.schema();
        let (index, field) = (schema.index_of(&self.key)?, schema.field_with_name(&self.key)?);
        let options = SortOptions { descending: false, nulls_first: false };
        let by = PhysicalSortExpr::new(Arc::new(Column::new(&self.key, index)), options);
        let point = |cut: &i64| Ok(SplitPoint::new(vec![scalar(*cut, field.data_type())?]));
        let points = self.cuts.iter().map(point).collect::<Result<Vec<_>>>()?;
        let ordering = LexOrdering::new(vec![by]).ok_or_else(|| {
            datafusion::error::DataFusionError::Internal("an ordering of one column has one".to_owned())
        })?;
        RangePartitioning::try_new(ordering, points)
    }
}

fn scalar(key: i64, kind: &DataType) -> Result<ScalarValue> {
    ScalarValue::Int64(Some(key)).cast_to(kind)
}

/// A plan that will be there.
type Planning<'a> = Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'a>>;

impl TableProvider for Ranged {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    // Written out as the trait's attribute writes it.
    fn scan<'a, 'b, 'c, 'd, 'e>(
        &'a self,
        state: &'b dyn Session,
        projection: Option<&'c Vec<usize>>,
        filters: &'d [Expr],
        limit: Option<usize>,
    ) -> Planning<'e>
    where
        'a: 'e,
        'b: 'e,
        'c: 'e,
        'd: 'e,
        Self: 'e,
    {
        Box::pin(async move { self.ranged(self.table.scan(state, projection, filters, limit).await?) })
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.table.supports_filters_pushdown(filters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(keys: &[(i64, i64)]) -> Vec<Span> {
        let span =
            |(first, last): &(i64, i64)| Span { first: *first, last: *last, rows: 10, file: 0, start: 0, end: 1 };
        keys.iter().map(span).collect()
    }

    #[test]
    fn cuts_are_where_no_table_has_rows_on_both_sides() {
        let entity = spans(&[(0, 9), (10, 19), (20, 29), (30, 39)]);
        let many = spans(&[(0, 8), (11, 25), (30, 30), (31, 38)]);
        assert_eq!(cuts(&entity, &[&entity, &many], 1), [10, 30]);
        // One customer's rows may lie in two groups.
        let split = spans(&[(0, 10), (10, 29), (30, 39)]);
        assert_eq!(cuts(&entity, &[&entity, &split], 1), [30]);
    }

    #[test]
    fn ranges_are_of_like_size() {
        let entity: Vec<(i64, i64)> = (0..100).map(|i| (i * 10, i * 10 + 9)).collect();
        let entity = spans(&entity);
        assert_eq!(cuts(&entity, &[&entity], 1), [250, 500, 750]);
    }

    #[test]
    fn tables_in_no_order_are_not_cut() {
        let entity = spans(&[(0, 30), (10, 19), (5, 29)]);
        assert!(cuts(&entity, &[&entity], 4).is_empty());
    }
}
