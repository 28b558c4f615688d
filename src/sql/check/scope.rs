//! What names mean at a place in the statement, and which of them tell who somebody is.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use crate::catalog::Dataset;
use crate::sql::is_identifier;

/// How a column came to be: what an aggregate over it could tell of a single entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// As it is stored, or a sum of such.
    Stored,
    /// Added up for each entity.
    Tallied,
    /// Made by a condition, or by anything else that can mark single entities.
    Made,
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: String,
    /// The identifier that its values are, where they are one.
    pub identifier: Option<String>,
    /// Whether it is the key of the entity that its row is about, or missing.
    pub key: bool,
    pub value: Value,
    /// `table.column`, where it is one of the catalog.
    pub source: Option<String>,
}

/// Something that columns are taken from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    pub name: String,
    pub columns: Vec<Column>,
    /// The column that tells which entity a row is about. None where a row is about a group that may be shown.
    pub who: Option<String>,
    /// Whether there is one row for each entity.
    pub unique: bool,
}

impl Relation {
    /// A table of the catalog under a name.
    pub(super) fn table(name: String, dataset: &Dataset, entity_key: &str) -> Self {
        let key = dataset.joins_on.as_deref().unwrap_or(entity_key);
        let column = |name: &String| Column {
            name: name.clone(),
            identifier: is_identifier(dataset, name).then(|| name.clone()),
            key: name == key,
            value: Value::Stored,
            source: Some(format!("{}.{name}", dataset.name)),
        };
        let columns = dataset.fields.iter().map(|f| column(&f.name)).collect();
        Self { name, columns, who: Some(key.to_owned()), unique: dataset.joins_on.is_none() }
    }

    /// The same under the names of `AS t (a, b)`.
    pub(super) fn with_columns(mut self, columns: Vec<Column>) -> Self {
        let at = self.who.as_ref().and_then(|who| self.columns.iter().position(|c| c.name == *who));
        if let Some(column) = at.and_then(|at| columns.get(at)) {
            self.who = Some(column.name.clone());
        }
        self.columns = columns;
        self
    }
}

/// The relations that an expression can speak of, innermost first.
#[derive(Debug, Default)]
pub(super) struct Scope<'p> {
    pub relations: Vec<Relation>,
    /// Names that the SELECT gives to its columns, for ORDER BY, GROUP BY and HAVING.
    pub aliases: Vec<Column>,
    pub outer: Option<&'p Scope<'p>>,
    /// How many queries are around it.
    pub depth: usize,
}

impl Scope<'_> {
    /// The columns that `qualifier.name`, or just `name`, can mean at the nearest level that has any, and that
    /// level's depth.
    pub(super) fn find(&self, qualifier: Option<&str>, name: &str) -> (Vec<&Column>, usize) {
        let relations = self.relations.iter().filter(|r| qualifier.is_none_or(|q| r.name == q));
        let mut found: Vec<&Column> = relations.flat_map(|r| r.columns.iter()).filter(|c| c.name == name).collect();
        if qualifier.is_none() {
            found.extend(self.aliases.iter().filter(|c| c.name == name));
        }
        match self.outer {
            Some(outer) if found.is_empty() => outer.find(qualifier, name),
            _ => (found, self.depth),
        }
    }

    /// The relation here that `qualifier.name`, or just `name`, is a column of.
    pub(super) fn here(&self, qualifier: Option<&str>, name: &str) -> Option<(usize, &Column)> {
        let relations = self.relations.iter().enumerate().filter(|(_, r)| qualifier.is_none_or(|q| r.name == q));
        relations.flat_map(|(at, r)| r.columns.iter().map(move |c| (at, c))).find(|(_, c)| c.name == name)
    }

    /// Every name that could have been meant.
    pub(super) fn names(&self) -> Vec<&str> {
        let own = self.relations.iter().flat_map(|r| r.columns.iter()).chain(&self.aliases);
        let mut names: Vec<&str> = own.map(|c| c.name.as_str()).collect();
        names.extend(self.outer.map(Scope::names).unwrap_or_default());
        names
    }
}

/// A name as the engine takes it: folded to lower case where it is not quoted.
pub(super) fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        Some(quote) => ident.value.replace(&format!("{quote}{quote}"), &quote.to_string()),
        None => ident.value.to_ascii_lowercase(),
    }
}

/// The one part of an unqualified name.
pub(super) fn single(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Some(ident),
        _ => None,
    }
}
