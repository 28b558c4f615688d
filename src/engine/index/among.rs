//! Conditions on rows that are put only to those whom the conditions beside them leave, where these are few: the rows of
//! everybody else are not read. Such a set is kept with the conditions that it was made among, and serves wherever all
//! of those are asked again. A condition that comes back among others is worked out for everybody.

use std::cell::OnceCell;
use std::sync::Arc;

use super::judge::Check;
use super::leaf::{FEW, Total, gauge_of, posted, some_row_of};
use super::plan::{Plan, Query};
use super::set::{Set, WORDS, Words};
use super::work::Halt;
use crate::segment::{Expr, text};

/// Who is left by the conditions beside one.
#[derive(Debug, Clone)]
pub(super) struct Among {
    left: Plan,
    /// The conditions, by their text.
    conditions: Vec<String>,
    size: OnceCell<u64>,
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
        Self { left: Plan::Everybody, conditions: Vec::new(), size: OnceCell::new() }
    }

    /// Those of them for whom a condition holds, too.
    pub(super) fn and(&self, condition: &Expr, plan: &Plan, entities: u64) -> Self {
        let left = Plan::all(vec![self.left.clone(), plan.clone()], entities);
        let conditions = self.conditions.iter().cloned().chain([text::print(condition)]).collect();
        Self { left, conditions, size: OnceCell::new() }
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
        if self.size_left(among)? * FEW >= self.index.entities() as u64 {
            return Ok(None);
        }
        let set = Arc::new(self.of_few(expr, &among.left)?);
        let kept = Kept { set: Arc::clone(&set), among: among.conditions.clone() };
        self.index.learnt.sets.put(
            &key,
            Arc::new(kept),
            set.bytes() + among.conditions.iter().map(String::len).sum::<usize>(),
        );
        Ok(Some((set, "rows of the few left")))
    }

    fn size_left(&self, among: &Among) -> Result<u64, Halt> {
        if let Some(size) = among.size.get() {
            return Ok(*size);
        }
        let size = self.size(&among.left)?;
        Ok(*among.size.get_or_init(|| size))
    }

    /// Those of `left` for whom a condition on rows holds.
    fn of_few(&self, expr: &Expr, left: &Plan) -> Result<Set, Halt> {
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
            }
            Expr::Total { dataset, func, field, rows, test } => {
                let check = Check::of(test, self.shape.as_of());
                let many = self.index.many(dataset)?;
                let test = self.row_test(many, rows)?;
                let gauge = gauge_of(many, *func, field.as_deref())?;
                self.each_left(left, |chunk, words, out| {
                    Total::new(out, &check, &gauge).add_members(many, &test, (chunk, words));
                })
            }
            _ => Err(Halt::Uncovered),
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
