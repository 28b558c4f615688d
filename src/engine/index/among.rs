//! Conditions on rows that are put only to those whom the conditions beside them leave, where these are few: the rows of
//! everybody else are not read. Such a set is kept with the conditions that it was made among, and serves wherever all
//! of those are asked again. A condition that comes back among others is worked out for everybody.

use std::sync::{Arc, OnceLock};

use super::judge::Check;
use super::leaf::{FEW, gauge_of, posted, some_row_of};
use super::many::{Many, RowTest};
use super::measure::{Gauge, Sum};
use super::plan::{Plan, Query, first};
use super::set::{Set, WORDS, Words, count, for_ones};
use super::work::Halt;
use crate::segment::{Expr, text};

/// Who is left by the conditions beside one.
#[derive(Debug, Clone)]
pub(super) struct Among {
    left: Plan,
    /// The conditions, by their text.
    conditions: Vec<String>,
    size: OnceLock<u64>,
}

/// A set of the index's cache.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub set: Arc<Set>,
    /// The conditions that it was made among; none where it was made among everybody.
    among: Vec<String>,
}

impl Kept {
    /// A set that was made among everybody.
    pub(super) fn whole(set: &Arc<Set>) -> Arc<Self> {
        Arc::new(Self { set: Arc::clone(set), among: Vec::new() })
    }
}

impl Among {
    /// With no condition yet.
    pub(super) fn everybody() -> Self {
        Self { left: Plan::Everybody, conditions: Vec::new(), size: OnceLock::new() }
    }

    /// Those of them for whom a condition holds, too.
    pub(super) fn and(&self, condition: &Expr, plan: &Plan, entities: u64) -> Self {
        let left = Plan::all(vec![self.left.clone(), plan.clone()], entities);
        let conditions = self.conditions.iter().cloned().chain([text::print(condition)]).collect();
        Self { left, conditions, size: OnceLock::new() }
    }

    /// Whether all of `conditions` are among its own.
    fn has(&self, conditions: &[String]) -> bool {
        conditions.iter().all(|condition| self.conditions.contains(condition))
    }
}

impl Query<'_> {
    /// The set of a condition on rows among those who are left, with how it was had; none where it is to be worked out
    /// for everybody.
    pub(super) fn among(
        &self,
        expr: &Expr,
        key: &str,
        among: Option<&Among>,
    ) -> Result<Option<(Arc<Set>, &'static str)>, Halt> {
        let Some(among) = among.filter(|_| matches!(expr, Expr::Exists { .. } | Expr::Total { .. })) else {
            return Ok(None);
        };
        // A rank among the conditions is within the population, whatever its text says.
        let key = format!("{key} AMONG THOSE OF {}", text::print(self.shape.population()));
        if let Some(kept) = self.index.learnt.sets.get(&key) {
            return Ok(among.has(&kept.among).then(|| (Arc::clone(&kept.set), "cache")));
        }
        if self.size(among)? * FEW >= self.index.entities() as u64 {
            return Ok(None);
        }
        let Some(set) = self.of_few(expr, &among.left)? else { return Ok(None) };
        let set = Arc::new(set);
        let kept = Kept { set: Arc::clone(&set), among: among.conditions.clone() };
        self.index.learnt.sets.put(
            &key,
            Arc::new(kept),
            set.bytes() + among.conditions.iter().map(String::len).sum::<usize>(),
        );
        Ok(Some((set, "rows of the few left")))
    }

    fn size(&self, among: &Among) -> Result<u64, Halt> {
        if let Some(size) = among.size.get() {
            return Ok(*size);
        }
        let sizes = self.over(&among.left, || 0, |size: &mut u64, _, words| *size += count(words))?;
        Ok(*among.size.get_or_init(|| sizes.into_iter().sum()))
    }

    /// Those of `left` for whom a condition on rows holds.
    fn of_few(&self, expr: &Expr, left: &Plan) -> Result<Option<Set>, Halt> {
        match expr {
            Expr::Exists { dataset, rows } => {
                let many = self.index.many(dataset)?;
                let test = self.row_test(many, rows)?;
                self.each_left(left, |chunk, words, out| {
                    if let Some(posted) = posted(many, &test, chunk) {
                        words.iter_mut().zip(&posted).for_each(|(word, posted)| *word &= posted);
                    }
                    some_row_of(many, &test, (chunk, words), out);
                })
                .map(Some)
            }
            Expr::Total { dataset, func, field, rows, test } => {
                let check = Check::of(test, self.shape.as_of());
                let many = self.index.many(dataset)?;
                let test = self.row_test(many, rows)?;
                let gauge = gauge_of(many, *func, field.as_deref())?;
                self.each_left(left, |chunk, words, out| added_up(many, (&test, &gauge, &check), (chunk, words), out))
                    .map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The set that `each` makes of the members of every chunk who are left.
    fn each_left(&self, left: &Plan, each: impl Fn(usize, &mut Words, &mut Words) + Sync) -> Result<Set, Halt> {
        self.work.set(|chunk, out| {
            let (from, to) = self.index.span(chunk);
            let mut words = [0; WORDS];
            left.words(chunk, to - from, &mut words);
            each(chunk, &mut words, out);
            Ok(())
        })
    }
}

/// Sets those of `words` whose rows add up to what passes.
fn added_up(
    many: &Many,
    (test, gauge, check): (&RowTest, &Gauge<'_>, &Check),
    (chunk, words): (usize, &Words),
    out: &mut Words,
) {
    let mut sum = Sum::default();
    for_ones(words, |at| {
        sum.clear();
        for row in many.rows_of(first(chunk) + at).filter(|row| test.holds(many, *row)) {
            sum.add(gauge, gauge.column.map(|column| column.codes.at(row)));
        }
        out[at / 64] |= u64::from(check.passes(sum.value(gauge))) << (at % 64);
    });
}
