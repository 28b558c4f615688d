//! Row rules: who sees which rows. What a catalog says about it, and a catalog narrowed to what a caller may
//! see. Who a caller is, and whether a rule's condition can be asked, is for higher rooms to say.

use serde::Serialize;

use super::fault::{Fault, Log, Place};
use super::fields::Marks;
use super::model::Catalog;
use super::read::Section;

/// Callers whom a rule is for see only the rows that its condition holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowRule {
    /// Its name, for messages.
    pub name: String,
    /// Roles that it is for; none for every role but the administrators'.
    pub roles: Vec<String>,
    /// The attribute that a caller must have for it to apply.
    pub attribute: Option<String>,
    /// What the attribute must be; none for anything.
    pub equals: Option<String>,
    /// The condition on the entity, in the segment's text form; `{attribute}` stands for what the attribute is.
    pub only: String,
    /// The file where the condition stands.
    pub file: String,
    /// Its line.
    pub line: u64,
}

impl RowRule {
    /// What is wrong with its condition, as a fault of the catalog.
    #[must_use]
    pub fn fault(&self, message: &str) -> Fault {
        Fault { file: self.file.clone(), line: self.line, message: format!("row rule `{}`: {message}", self.name) }
    }
}

/// Reads `row_rules` of one file into `catalog`.
pub(super) fn read_rules(root: &mut Section<'_>, catalog: &mut Catalog, marks: &mut Marks, log: &mut Log) {
    let file = root.place.file.clone();
    for node in root.list("row_rules", log) {
        let Some(section) = Section::open(node, &file, "a row rule", log) else { continue };
        catalog.row_rules.push(read_rule(section, marks, log));
    }
}

fn read_rule(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> RowRule {
    let name = section.need("name", log);
    section.what = format!("row rule `{name}`");
    marks.note(format!("rule:{name}"), section.place.clone());
    let Place { file, line } = section.at("only");
    let only = section.need("only", log);
    let mut rule = RowRule { name, roles: Vec::new(), attribute: None, equals: None, only, file, line };
    match section.section("when", log) {
        // A rule for nobody in particular would be the population, which has a place of its own.
        None => log.add(&section.place, format!("{} needs `when` with `attribute`, `role` or both", section.what)),
        Some(when) => read_when(when, &mut rule, log),
    }
    section.close(log);
    rule
}

fn read_when(mut when: Section<'_>, rule: &mut RowRule, log: &mut Log) {
    rule.roles = when.texts("role", log);
    rule.attribute = when.text("attribute", log);
    rule.equals = when.text("equals", log);
    if rule.attribute.is_none() && rule.roles.is_empty() {
        log.add(&when.place, format!("{} needs `attribute`, `role` or both", when.what));
    }
    if rule.attribute.is_none() && rule.equals.is_some() {
        log.add(&when.at("equals"), format!("`equals` of {} says what an `attribute` must be", when.what));
    }
    when.close(log);
}

impl Catalog {
    /// The same catalog over those of the population for whom `predicate` holds too. It has a version of its
    /// own, so that what was counted within one rule is never taken for what was counted within another.
    ///
    /// `predicate` is text of the segment's language that whoever calls has parsed: it is not looked at here.
    #[must_use]
    pub fn within(&self, predicate: &str) -> Self {
        let mut scoped = self.clone();
        scoped.population = format!("({}) AND ({predicate})", self.population);
        scoped.version = format!("{}-{}", self.version, super::load::hash(predicate));
        scoped
    }
}
