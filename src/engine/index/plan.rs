//! A segment as sets and what joins them: every leaf is a set, taken from what earlier questions have left or made
//! now; and, or and not are worked out chunk by chunk, the smallest sets first, and never as a whole.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::among::{Among, Kept};
use super::asked::Given;
use super::judge::Check;
use super::set::{CHUNK, Set, WORDS, Words, count, fill};
use super::work::{Halt, Work};
use super::{Explained, Index, Leaf};
use crate::segment::{Expr, text};
use crate::sql::{Asks, Shape};

/// Deepest nesting that is worked on; SQL has the same bound.
const MAX_DEPTH: usize = 64;

/// What joins the sets.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    Everybody,
    Nobody,
    Set(Arc<Set>),
    Not(Box<Plan>),
    All(Vec<Plan>),
    Any(Vec<Plan>),
}

impl Plan {
    /// All of `parts`, the smallest first.
    pub(super) fn all(parts: Vec<Plan>, entities: u64) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Everybody => {}
                Self::Nobody => return Self::Nobody,
                Self::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        kept.sort_by_key(|part| part.most(entities));
        match kept.len() {
            0 => Self::Everybody,
            1 => kept.swap_remove(0),
            _ => Self::All(kept),
        }
    }

    fn any(parts: Vec<Plan>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Nobody => {}
                Self::Everybody => return Self::Everybody,
                Self::Any(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Nobody,
            1 => kept.swap_remove(0),
            _ => Self::Any(kept),
        }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Everybody => Self::Nobody,
            Self::Nobody => Self::Everybody,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The most entities that it can hold.
    fn most(&self, entities: u64) -> u64 {
        match self {
            Self::Everybody => entities,
            Self::Nobody => 0,
            Self::Set(set) => set.size,
            Self::Not(inner) => match inner.as_ref() {
                Self::Set(set) => entities.saturating_sub(set.size),
                _ => entities,
            },
            Self::All(parts) => parts.iter().map(|part| part.most(entities)).min().unwrap_or(entities),
            Self::Any(parts) => parts.iter().map(|part| part.most(entities)).sum::<u64>().min(entities),
        }
    }

    /// The members of a chunk in which so many entities are. `out` is overwritten.
    pub(super) fn words(&self, chunk: usize, places: usize, out: &mut Words) {
        match self {
            Self::Everybody => fill(out, places),
            Self::Nobody => out.fill(0),
            Self::Set(set) => {
                out.fill(0);
                set.add(chunk, out);
            }
            Self::Not(_) => {
                fill(out, places);
                self.cut(chunk, places, out);
            }
            Self::All(parts) => {
                let Some((first, rest)) = parts.split_first() else { return fill(out, places) };
                first.words(chunk, places, out);
                for part in rest {
                    if out.iter().all(|word| *word == 0) {
                        return;
                    }
                    part.cut(chunk, places, out);
                }
            }
            Self::Any(parts) => {
                out.fill(0);
                let mut own = [0; WORDS];
                for part in parts {
                    if let Self::Set(set) = part {
                        set.add(chunk, out);
                    } else {
                        part.words(chunk, places, &mut own);
                        out.iter_mut().zip(&own).for_each(|(to, from)| *to |= from);
                    }
                }
            }
        }
    }

    /// Takes those that are not members from `out`.
    fn cut(&self, chunk: usize, places: usize, out: &mut Words) {
        match self {
            Self::Everybody => {}
            Self::Nobody => out.fill(0),
            Self::Set(set) => set.keep(chunk, false, out),
            Self::Not(inner) => {
                if let Self::Set(set) = inner.as_ref() {
                    return set.keep(chunk, true, out);
                }
                let mut own = [0; WORDS];
                inner.words(chunk, places, &mut own);
                out.iter_mut().zip(&own).for_each(|(to, from)| *to &= !from);
            }
            Self::All(parts) => parts.iter().for_each(|part| part.cut(chunk, places, out)),
            Self::Any(_) => {
                let mut own = [0; WORDS];
                self.words(chunk, places, &mut own);
                out.iter_mut().zip(&own).for_each(|(to, from)| *to &= from);
            }
        }
    }
}

