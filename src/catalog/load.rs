//! Loading a catalog: the files in order, the parts in the order they need each other, then the checks.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::carried;
use super::check;
use super::contact::read_contact;
use super::fault::{Faults, Log, Place};
use super::fields::{Marks, read_dataset, read_relationships};
use super::language::read_language;
use super::model::{Catalog, Contact, Label, Secrecy};
use super::read::Section;
use super::rules::read_rules;
use super::values::{Lists, add_short_forms, read_lists};
use super::yaml::{self, Node};

/// The file that a catalog starts from.
const MAIN: &str = "catalog.yaml";
/// Smallest group that is shown where the catalog does not say.
const DEFAULT_MIN_GROUP: u64 = 5;

/// Loads the catalog of a folder with a `catalog.yaml`, or of one file.
///
/// # Errors
/// Everything that is wrong with it, with file and line.
pub fn load(path: &Path) -> Result<Catalog, Faults> {
    let (folder, main) = if path.is_file() {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        (path.parent().unwrap_or(path), name.unwrap_or_default())
    } else {
        (path, MAIN.to_owned())
    };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| e.kind().to_string());
    load_from(&main, &read, path.to_owned())
}

/// The catalog that the program carries.
///
/// # Errors
/// As [`load`]; a test holds that there are none.
pub fn builtin() -> Result<Catalog, Faults> {
    let read = |name: &str| carried::text(name).map(str::to_owned).ok_or_else(|| "no such built-in file".to_owned());
    load_from(MAIN, &read, PathBuf::from("builtin"))
}

type Read<'a> = &'a dyn Fn(&str) -> Result<String, String>;

fn load_from(main: &str, read: Read<'_>, source: PathBuf) -> Result<Catalog, Faults> {
    let mut log = Log::default();
    let mut hash = Hash::new();
    let files = read_files(main, read, &mut hash, &mut log);
    if !log.is_empty() {
        // What a file that cannot be read would have named is not missing: say no more.
        return log.finish(None);
    }
    let mut catalog = empty(source, hash.hex());
    let mut marks = Marks::default();
    read_all(&files, &mut catalog, &mut marks, &mut log);
    check::check(&catalog, &marks, &mut log);
    log.finish(Some(catalog))
}

/// The main file and those it includes, as trees.
fn read_files(main: &str, read: Read<'_>, hash: &mut Hash, log: &mut Log) -> Vec<(String, Node)> {
    let mut files = Vec::new();
    let mut waiting = vec![(main.to_owned(), Place { file: main.to_owned(), line: 0 })];
    while let Some((name, from)) = waiting.pop() {
        let text = match read(&name) {
            Ok(text) => text,
            Err(e) => {
                log.add(&from, format!("cannot read `{name}`: {e}"));
                continue;
            }
        };
        hash.add(&name);
        hash.add(&text);
        match yaml::parse(&text) {
            Err(e) => log.add(&Place { file: name, line: e.line }, e.message),
            Ok(node) => {
                if files.is_empty() {
                    waiting = included(&node, &name, log);
                }
                files.push((name, node));
            }
        }
    }
    files
}

/// The files that the main file includes, last first.
fn included(node: &Node, file: &str, log: &mut Log) -> Vec<(String, Place)> {
    let Some(mut root) = Section::open(node, file, "the catalog", &mut Log::default()) else { return Vec::new() };
    let place = root.at("include");
    let mut names: Vec<(String, Place)> = Vec::new();
    for name in root.texts("include", log) {
        if Path::new(&name).components().any(|c| !matches!(c, std::path::Component::Normal(_))) {
            log.add(&place, format!("`{name}` is not a file within the catalog's folder"));
        } else if name == file || names.iter().any(|(n, _)| *n == name) {
            log.add(&place, format!("`{name}` is included twice"));
        } else {
            names.push((name, place.clone()));
        }
    }
    names.reverse();
    names
}

fn empty(source: PathBuf, version: String) -> Catalog {
    Catalog {
        name: String::new(),
        version,
        as_of: NaiveDate::MIN,
        window: (NaiveDate::MIN, NaiveDate::MIN),
        min_group: DEFAULT_MIN_GROUP,
        secrecy: Secrecy::default(),
        population: "TRUE".to_owned(),
        everybody: "TRUE".to_owned(),
        row_rules: Vec::new(),
        population_label: Label::default(),
        entity_label: Label::default(),
        entity_nouns: Vec::new(),
        categories: Vec::new(),
        datasets: Vec::new(),
        units: Vec::new(),
        bands: Vec::new(),
        glossary: Vec::new(),
        vague: Vec::new(),
        personal: Vec::new(),
        respellings: Vec::new(),
        contact: Contact::default(),
        source,
        by_name: HashMap::new(),
    }
}

