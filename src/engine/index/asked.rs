//! Parts of a segment that the index does not cover: which they are, whether it pays to ask SQL for them alone, and the
//! sets that its answers become. The rest of the segment is then put together as ever.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use super::among::Kept;
use super::column::Column;
use super::place::{Lookup, NOBODY};
use super::plan::{Plan, Query};
use super::room::Room;
use super::set::{Set, WORDS, chunks};
use super::{Index, Leaf, said};
use crate::segment::{Expr, Metric, text};
use crate::sql::{Asks, GroupKey, Shape};

/// Deepest nesting that is looked through; SQL has the same bound.
const MAX_DEPTH: usize = 64;

/// What it costs to be handed the keys of a part, in rows read for each entity: to read the keys, and to find each.
const HANDED: u64 = 2;

/// What SQL spends on a rank or a sample, in rows read for each entity.
const RANKED: u64 = 4;

/// What an index lacks for a question.
#[derive(Debug)]
pub(in super::super) enum Lacks {
    /// Nothing.
    Nothing,
    /// These parts of its segment; the others are worth more than it costs to ask for these.
    Parts(Vec<Lacking>),
    /// So much that SQL answers the whole sooner.
    TooMuch,
}

/// A part of a segment that the index does not cover.
#[derive(Debug)]
pub(in super::super) struct Lacking {
    pub part: Expr,
    /// The set, where an earlier question has left it.
    known: Option<Arc<Set>>,
}

/// Sets of parts that the index does not cover, by the parts' text.
#[derive(Debug, Default)]
pub(in super::super) struct Given(HashMap<String, (Arc<Set>, Leaf)>);

/// A set in the making, from keys as they come.
#[derive(Debug)]
pub(in super::super) struct Gathering {
    index: Arc<Index>,
    words: Room,
    started: Instant,
}

impl Gathering {
    /// None where keys cannot be told apart.
    pub(in super::super) fn new(index: &Arc<Index>) -> Option<Self> {
        index.ordinals()?;
        let words = Room::of(chunks(index.parts.entities) * WORDS);
        Some(Self { index: Arc::clone(index), words, started: Instant::now() })
    }

    /// Adds those with these keys; false where one is nobody's: the data is not what the index is of.
    pub(in super::super) fn add(&mut self, keys: &[i64]) -> bool {
        let Some(ordinals) = self.index.ordinals() else { return false };
        let entities = self.index.parts.entities.min(NOBODY as usize);
        keys.iter().all(|key| {
            let at = ordinals.at(*key) as usize;
            let known = at < entities;
            if known {
                self.words[at / 64] |= 1 << (at % 64);
            }
            known
        })
    }
}

impl Given {
    /// Adds a part whose set is known.
    pub(in super::super) fn known(&mut self, lacking: &Lacking) -> bool {
        if let Some(set) = &lacking.known {
            self.put(text::print(&lacking.part), Arc::clone(set), "cache", 0.0);
        }
        lacking.known.is_some()
    }

    /// Adds a part from what was gathered, and keeps its set for later questions.
    pub(in super::super) fn gathered(&mut self, lacking: &Lacking, shape: &Shape, gathering: Gathering) {
        let Gathering { index, words, started } = gathering;
        let set = Arc::new(Set::new(words));
        let said = text::print(&lacking.part);
        index.learnt.sets.put(&key(&said, shape), Kept::whole(&set), set.bytes());
        self.put(said, set, super::super::BY_SQL, started.elapsed().as_secs_f64() * 1000.0);
    }

