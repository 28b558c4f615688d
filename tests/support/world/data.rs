//! Random data, and its Parquet files.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int16Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};
use datafusion::parquet::arrow::ArrowWriter;
use waggle::catalog::{Catalog, Dataset, FieldType};
use waggle::engine::Cell;

use super::as_of;

/// One row: field name → value.
pub(crate) type Row = BTreeMap<String, Cell>;

/// Texts that a careless printer of SQL would trip over.
pub(crate) const CITIES: &[&str] =
    &["강남구", "it's", "a\\'b", "''", "\\", "; DROP TABLE customers --", "\u{0}x", "%_", "O''Brien", ""];

/// Rows of every table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Data {
    pub(crate) tables: BTreeMap<String, Vec<Row>>,
}

/// A small generator of numbers (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn maybe(&mut self, cell: Cell) -> Cell {
        if self.below(6) == 0 { Cell::Null } else { cell }
    }

    fn one(&mut self, of: &[&str]) -> Cell {
        Cell::Text(of[usize::try_from(self.below(of.len() as u64)).unwrap()].to_owned())
    }

    fn int(&mut self, low: i64, span: u64) -> Cell {
        Cell::Int(low + i64::try_from(self.below(span)).unwrap())
    }

    /// Halves, so that sums are exact.
    fn half(&mut self, span: u64) -> Cell {
        Cell::Float(f64::from(u32::try_from(self.below(span)).unwrap()) / 2.0)
    }

    fn bool(&mut self) -> Cell {
        Cell::Bool(self.below(2) == 0)
    }

    fn date(&mut self) -> Cell {
        Cell::Date(as_of().checked_sub_days(Days::new(self.below(120))).unwrap())
    }
}

impl Data {
    /// `people` entities and their rows.
    pub(crate) fn random(seed: u64, people: i64) -> Self {
        let dice = &mut Dice(seed);
        let mut data = Self::default();
        let customers = (1..=people).map(|id| person(id * 7, dice)).collect();
        let (mut apps, mut orders) = (Vec::new(), Vec::new());
        for id in 1..=people {
            let used = dice.below(4);
            apps.extend((0..used).map(|n| app(id * 7, n, dice)));
            for _ in 0..dice.below(3) {
                orders.push(order(orders.len(), id * 7, dice));
            }
        }
        data.tables.insert("customers".to_owned(), customers);
        data.tables.insert("app_usage".to_owned(), apps);
        data.tables.insert("Order".to_owned(), orders);
        data
    }

    pub(crate) fn rows(&self, table: &str) -> &[Row] {
        &self.tables[table]
    }

    /// Writes `DIR/<table>.parquet`; one table as a folder of two files, texts dictionary-encoded in another.
    pub(crate) fn write(&self, dir: &Path, catalog: &Catalog) {
        for dataset in &catalog.datasets {
            let rows = self.rows(&dataset.name);
            if dataset.name == "app_usage" {
                let folder = dir.join(&dataset.name);
                std::fs::create_dir_all(&folder).unwrap();
                let half = rows.len() / 2;
                write(&folder.join("a.parquet"), dataset, &rows[..half], false);
                write(&folder.join("b.parquet"), dataset, &rows[half..], false);
            } else {
                write(&dir.join(format!("{}.parquet", dataset.name)), dataset, rows, dataset.name == "customers");
            }
        }
    }
}

fn person(id: i64, dice: &mut Dice) -> Row {
    let gender = dice.one(&["F", "M"]);
    let age = dice.int(10, 40);
    let (score, vip, consent, joined) = (dice.half(20), dice.bool(), dice.below(4) != 0, dice.date());
    row([
        ("customer_id", Cell::Int(id)),
        ("gender", dice.maybe(gender)),
        ("city", dice.one(CITIES)),
        ("age", dice.maybe(age)),
        ("fee", dice.int(-3, 10)),
        ("score", dice.maybe(score)),
        ("vip", dice.maybe(vip)),
        ("pi_consent", dice.maybe(Cell::Bool(consent))),
        ("joined_on", dice.maybe(joined)),
    ])
}

