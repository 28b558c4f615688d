//! One request being read: its parts, the catalog, the conversation so far, and the draft that grows.
//!
//! The stages stand in [`Reader::read`] in the order they run; each marks the parts it used as taken, so
//! that what is left at the end is what nobody understood.

use super::language::Class;
use super::parts::Part;
use super::text::Text;
use crate::catalog::{Catalog, Dataset, Field};
use crate::segment::{Draft, Expr, Segment, Words};
use crate::translate::Context;

/// The state of one reading.
pub(super) struct Reader<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) text: &'a Text,
    pub(super) context: &'a Context<'a>,
    pub(super) parts: Vec<Part>,
    /// For each part, which clause it stands in.
    pub(super) clauses: Vec<usize>,
    pub(super) draft: Draft,
}

impl<'a> Reader<'a> {
    /// A reading that has not begun.
    pub(super) fn new(catalog: &'a Catalog, text: &'a Text, context: &'a Context<'a>, parts: Vec<Part>) -> Self {
        let clauses = vec![0; parts.len()];
        Self { catalog, text, context, parts, clauses, draft: Draft::default() }
    }

    pub(super) fn dataset(&self, d: usize) -> &'a Dataset {
        &self.catalog.datasets[d]
    }

    pub(super) fn field(&self, d: usize, f: usize) -> &'a Field {
        &self.catalog.datasets[d].fields[f]
    }

    /// The attribute that a field belongs to: the top of its chain of `within`.
    pub(super) fn attribute(&self, d: usize, f: usize) -> &'a str {
        self.catalog.attribute(&self.dataset(d).name, &self.field(d, f).name)
    }

    /// Whether one field is the other or holds its values.
    pub(super) fn is_ancestor(&self, d: usize, ancestor: usize, f: usize) -> bool {
        let mut at = Some(f);
        for _ in 0..self.dataset(d).fields.len() {
            match at {
                Some(f) if f == ancestor => return true,
                Some(f) => {
                    let within = self.field(d, f).within.as_deref();
                    at = within.and_then(|w| self.dataset(d).fields.iter().position(|x| x.name == w));
                }
                None => return false,
            }
        }
        false
    }

    /// The segment before the turn.
    pub(super) fn segment(&self) -> &'a Segment {
        const EMPTY: &Segment = &Segment { conditions: Vec::new() };
        self.context.segment.unwrap_or(EMPTY)
    }

    /// Whether a part that is not taken yet does what `class` says.
    pub(super) fn has(&self, class: Class) -> bool {
        self.parts.iter().any(|p| !p.taken && p.is(class))
    }

    /// The first part that is not taken and does what `class` says.
    pub(super) fn find(&self, class: Class) -> Option<usize> {
        self.parts.iter().position(|p| !p.taken && p.is(class))
    }

    /// The next part after `at` that says something.
    pub(super) fn next_full(&self, at: usize) -> Option<usize> {
        (at + 1..self.parts.len()).find(|&i| !self.parts[i].is_empty())
    }

    /// The part before `at` that says something.
    pub(super) fn prev_full(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|&i| !self.parts[i].is_empty())
    }

    /// The part as it is read, without blanks at its ends.
    pub(super) fn surface(&self, at: usize) -> String {
        self.parts.get(at).map_or(String::new(), |p| self.text.chars[p.from..p.to].iter().collect())
    }

    /// The typed words of parts `first..=last`.
    pub(super) fn words(&self, first: usize, last: usize) -> Words {
        match (self.parts.get(first), self.parts.get(last)) {
            (Some(a), Some(b)) => self.text.words(a.from, b.to),
            _ => Words::default(),
        }
    }

    pub(super) fn take(&mut self, parts: impl IntoIterator<Item = usize>) {
        for part in parts {
            if let Some(part) = self.parts.get_mut(part) {
                part.taken = true;
            }
        }
    }

    /// Whether `expr` restricts a field for which `wanted` holds; the dataset is none for the entity.
    pub(super) fn restricts(expr: &Expr, dataset: Option<&str>, wanted: &dyn Fn(Option<&str>, &str) -> bool) -> bool {
        match expr {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|p| Self::restricts(p, dataset, wanted)),
            Expr::Not(inner) => Self::restricts(inner, dataset, wanted),
            Expr::Compare { field, .. } | Expr::Rank { field, .. } => wanted(dataset, field),
            Expr::Exists { dataset: d, rows } => Self::restricts(rows, Some(d), wanted),
            Expr::Total { dataset: d, rows, field, .. } => {
                field.as_deref().is_some_and(|f| wanted(Some(d), f)) || Self::restricts(rows, Some(d), wanted)
            }
            Expr::All | Expr::Sample { .. } | Expr::Saved { .. } => false,
        }
    }
}