    fn put(&mut self, said: String, set: Arc<Set>, how: &'static str, milliseconds: f64) {
        let leaf = Leaf { text: said.clone(), how, form: set.form(), size: set.size, bytes: set.bytes(), milliseconds };
        self.0.insert(said, (set, leaf));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What the set of a part is kept by: SQL was asked within the population.
fn key(said: &str, shape: &Shape) -> String {
    format!("{} {said} OF {}", shape.as_of(), text::print(shape.population()))
}

impl Query<'_> {
    /// The set of a part that was given.
    pub(super) fn was_given(&self, expr: &Expr) -> Option<Plan> {
        let (set, leaf) = self.given.0.get(&text::print(expr))?;
        self.note(leaf.clone());
        Some(if set.size == 0 { Plan::Nobody } else { Plan::Set(Arc::clone(set)) })
    }
}

/// What a question costs.
#[derive(Debug, Default)]
struct Costs {
    lacking: Vec<Expr>,
    /// Rows that SQL would read for what the index covers.
    spared: u64,
    /// Whether something is asked about that no set can stand for.
    hopeless: bool,
}

impl Index {
    /// The entities by their keys, which are put in order once.
    pub(super) fn ordinals(&self) -> Option<&Lookup> {
        let of = |keys: &Column| Lookup::of(Box::new((0..keys.codes.len()).map(|at| keys.whole(keys.codes.at(at)))));
        self.ordinals.get_or_init(|| self.keys().ok().and_then(of)).as_ref()
    }

    /// What is lacking to answer `shape`.
    pub(in super::super) fn lacks(&self, shape: &Shape) -> Lacks {
        let mut costs = Costs::default();
        self.look(shape.population(), &mut costs, 0);
        // Whatever is asked is asked within the population: nothing of it is spared.
        costs.spared = 0;
        self.look(shape.segment(), &mut costs, 0);
        match shape.asks() {
            Asks::Count => {}
            Asks::Metric(metric) => self.look_at_metric(metric, &mut costs),
            Asks::Groups(groups) => {
                groups.keys.iter().for_each(|key| self.look_at_key(key, &mut costs));
                groups.metric.iter().for_each(|metric| self.look_at_metric(metric, &mut costs));
                let table = groups.keys.iter().find_map(|key| match key {
                    GroupKey::Row { dataset, .. } => Some(dataset),
                    _ => None,
                });
                if let (Some(rows), Some(table)) = (&groups.rows, table) {
                    costs.hopeless |= !self.covers_rows(table, rows);
                }
            }
        }
        if costs.hopeless {
            return Lacks::TooMuch;
        }
        if costs.lacking.is_empty() || self.learnt.answers.get(&said(shape)).is_some() {
            return Lacks::Nothing;
        }
        let lacking = |part: Expr| {
            let known = self.learnt.sets.get(&key(&text::print(&part), shape)).map(|kept| Arc::clone(&kept.set));
            Lacking { part, known }
        };
        let parts: Vec<Lacking> = costs.lacking.into_iter().map(lacking).collect();
        let asked = parts.iter().filter(|part| part.known.is_none()).count() as u64;
        if costs.spared < asked * HANDED * self.parts.entities as u64 { Lacks::TooMuch } else { Lacks::Parts(parts) }
    }

    /// Looks through a condition on entities.
    fn look(&self, expr: &Expr, costs: &mut Costs, depth: usize) {
        if depth >= MAX_DEPTH {
            costs.hopeless = true;
        } else if self.is_bare(expr) {
            costs.lacking.push(expr.clone());
        } else {
            match expr {
                Expr::And(parts) => self.look_at_all(parts, Expr::And, costs, depth),
                Expr::Or(parts) => self.look_at_all(parts, Expr::Or, costs, depth),
                Expr::Not(inner) => self.look(inner, costs, depth + 1),
                Expr::Rank { within, .. } | Expr::Sample { within, .. } => {
                    costs.spared += RANKED * self.parts.entities as u64;
                    self.look(within, costs, depth + 1);
                }
                Expr::Exists { dataset, .. } | Expr::Total { dataset, .. } => costs.spared += self.rows(dataset),
                Expr::Compare { .. } => costs.spared += self.parts.entities as u64,
                Expr::All => {}
                Expr::Saved { .. } => costs.hopeless = true,
            }
        }
    }