fn app(id: i64, n: u64, dice: &mut Dice) -> Row {
    let apps = ["Netflix", "티빙", "a'b", "X"];
    let (group, minutes, mb) = (dice.one(&["OTT", "SNS"]), dice.int(0, 30), dice.half(50));
    row([
        ("customer_id", Cell::Int(id)),
        ("app", Cell::Text(apps[usize::try_from(n).unwrap()].to_owned())),
        ("group", dice.maybe(group)),
        ("days", dice.int(0, 30)),
        ("minutes", dice.maybe(minutes)),
        ("mb", dice.maybe(mb)),
    ])
}

fn order(number: usize, id: i64, dice: &mut Dice) -> Row {
    let (category, amount, sent, returned) =
        (dice.one(&["도서", "it's", "F"]), dice.int(-2, 12), dice.date(), dice.bool());
    row([
        ("order_id", Cell::Int(i64::try_from(number).unwrap())),
        ("customer_id", dice.maybe(Cell::Int(id))),
        ("category", dice.maybe(category)),
        ("amount", dice.maybe(amount)),
        ("sent_on", dice.maybe(sent)),
        ("returned", dice.maybe(returned)),
    ])
}

fn row<const N: usize>(cells: [(&str, Cell); N]) -> Row {
    cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()
}

/// Writes rows as Parquet.
pub(crate) fn write(path: &Path, dataset: &Dataset, rows: &[Row], dictionary: bool) {
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut fields = Vec::new();
    for field in &dataset.fields {
        let cells = rows.iter().map(|r| &r[&field.name]);
        let mut array = array(field.kind, cells);
        if dictionary && field.kind == FieldType::String {
            let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            array = cast(&array, &kind).unwrap();
        }
        fields.push(Field::new(&field.name, array.data_type().clone(), true));
        columns.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn array<'a>(kind: FieldType, cells: impl Iterator<Item = &'a Cell>) -> ArrayRef {
    match kind {
        FieldType::Bool => Arc::new(cells.map(bool_of).collect::<BooleanArray>()),
        FieldType::Int16 => {
            Arc::new(cells.map(|c| int_of(c).map(|n| i16::try_from(n).unwrap())).collect::<Int16Array>())
        }
        FieldType::Int32 => {
            Arc::new(cells.map(|c| int_of(c).map(|n| i32::try_from(n).unwrap())).collect::<Int32Array>())
        }
        FieldType::Int8 | FieldType::Int64 => Arc::new(cells.map(int_of).collect::<Int64Array>()),
        FieldType::Float64 => Arc::new(cells.map(float_of).collect::<Float64Array>()),
        FieldType::String => Arc::new(cells.map(text_of).collect::<StringArray>()),
        FieldType::Date => {
            Arc::new(cells.map(|c| date_of(c).map(Date32Type::from_naive_date)).collect::<Date32Array>())
        }
    }
}

pub(crate) fn bool_of(cell: &Cell) -> Option<bool> {
    if let Cell::Bool(b) = cell { Some(*b) } else { None }
}

pub(crate) fn int_of(cell: &Cell) -> Option<i64> {
    if let Cell::Int(n) = cell { Some(*n) } else { None }
}

pub(crate) fn float_of(cell: &Cell) -> Option<f64> {
    match cell {
        #[allow(clippy::cast_precision_loss, reason = "test data is small")]
        Cell::Int(n) => Some(*n as f64),
        Cell::Float(n) => Some(*n),
        _ => None,
    }
}

pub(crate) fn text_of(cell: &Cell) -> Option<&str> {
    if let Cell::Text(t) = cell { Some(t) } else { None }
}

pub(crate) fn date_of(cell: &Cell) -> Option<NaiveDate> {
    if let Cell::Date(d) = cell { Some(*d) } else { None }
}
