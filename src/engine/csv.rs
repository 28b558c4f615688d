//! Reading CSV as text, for the few files that are not tables of the catalog.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::csv::reader::{Format, ReaderBuilder};
use arrow::datatypes::{DataType, Field, Schema};

use super::EngineError;

/// The head and the rows of a CSV file (RFC 4180), every cell as text; what is empty is empty text.
///
/// # Errors
/// Where it is no CSV file.
pub fn csv_rows(bytes: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), EngineError> {
    // Spreadsheets begin their UTF-8 with a mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = Format::default().with_header(true).infer_schema(Cursor::new(bytes), Some(0))?.0;
    let names: Vec<String> = head.fields().iter().map(|f| f.name().clone()).collect();
    let fields: Vec<Field> = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let reader = ReaderBuilder::new(Arc::new(Schema::new(fields))).with_header(true).build(Cursor::new(bytes));
    let mut rows = Vec::new();
    for batch in reader? {
        let batch = batch?;
        let columns: Vec<_> = batch.columns().iter().map(AsArray::as_string::<i32>).collect();
        let cell = |column: &arrow::array::StringArray, row: usize| {
            if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
        };
        rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|c| cell(c, row)).collect()));
    }
    Ok((names, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_text_however_they_are_quoted() {
        let text =
            "\u{feff}id,question,sql\r\na,\"30대, 여성\",\"gender = 'F'\r\nAND age >= 30\"\r\n,\"say \"\"hi\"\"\",\r\n";
        let (head, rows) = csv_rows(text.as_bytes()).unwrap();
        assert_eq!(head, ["id", "question", "sql"]);
        assert_eq!(rows[0], ["a", "30대, 여성", "gender = 'F'\r\nAND age >= 30"]);
        assert_eq!(rows[1], ["", "say \"hi\"", ""]);
        assert!(csv_rows(b"a,b\n1\n").is_err());
    }
}
