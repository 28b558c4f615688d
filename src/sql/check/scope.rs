//! What names mean at a place in the statement, and which of them tell who somebody is.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use crate::catalog::Dataset;
use crate::sql::is_identifier;

/// A column of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub name: String,
    /// The identifier that its values are, where they are one.
    pub identifier: Option<String>,
}

/// Something that columns are taken from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    pub name: String,
    pub columns: Vec<Column>,
}

impl Relation {
    /// A table of the catalog under a name.
    pub(super) fn table(name: String, dataset: &Dataset) -> Self {
        let column = |name: &String| Column {
            name: name.clone(),
            identifier: is_identifier(dataset, name).then(|| name.clone()),
        };
        Self { name, columns: dataset.fields.iter().map(|f| column(&f.name)).collect() }
    }
}

/// The relations that an expression can speak of, innermost first.
#[derive(Debug, Default)]
pub(super) struct Scope<'p> {
    pub relations: Vec<Relation>,
    /// Names that the SELECT gives to its columns, for ORDER BY, GROUP BY and HAVING.
    pub aliases: Vec<Column>,
    pub outer: Option<&'p Scope<'p>>,
}

impl Scope<'_> {
    /// The columns that `qualifier.name`, or just `name`, can mean at the nearest level that has any.
    pub(super) fn find(&self, qualifier: Option<&str>, name: &str) -> Vec<&Column> {
        let relations = self.relations.iter().filter(|r| qualifier.is_none_or(|q| r.name == q));
        let mut found: Vec<&Column> = relations.flat_map(|r| r.columns.iter()).filter(|c| c.name == name).collect();
        if qualifier.is_none() {
            found.extend(self.aliases.iter().filter(|c| c.name == name));
        }
        match self.outer {
            Some(outer) if found.is_empty() => outer.find(qualifier, name),
            _ => found,
        }
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