fn read_all(files: &[(String, Node)], catalog: &mut Catalog, marks: &mut Marks, log: &mut Log) {
    let mut roots: Vec<Section<'_>> =
        files.iter().filter_map(|(file, node)| Section::open(node, file, "the catalog", log)).collect();
    let mut lists = Lists::new();
    for root in &mut roots {
        read_lists(root, &mut lists, log);
    }
    add_short_forms(&mut lists);
    if let Some(main) = roots.first_mut() {
        read_main(main, catalog, marks, log);
    }
    for root in &mut roots {
        for node in root.list("datasets", log) {
            catalog.datasets.extend(read_dataset(node, &root.place.file, &lists, marks, log));
        }
    }
    for root in &mut roots {
        read_relationships(root, &mut catalog.datasets, marks, log);
        read_language(root, catalog, marks, log);
        read_rules(root, catalog, marks, log);
    }
    share_lists(catalog, marks);
    catalog.by_name = catalog.datasets.iter().enumerate().map(|(i, d)| (d.name.clone(), i)).collect();
    for root in roots {
        root.close(log);
    }
}

/// What only the main file says.
fn read_main(root: &mut Section<'_>, catalog: &mut Catalog, marks: &mut Marks, log: &mut Log) {
    marks.note("", Place { file: root.place.file.clone(), line: root.place.line });
    root.get("include");
    root.get("description");
    catalog.name = root.need("name", log);
    root.need("as_of", log);
    catalog.as_of = root.parsed("as_of", "a date such as 2024-04-22", log).unwrap_or_default();
    catalog.window = read_window(root, catalog.as_of, log);
    marks.note("/population", root.at("population"));
    if let Some(n) = root.parsed("min_group", "a number", log) {
        catalog.min_group = n;
    }
    catalog.secrecy = root.parsed("sensitivity", "`internal` or `restricted`", log).unwrap_or_default();
    if let Some(mut section) = root.section("population", log) {
        catalog.population = section.need("predicate", log);
        catalog.everybody.clone_from(&catalog.population);
        marks.note("/population", section.at("predicate"));
        catalog.population_label = section.label("label", "", log);
        section.close(log);
    }
    if let Some(mut section) = root.section("entity", log) {
        catalog.entity_label = section.label("label", "", log);
        catalog.entity_nouns = section.texts("nouns", log);
        section.close(log);
    }
    if let Some(section) = root.section("contact", log) {
        catalog.contact = read_contact(section, marks, log);
    }
}

fn read_window(root: &mut Section<'_>, as_of: NaiveDate, log: &mut Log) -> (NaiveDate, NaiveDate) {
    let days: Vec<Option<NaiveDate>> = root.texts("window", log).iter().map(|d| d.parse().ok()).collect();
    match days[..] {
        [] => (as_of, as_of),
        [Some(first), Some(last)] if first <= last => (first, last),
        _ => {
            log.add(&root.at("window"), "`window` is two dates, the earlier first");
            (as_of, as_of)
        }
    }
}

/// A list that several fields take their values from is shared by them.
fn share_lists(catalog: &mut Catalog, marks: &Marks) {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for list in marks.lists.values() {
        *uses.entry(list).or_default() += 1;
    }
    for dataset in &mut catalog.datasets {
        for field in &mut dataset.fields {
            let list = marks.lists.get(&format!("{}.{}", dataset.name, field.name));
            field.shared = list.filter(|l| uses[l.as_str()] > 1).cloned();
        }
    }
}

/// FNV-1a over the files: the same text has the same version on every machine.
struct Hash(u64);

/// The hash of one text.
pub(super) fn hash(text: &str) -> String {
    let mut hash = Hash::new();
    hash.add(text);
    hash.hex()
}

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carried_catalog_loads() {
        let catalog = builtin().unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(catalog.datasets.len(), 7);
        assert_eq!(catalog.version, builtin().map(|c| c.version).unwrap_or_default());
    }
}