/// One question that is being answered.
#[derive(Debug)]
pub(super) struct Query<'a> {
    pub index: &'a Index,
    pub shape: &'a Shape,
    /// Sets of what the index does not cover.
    pub given: &'a Given,
    pub work: Work<'a>,
    leaves: Mutex<Vec<Leaf>>,
}

impl<'a> Query<'a> {
    pub(super) fn new(index: &'a Index, (shape, given): (&'a Shape, &'a Given), work: Work<'a>) -> Self {
        Self { index, shape, given, work, leaves: Mutex::default() }
    }

    /// How it was answered.
    pub(super) fn explained(self, by: &'static str, started: Instant) -> Explained {
        let leaves = self.leaves.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = asked(self.shape);
        Explained { asked, by, leaves, milliseconds: started.elapsed().as_secs_f64() * 1000.0 }
    }

    pub(super) fn note(&self, leaf: Leaf) {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner).push(leaf);
    }

    /// The members of a segment within the population.
    pub(super) fn members(&self, segment: &Expr) -> Result<Plan, Halt> {
        self.all(&[self.shape.population(), segment], 0, None)
    }

    /// A condition, whoever it holds for.
    pub(super) fn condition(&self, expr: &Expr) -> Result<Plan, Halt> {
        self.plan(expr, 0, None)
    }

    /// The plan of a condition, as far as it matters `among` those whom the conditions beside it leave.
    fn plan(&self, expr: &Expr, depth: usize, among: Option<&Among>) -> Result<Plan, Halt> {
        if depth >= MAX_DEPTH {
            return Err(Halt::Uncovered);
        }
        if !self.given.is_empty()
            && let Some(given) = self.was_given(expr)
        {
            return Ok(given);
        }
        // Parts that are not covered are given as one.
        let joined = |parts, join| {
            if self.given.is_empty() { Cow::Borrowed(parts) } else { Cow::Owned(self.index.together(parts, join)) }
        };
        match expr {
            Expr::All => Ok(Plan::Everybody),
            Expr::And(all) => self.all(&joined(all, Expr::And).iter().collect::<Vec<_>>(), depth + 1, among),
            Expr::Or(any) => {
                let plans: Result<Vec<_>, _> =
                    joined(any, Expr::Or).iter().map(|part| self.plan(part, depth + 1, among)).collect();
                Ok(Plan::any(plans?))
            }
            Expr::Not(inner) => Ok(self.plan(inner, depth + 1, among)?.opposite()),
            Expr::Saved { .. } => Err(Halt::Uncovered),
            leaf => self.leaf(leaf, among),
        }
    }

    /// The plan of conditions that all hold: those that mean reading rows come last, each among those who are left.
    fn all(&self, parts: &[&Expr], depth: usize, among: Option<&Among>) -> Result<Plan, Halt> {
        let entities = self.index.entities() as u64;
        let (late, early): (Vec<&Expr>, Vec<&Expr>) = parts.iter().partition(|part| self.reads_rows(part, depth));
        let mut plans = early.iter().map(|part| self.plan(part, depth, among)).collect::<Result<Vec<_>, _>>()?;
        if !late.is_empty() {
            let mut left = among.cloned().unwrap_or_else(Among::everybody);
            for (part, plan) in early.iter().zip(&plans) {
                left = left.and(part, plan, entities);
            }
            for part in late {
                let plan = self.plan(part, depth, Some(&left))?;
                left = left.and(part, &plan, entities);
                plans.push(plan);
            }
        }
        Ok(Plan::all(plans, entities))
    }

    /// Whether rows are to be read for a condition: no cache and no posting has what it asks for.
    fn reads_rows(&self, expr: &Expr, depth: usize) -> bool {
        let kept = || self.index.learnt.sets.get(&self.key(expr, &text::print(expr))).is_some();
        match expr {
            _ if depth >= MAX_DEPTH => false,
            Expr::And(parts) | Expr::Or(parts) => parts.iter().any(|part| self.reads_rows(part, depth + 1)),
            Expr::Not(inner) => self.reads_rows(inner, depth + 1),
            Expr::Exists { dataset, rows } => !kept() && !self.is_posted(dataset, rows),
            Expr::Total { .. } => !kept(),
            _ => false,
        }
    }

    /// The set of a leaf, from the cache or made now.
    fn leaf(&self, expr: &Expr, among: Option<&Among>) -> Result<Plan, Halt> {
        let started = Instant::now();
        let said = text::print(expr);
        let key = self.key(expr, &said);
        let (set, how) = if let Some(kept) = self.index.learnt.sets.get(&key) {
            (Arc::clone(&kept.set), "cache")
        } else if let Some(found) = self.among(expr, &key, among)? {
            found
        } else {
            let (set, how) = self.made(expr)?;
            let set = Arc::new(set);
            self.index.learnt.sets.put(&key, Kept::whole(&set), set.bytes());
            (set, how)
        };
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        self.note(Leaf { text: said, how, form: set.form(), size: set.size, bytes: set.bytes(), milliseconds });
        Ok(match set.size {
            0 => Plan::Nobody,
            _ => Plan::Set(set),
        })
    }

    /// What a leaf is kept by: dates are relative to a day, and ranks and samples are within the population.
    fn key(&self, expr: &Expr, said: &str) -> String {
        let as_of = self.shape.as_of();
        match expr {
            Expr::Rank { .. } | Expr::Sample { .. } => {
                format!("{as_of} {said} WITHIN {}", text::print(self.shape.population()))
            }
            _ => format!("{as_of} {said}"),
        }
    }

    fn made(&self, expr: &Expr) -> Result<(Set, &'static str), Halt> {
        match expr {
            Expr::Compare { field, test } => {
                let column = self.index.field(field)?;
                let codes = column.passing(&Check::of(test, self.shape.as_of()));
                let set = self.work.set(|chunk, out| {
                    let (from, to) = self.index.span(chunk);
                    column.codes.scan(from, to, &codes, out);
                    Ok(())
                })?;
                Ok((set, "code scan"))
            }
            Expr::Exists { dataset, rows } => self.exists(dataset, rows),
            Expr::Total { dataset, func, field, rows, test } => {
                let check = Check::of(test, self.shape.as_of());
                self.total(dataset, (*func, field.as_deref()), rows, &check)
            }
            Expr::Rank { field, end, amount, within } => self.rank(field, *end, *amount, within),
            Expr::Sample { size, seed, within } => self.sample(*size, *seed, within),
            Expr::All | Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Saved { .. } => Err(Halt::Uncovered),
        }
    }

    /// How many members there are.
    pub(super) fn size(&self, plan: &Plan) -> Result<u64, Halt> {
        let sizes = self.over(plan, || 0, |size, _, words| *size += count(words))?;
        Ok(sizes.into_iter().sum())
    }

    /// Calls `each` with the members of every chunk and the first ordinal of it; a state for each thread.
    pub(super) fn over<T: Send>(
        &self,
        plan: &Plan,
        start: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, usize, &Words) + Sync,
    ) -> Result<Vec<T>, Halt> {
        self.work.fold(start, |state, chunk| {
            let (from, to) = self.index.span(chunk);
            let mut words = [0; WORDS];
            plan.words(chunk, to - from, &mut words);
            each(state, chunk, &words);
            Ok(())
        })
    }
}

/// What is asked, for a reader.
fn asked(shape: &Shape) -> String {
    let what = match shape.asks() {
        Asks::Count => "count",
        Asks::Metric(_) => "metric",
        Asks::Groups(_) => "groups",
    };
    format!("{what} of {}", text::print(shape.segment()))
}

/// The ordinal of the first entity of a chunk.
pub(super) fn first(chunk: usize) -> usize {
    chunk * CHUNK
}
