//! Texts as views: while a statement runs they are not copied out of what was read; in what it gives they are plain.

use std::sync::Arc;

use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

/// The same columns, plain texts as views.
pub(super) fn seen(schema: &Schema) -> SchemaRef {
    changed(schema, |kind| matches!(kind, DataType::Utf8 | DataType::LargeUtf8), &DataType::Utf8View)
}

/// The same columns, views as plain texts.
fn plain(schema: &Schema) -> SchemaRef {
    changed(schema, |kind| matches!(kind, DataType::Utf8View), &DataType::Utf8)
}

fn changed(schema: &Schema, which: impl Fn(&DataType) -> bool, to: &DataType) -> SchemaRef {
    let field = |field: &Arc<Field>| {
        if which(field.data_type()) {
            Arc::new(field.as_ref().clone().with_data_type(to.clone()))
        } else {
            Arc::clone(field)
        }
    };
    Arc::new(Schema::new_with_metadata(
        schema.fields().iter().map(field).collect::<Vec<_>>(),
        schema.metadata().clone(),
    ))
}

/// The batches of a stream, with plain texts.
pub(super) fn written_out(stream: SendableRecordBatchStream) -> SendableRecordBatchStream {
    let schema = plain(&stream.schema());
    if schema == stream.schema() {
        return stream;
    }
    let of = Arc::clone(&schema);
    let batches = stream.map(move |batch| batch.and_then(|batch| copied(&batch, &of)));
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

fn copied(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| cast(column, field.data_type())).collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
