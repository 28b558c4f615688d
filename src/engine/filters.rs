//! Filters by plain conditions, each on one column: put to whole batches one after the other, and texts that are equal told
//! by their views.
//!
//! DataFusion takes the rows that are left apart before it goes on with a conjunction, and puts its result back in place:
//! for a comparison of a column with a constant that takes several times as long as the comparison. And it compares views
//! as texts of any length one by one, where nearly all constants are short enough to lie in the view itself.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, BooleanArray, RecordBatch, StringViewArray};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::cast::{as_boolean_array, as_string_view_array};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, Operator};
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr,
};
use datafusion::physical_expr::split_conjunction;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use datafusion::scalar::ScalarValue;

type Expr = Arc<dyn PhysicalExpr>;

/// A longer list of texts is looked up by DataFusion.
const MAX_TEXTS: usize = 8;

/// Bytes of a text that its view holds whole.
const INLINE: usize = 12;

/// Comparisons that take less than to leave rows out.
const COMPARED: [Operator; 6] =
    [Operator::Eq, Operator::NotEq, Operator::Lt, Operator::LtEq, Operator::Gt, Operator::GtEq];

/// Finds the filters that are of plain conditions alone.
#[derive(Debug)]
pub(super) struct PlainFilters;

impl PhysicalOptimizerRule for PlainFilters {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = |node: Arc<dyn ExecutionPlan>| {
            let filter = node.downcast_ref::<FilterExec>();
            let Some((filter, conditions)) = filter.and_then(|f| Some((f, conditions(f)?))) else {
                return Ok(Transformed::no(node));
            };
            let filter = FilterExecBuilder::from(filter).with_predicate(Arc::new(All(conditions))).build()?;
            Ok(Transformed::yes(Arc::new(filter) as Arc<dyn ExecutionPlan>))
        };
        plan.transform_up(changed).data()
    }

    fn name(&self) -> &'static str {
        "plain_filters"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The conditions of a filter, where all are plain and that is of any use.
fn conditions(filter: &FilterExec) -> Option<Vec<Expr>> {
    let (schema, whole) = (filter.input().schema(), filter.predicate());
    let conditions: Vec<Expr> =
        split_conjunction(whole).into_iter().map(|expr| plain(expr, &schema)).collect::<Option<_>>()?;
    let alone = matches!(conditions.as_slice(), [only] if Arc::ptr_eq(only, whole));
    (!alone).then_some(conditions)
}

/// A condition on one column, told by views where it is of texts that are equal.
fn plain(expr: &Expr, schema: &Schema) -> Option<Expr> {
    let is_column = |expr: &Expr| expr.is::<Column>();
    let texts = |column: &Expr, texts: Vec<String>| {
        let by_view = matches!(column.data_type(schema), Ok(DataType::Utf8View)) && texts.len() <= MAX_TEXTS;
        if by_view { Arc::new(TextIs::new(Arc::clone(column), texts)) as Expr } else { Arc::clone(expr) }
    };
    if let Some(binary) = expr.downcast_ref::<BinaryExpr>() {
        let literal = binary.right().downcast_ref::<Literal>()?;
        if !is_column(binary.left()) || !COMPARED.contains(binary.op()) {
            return None;
        }
        return Some(match text(literal.value()).filter(|_| *binary.op() == Operator::Eq) {
            Some(constant) => texts(binary.left(), vec![constant]),
            None => Arc::clone(expr),
        });
    }
    if let Some(list) = expr.downcast_ref::<InListExpr>() {
        let constants = || list.list().iter().map(|item| text(item.downcast_ref::<Literal>()?.value())).collect();
        return match constants() {
            _ if !is_column(list.expr()) => None,
            Some(all) if !list.negated() => Some(texts(list.expr(), all)),
            _ => Some(Arc::clone(expr)),
        };
    }
    let of = expr.downcast_ref::<NotExpr>().map(NotExpr::arg);
    let of = of.or_else(|| expr.downcast_ref::<IsNullExpr>().map(IsNullExpr::arg));
    let of = of.or_else(|| expr.downcast_ref::<IsNotNullExpr>().map(IsNotNullExpr::arg));
    is_column(of.unwrap_or(expr)).then(|| Arc::clone(expr))
}

fn text(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Utf8View(Some(text)) | ScalarValue::Utf8(Some(text)) => Some(text.clone()),
        _ => None,
    }
}

/// All of some conditions; what is unknown does not hold, as in a filter.
#[derive(Debug, PartialEq, Eq, Hash)]
struct All(Vec<Expr>);

impl fmt::Display for All {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" AND "))
    }
}

