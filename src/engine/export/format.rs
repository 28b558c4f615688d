//! The formats of files and what their names end in.

use std::path::Path;

use crate::catalog::Locale;

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// Comma-separated text as RFC 4180 has it, UTF-8, with a header.
    Csv,
    /// The same, compressed.
    CsvGz,
    /// A JSON object a line.
    JsonLines,
    /// The same, compressed.
    JsonLinesGz,
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
    /// Apache Arrow's stream format.
    Arrow,
    /// An Excel workbook.
    Xlsx,
}

/// A name that ends in no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Locale::En))]
pub struct UnknownFormat {
    /// The name.
    pub name: String,
}

impl UnknownFormat {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let endings = ExportFormat::ALL.map(|f| format!(".{}", f.extension())).join(", ");
        match locale {
            Locale::Ko => format!("'{}': 내보낼 파일 이름은 다음으로 끝나야 합니다: {endings}", self.name),
            Locale::En => format!("{}: a file to export to ends in one of {endings}", self.name),
        }
    }
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Csv, Self::CsvGz, Self::JsonLines, Self::JsonLinesGz, Self::Parquet, Self::Arrow, Self::Xlsx];

    /// What names of such files end in, without the first dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvGz => "csv.gz",
            Self::JsonLines => "jsonl",
            Self::JsonLinesGz => "jsonl.gz",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }

    /// What such a file is called where it is sent.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/x-ndjson",
            Self::CsvGz | Self::JsonLinesGz => "application/gzip",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format that is called so (`csv.gz`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.extension().eq_ignore_ascii_case(name))
    }

    /// The format that the name of a file ends in.
    ///
    /// # Errors
    /// Where it ends in none.
    pub fn of_file(path: &Path) -> Result<Self, UnknownFormat> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let fits = |f: &Self| name.strip_suffix(f.extension()).is_some_and(|stem| stem.ends_with('.'));
        Self::ALL.into_iter().find(fits).ok_or_else(|| UnknownFormat { name: path.display().to_string() })
    }

    /// Whether it is text that is compressed afterwards.
    pub(super) fn is_gzipped(self) -> bool {
        matches!(self, Self::CsvGz | Self::JsonLinesGz)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for format in ExportFormat::ALL {
            let name = format!("a.b.{}", format.extension());
            assert_eq!(ExportFormat::of_file(Path::new(&name)), Ok(format));
            assert_eq!(ExportFormat::of_file(Path::new(&name.to_uppercase())), Ok(format));
            assert_eq!(ExportFormat::named(format.extension()), Some(format));
        }
        for name in ["csv", "a.gz", "a.txt", "parquet", "a", ""] {
            let error = ExportFormat::of_file(Path::new(name)).unwrap_err();
            assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
        }
    }
}