    fn look_at_all(&self, parts: &[Expr], join: fn(Vec<Expr>) -> Expr, costs: &mut Costs, depth: usize) {
        if parts.iter().any(|part| self.is_bare(part)) {
            for part in &self.together(parts, join) {
                self.look(part, costs, depth + 1);
            }
        } else {
            for part in parts {
                self.look(part, costs, depth + 1);
            }
        }
    }

    fn look_at_key(&self, key: &GroupKey, costs: &mut Costs) {
        let (held, spared) = match key {
            GroupKey::Field(field) => (self.holds(field), self.parts.entities as u64),
            GroupKey::Band(band) => (self.holds(&band.field), self.parts.entities as u64),
            GroupKey::Row { dataset, field } => (self.holds_row(dataset, field), self.rows(dataset)),
        };
        costs.hopeless |= !held;
        costs.spared += spared;
    }

    fn look_at_metric(&self, metric: &Metric<Expr>, costs: &mut Costs) {
        match metric {
            Metric::Of { field, .. } => {
                costs.hopeless |= !self.holds(field);
                costs.spared += self.parts.entities as u64;
            }
            Metric::Share(condition) => self.look(condition, costs, 0),
            Metric::OfRows { dataset, field, rows, .. } => {
                let rows = rows.as_ref().is_none_or(|rows| self.covers_rows(dataset, rows));
                costs.hopeless |= !rows || !self.holds_row(dataset, field);
                costs.spared += self.rows(dataset);
            }
        }
    }

    /// The parts of an AND or OR, those that are not covered at all joined to one.
    pub(super) fn together(&self, parts: &[Expr], join: fn(Vec<Expr>) -> Expr) -> Vec<Expr> {
        let (bare, mut kept): (Vec<Expr>, Vec<Expr>) = parts.iter().cloned().partition(|part| self.is_bare(part));
        match bare.len() {
            0 | 1 => kept.extend(bare),
            _ => kept.push(join(bare)),
        }
        kept
    }

    /// Whether nothing of a condition is covered.
    fn is_bare(&self, expr: &Expr) -> bool {
        match expr {
            Expr::All | Expr::Saved { .. } | Expr::Sample { .. } => false,
            Expr::And(parts) | Expr::Or(parts) => !parts.is_empty() && parts.iter().all(|part| self.is_bare(part)),
            Expr::Not(inner) => self.is_bare(inner),
            Expr::Compare { field, .. } | Expr::Rank { field, .. } => !self.holds(field),
            Expr::Exists { dataset, rows } => !self.covers_rows(dataset, rows),
            Expr::Total { dataset, field, rows, .. } => {
                let field = field.as_ref().is_none_or(|field| self.holds_row(dataset, field));
                !field || !self.covers_rows(dataset, rows)
            }
        }
    }

    fn holds(&self, field: &str) -> bool {
        self.parts.fields.iter().any(|known| known.name == field)
    }

    fn holds_row(&self, dataset: &str, field: &str) -> bool {
        let many = self.parts.many.iter().find(|many| many.name == dataset);
        many.is_some_and(|many| many.fields.iter().any(|known| known.name == field))
    }

    /// Whether a condition on rows is covered. One that SQL has no words for either is for SQL to refuse.
    fn covers_rows(&self, dataset: &str, rows: &Expr) -> bool {
        match rows {
            Expr::All => self.parts.many.iter().any(|many| many.name == dataset),
            Expr::And(parts) | Expr::Or(parts) => {
                self.covers_rows(dataset, &Expr::All) && parts.iter().all(|part| self.covers_rows(dataset, part))
            }
            Expr::Not(inner) => self.covers_rows(dataset, inner),
            Expr::Compare { field, .. } => self.holds_row(dataset, field),
            _ => false,
        }
    }

    /// Rows of a many-table.
    fn rows(&self, dataset: &str) -> u64 {
        let many = self.parts.many.iter().find(|many| many.name == dataset);
        many.map_or(0, |many| many.pieces.iter().map(|piece| piece.rows).sum())
    }
}
