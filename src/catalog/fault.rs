//! What is wrong with a catalog: every fault with its file and line, all of them at once.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as it is named from the catalog's folder.
    pub file: String,
    /// The line, counted from 1; 0 where no line can be named.
    pub line: u64,
    /// What is wrong, and where it helps, what would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.file, self.message),
            line => write!(out, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// All that is wrong with a catalog, in the order of its files and lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            write!(out, "{end}{fault}")?;
        }
        Ok(())
    }
}

/// A place in a catalog file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The file.
    pub(super) file: String,
    /// The line.
    pub(super) line: u64,
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    faults: Vec<Fault>,
}

impl Log {
    /// Notes a fault.
    pub(super) fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.faults.push(Fault { file: place.file.clone(), line: place.line, message: message.into() });
    }

    /// `value` where nothing is wrong, else everything that is.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, Faults> {
        self.faults.sort();
        self.faults.dedup();
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults(self.faults)),
        }
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}