impl PhysicalExpr for All {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(false)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let mut held: Option<BooleanBuffer> = None;
        for part in &self.0 {
            let bits = match part.evaluate(batch)? {
                ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))) => continue,
                ColumnarValue::Scalar(_) => BooleanBuffer::new_unset(batch.num_rows()),
                ColumnarValue::Array(array) => known(as_boolean_array(&array)?),
            };
            let bits = held.map_or_else(|| bits.clone(), |held| &held & &bits);
            let nothing = bits.count_set_bits() == 0;
            held = Some(bits);
            if nothing {
                break;
            }
        }
        let held = held.unwrap_or_else(|| BooleanBuffer::new_set(batch.num_rows()));
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(held, None))))
    }

    fn children(&self) -> Vec<&Expr> {
        self.0.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Expr>) -> Result<Expr> {
        Ok(Arc::new(Self(children)))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where it is true.
fn known(truth: &BooleanArray) -> BooleanBuffer {
    match truth.nulls() {
        Some(nulls) => truth.values() & nulls.inner(),
        None => truth.values().clone(),
    }
}

/// Whether a column of views is one of some texts.
#[derive(Debug)]
struct TextIs {
    column: Expr,
    texts: Vec<String>,
    /// The view of each.
    views: Vec<u128>,
}

impl TextIs {
    fn new(column: Expr, texts: Vec<String>) -> Self {
        let views = StringViewArray::from_iter_values(&texts).views().to_vec();
        Self { column, texts, views }
    }

    fn held(&self, column: &StringViewArray) -> BooleanBuffer {
        let each = self.texts.iter().zip(&self.views).map(|(text, view)| equal(column, text, *view));
        each.reduce(|held, bits| &held | &bits).unwrap_or_else(|| BooleanBuffer::new_unset(column.len()))
    }
}

/// Where a column is a text, whose view is `view`.
fn equal(column: &StringViewArray, text: &str, view: u128) -> BooleanBuffer {
    let views = column.views();
    if text.len() <= INLINE {
        return BooleanBuffer::collect_bool(views.len(), |at| views[at] == view);
    }
    // The length and the first bytes, which are the lower half of a view, before the text.
    let alike = |at: usize| (views[at] ^ view) << 64 == 0 && column.is_valid(at);
    BooleanBuffer::collect_bool(views.len(), |at| alike(at) && column.value(at) == text)
}

impl PartialEq for TextIs {
    fn eq(&self, other: &Self) -> bool {
        self.column.eq(&other.column) && self.texts == other.texts
    }
}

impl Eq for TextIs {}

impl Hash for TextIs {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
        self.texts.hash(state);
    }
}

impl fmt::Display for TextIs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.texts.as_slice() {
            [text] => write!(f, "{} = {text}", self.column),
            texts => write!(f, "{} IN ([{}])", self.column, texts.join(", ")),
        }
    }
}

impl PhysicalExpr for TextIs {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.column.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let column = self.column.evaluate(batch)?.into_array(batch.num_rows())?;
        let column = as_string_view_array(&column)?;
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(self.held(column), column.nulls().cloned()))))
    }

    fn children(&self) -> Vec<&Expr> {
        vec![&self.column]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Expr>) -> Result<Expr> {
        let column = children.pop().unwrap_or_else(|| Arc::clone(&self.column));
        Ok(Arc::new(Self { column, texts: self.texts.clone(), views: self.views.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{AsArray, Int64Array};
    use datafusion::arrow::datatypes::Field;
    use datafusion::physical_expr::expressions::{col, in_list, lit};

    use super::*;

    const LONG: &str = "a text that no view holds whole";

    /// Rows with every mixture of short, long and missing texts and numbers.
    fn batch() -> RecordBatch {
        let texts = ["Netflix", LONG, "", "a text that no view holds other", "넷플릭스 시청"];
        let text: StringViewArray = (0..500).map(|i| (i % 7 != 0).then(|| texts[i * 31 % texts.len()])).collect();
        let schema = Schema::new(vec![
            Field::new("text", DataType::Utf8View, true),
            Field::new("number", DataType::Int64, true),
        ]);
        let numbers: Int64Array = (0..500_i64).map(|i| (i % 5 != 0).then_some(i % 30)).collect();
        RecordBatch::try_new(Arc::new(schema), vec![Arc::new(text), Arc::new(numbers)]).unwrap()
    }

    #[test]
    fn plain_conditions_hold_where_the_engine_says_so() {
        let (batch, view) = (batch(), |text: &str| lit(ScalarValue::Utf8View(Some(text.to_owned()))));
        let schema = batch.schema();
        let column = |name: &str| col(name, &schema).unwrap();
        let is = |text| Arc::new(BinaryExpr::new(column("text"), Operator::Eq, view(text))) as Expr;
        let many = Arc::new(BinaryExpr::new(column("number"), Operator::GtEq, lit(15_i64))) as Expr;
        let either = in_list(column("text"), vec![view("Netflix"), view(LONG)], &false, &schema).unwrap();
        let neither = in_list(column("text"), vec![view("Netflix"), view(LONG)], &true, &schema).unwrap();
        let missing = Arc::new(IsNullExpr::new(column("number"))) as Expr;
        for exprs in [
            vec![is("Netflix")],
            vec![is(LONG)],
            vec![is("")],
            vec![is("넷플릭스 시청"), many.clone()],
            vec![many.clone(), either.clone()],
            vec![neither, missing],
            vec![either, is("nobody"), many],
        ] {
            let all = All(exprs.iter().map(|expr| plain(expr, &schema).expect("it is plain")).collect());
            let held = all.evaluate(&batch).unwrap().into_array(batch.num_rows()).unwrap();
            let told = exprs.iter().map(|expr| expr.evaluate(&batch).unwrap().into_array(batch.num_rows()).unwrap());
            let told: Vec<_> = told.collect();
            for row in 0..batch.num_rows() {
                let expected = told.iter().all(|told| told.is_valid(row) && told.as_boolean().value(row));
                assert_eq!(held.as_boolean().value(row), expected, "{all}: row {row}");
            }
        }
    }
}
