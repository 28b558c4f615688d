//! The shapes: everything that says what the data looks like, read from YAML and compiled.

use std::collections::HashMap;
use std::path::Path;

use chrono::NaiveDate;

use super::fault::{Problem, ShapeFault, ShapeFaults};
use super::lists::{List, Lists};
use super::random::name_key;
use super::raw;
use super::table::Table;

/// The reference shapes, as (file name, text).
const BUILTIN: [(&str, &str); 4] = [
    ("1-places.yaml", include_str!("../../schema/telco/shapes/1-places.yaml")),
    ("2-lists.yaml", include_str!("../../schema/telco/shapes/2-lists.yaml")),
    ("3-entity.yaml", include_str!("../../schema/telco/shapes/3-entity.yaml")),
    ("4-rows.yaml", include_str!("../../schema/telco/shapes/4-rows.yaml")),
];

/// What the data looks like, compiled: tables, columns, and how each value is made.
#[derive(Debug)]
pub struct Shapes {
    /// Tables, the entity first.
    pub(super) tables: Vec<Table>,
    version: String,
}

/// A file that was read, with its name.
type Part = (String, raw::File);

impl Shapes {
    /// The shapes of the reference data set.
    ///
    /// # Errors
    /// All faults of the files, with their places.
    pub fn builtin() -> Result<Self, ShapeFaults> {
        Self::from_texts(&BUILTIN)
    }

    /// The shapes in a folder: all its `*.yaml` files, in order of their names.
    ///
    /// # Errors
    /// All faults of the files, with their places.
    pub fn load(dir: &Path) -> Result<Self, ShapeFaults> {
        let unreadable = |path: &Path, error: &std::io::Error| {
            let problem = Problem::Unreadable(error.to_string());
            ShapeFaults(vec![ShapeFault { file: path.display().to_string(), line: 0, problem }])
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))? {
            let path = entry.map_err(|e| unreadable(dir, &e))?.path();
            if path.extension().is_some_and(|e| e == "yaml") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut texts = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
            texts.push((path.display().to_string(), text));
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        Self::from_texts(&texts)
    }

    /// The shapes of files given as (name, text).
    ///
    /// # Errors
    /// All faults of the files, with their places.
    pub fn from_texts(texts: &[(&str, &str)]) -> Result<Self, ShapeFaults> {
        let mut faults = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        for (name, text) in texts {
            match serde_saphyr::from_str::<raw::File>(text) {
                Ok(file) => parts.push(((*name).to_owned(), file)),
                Err(error) => {
                    let line = error.location().map_or(0, |l| l.line());
                    let told = error.to_string();
                    faults.push(fault(name, line, Problem::Yaml(told.lines().next().unwrap_or_default().to_owned())));
                }
            }
        }
        if !faults.is_empty() {
            return Err(ShapeFaults(faults));
        }
        let lists = lists(&parts, &mut faults);
        let tables = tables(&parts, &lists, &mut faults);
        if faults.is_empty() && tables.is_empty() {
            faults.push(fault("", 0, Problem::Empty));
        }
        if !faults.is_empty() {
            return Err(ShapeFaults(faults));
        }
        let texts: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        Ok(Self { tables, version: format!("{:016x}", name_key(&texts)) })
    }

    /// Names of the tables, the entity first.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.iter().map(|t| t.name.as_str())
    }

    /// Hash of the files: data of different versions are different data.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn fault(file: &str, line: u64, problem: Problem) -> ShapeFault {
    ShapeFault { file: file.to_owned(), line, problem }
}

fn lists(parts: &[Part], faults: &mut Vec<ShapeFault>) -> Lists {
    let mut lists = Lists::default();
    for (file, part) in parts {
        if let Some(day) = &part.as_of {
            match day.value.parse::<NaiveDate>() {
                Ok(date) => lists.as_of = f64::from(date.to_epoch_days()),
                Err(e) => faults.push(fault(file, day.referenced.line(), Problem::Yaml(e.to_string()))),
            }
        }
        for (name, raw) in &part.lists.0 {
            if lists.find(&name.value).is_ok() {
                faults.push(fault(file, name.referenced.line(), Problem::Twice(name.value.clone())));
            }
            match List::new(&name.value, name.referenced.line(), raw) {
                Ok(list) => lists.all.push(list),
                Err((line, problem)) => faults.push(fault(file, line, problem)),
            }
        }
    }
    lists
}

fn tables(parts: &[Part], lists: &Lists, faults: &mut Vec<ShapeFault>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut entity: Option<HashMap<_, _>> = None;
    for (file, part) in parts {
        for (name, raw) in &part.tables.0 {
            let line = name.referenced.line();
            if tables.iter().any(|t| t.name == name.value) {
                faults.push(fault(file, line, Problem::Twice(name.value.clone())));
            }
            match Table::new(&name.value, raw, lists, entity.as_ref()) {
                Ok((table, names)) => {
                    tables.push(table);
                    entity.get_or_insert(names);
                }
                Err(found) => {
                    faults.extend(found.into_iter().map(|(at, p)| fault(file, if at == 0 { line } else { at }, p)));
                    if entity.is_none() {
                        // Every further table would only repeat that its names are unknown.
                        return tables;
                    }
                }
            }
        }
    }
    tables
}
