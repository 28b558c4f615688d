//! Segments kept under a name. A name that is saved again gets a further version; none is lost.

use serde::{Deserialize, Serialize};

use super::{Node, Session};
use crate::segment::{Expr, Metric, Segment, Turn};

/// A name and its versions, oldest first; at least one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The name, as it was first given.
    pub name: String,
    /// The versions.
    pub versions: Vec<Version>,
}

/// One version of a saved segment. Names of other saved segments are written out in it, so that it stays
/// what it was when those change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// The segment.
    pub segment: Segment,
    /// The turn that saved it.
    pub turn: u32,
    /// Its size then, where it was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Version of the data it was counted in.
    pub data: String,
}

impl Saved {
    /// The newest version.
    #[must_use]
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }
}

/// Names are compared without case and spaces: people do not type them twice alike.
#[must_use]
pub fn folded(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

impl Session {
    /// The saved segments, in the order they were first saved.
    #[must_use]
    pub fn saved(&self) -> &[Saved] {
        &self.saved
    }

    /// Names of the saved segments, in the order they were first saved.
    #[must_use]
    pub fn saved_names(&self) -> Vec<String> {
        self.saved.iter().map(|s| s.name.clone()).collect()
    }

    /// The saved segment called `name`: exactly, else whatever the case and the spaces.
    #[must_use]
    pub fn find_saved(&self, name: &str) -> Option<&Saved> {
        let alike = || self.saved.iter().find(|s| folded(&s.name) == folded(name));
        self.saved.iter().find(|s| s.name == name).or_else(alike)
    }

    /// Number that the next version of `name` will have, from 1.
    #[must_use]
    pub fn next_version(&self, name: &str) -> usize {
        self.find_saved(name).map_or(0, |s| s.versions.len()) + 1
    }

    /// Keeps the segment of `node` as the next version of `name`.
    pub(super) fn keep(&mut self, name: &str, node: &Node) {
        let mut segment = node.segment.clone();
        for condition in &mut segment.conditions {
            condition.expr = expand(&condition.expr, self);
        }
        let version = Version { segment, turn: node.turn, count: node.count, data: node.data.clone() };
        let known = self.find_saved(name).map(|s| s.name.clone());
        match self.saved.iter_mut().find(|s| Some(&s.name) == known.as_ref()) {
            Some(saved) => saved.versions.push(version),
            None => self.saved.push(Saved { name: name.to_owned(), versions: vec![version] }),
        }
    }
}

/// `expr` with every name of a saved segment replaced by what the name stands for now. A name that is not
/// known stays.
#[must_use]
pub fn expand(expr: &Expr, session: &Session) -> Expr {
    replaced(expr, &|name| session.find_saved(name).and_then(Saved::latest).map(|v| v.segment.expr()))
}

/// `expr` with the saved segment `from` called `to`.
pub(super) fn renamed(expr: &Expr, from: &str, to: &str) -> Expr {
    replaced(expr, &|name| (name == from).then(|| Expr::Saved { name: to.to_owned() }))
}

/// `expr` with what `with` has for the names of saved segments.
fn replaced(expr: &Expr, with: &dyn Fn(&str) -> Option<Expr>) -> Expr {
    let each = |parts: &[Expr]| parts.iter().map(|p| replaced(p, with)).collect::<Vec<_>>();
    match expr {
        Expr::And(parts) => Expr::And(each(parts)),
        Expr::Or(parts) => Expr::Or(each(parts)),
        Expr::Not(part) => Expr::Not(Box::new(replaced(part, with))),
        Expr::Rank { field, end, amount, within } => {
            Expr::Rank { field: field.clone(), end: *end, amount: *amount, within: Box::new(replaced(within, with)) }
        }
        Expr::Sample { size, seed, within } => {
            Expr::Sample { size: *size, seed: *seed, within: Box::new(replaced(within, with)) }
        }
        Expr::Saved { name } => with(name).unwrap_or_else(|| expr.clone()),
        Expr::All | Expr::Compare { .. } | Expr::Exists { .. } | Expr::Total { .. } => expr.clone(),
    }
}

/// The same for the condition of a share.
#[must_use]
pub fn expand_metric(metric: Option<&Metric<Expr>>, session: &Session) -> Option<Metric<Expr>> {
    metric.map(|m| match m {
        Metric::Share(condition) => Metric::Share(expand(condition, session)),
        other => other.clone(),
    })
}

/// Names of saved segments that `turn` mentions and `session` lacks.
pub(super) fn missing_names(turn: &Turn, session: &Session) -> Vec<String> {
    let mut names = Vec::new();
    for edit in &turn.edits {
        collect(&edit.condition, &mut names);
        if let Some(other) = &edit.instead_of {
            collect(other, &mut names);
        }
    }
    if let Some(Metric::Share(condition)) = &turn.show.metric {
        collect(condition, &mut names);
    }
    names.retain(|n| session.find_saved(n).is_none());
    names
}

/// Whether `expr` mentions a saved segment.
#[must_use]
pub fn mentions_saved(expr: &Expr) -> bool {
    let mut names = Vec::new();
    collect(expr, &mut names);
    !names.is_empty()
}

fn collect(expr: &Expr, names: &mut Vec<String>) {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|p| collect(p, names)),
        Expr::Not(part) => collect(part, names),
        Expr::Rank { within, .. } | Expr::Sample { within, .. } => collect(within, names),
        Expr::Saved { name } => names.push(name.clone()),
        Expr::All | Expr::Compare { .. } | Expr::Exists { .. } | Expr::Total { .. } => {}
    }
}
