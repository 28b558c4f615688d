//! Conditions → edits of the segment.

use crate::segment::{Act, DraftExpr, Edit, EditOp, Expr, Metric, Test, Words};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    pub(super) fn edits(&mut self, mut conds: Vec<Cond>) {
        let anew = self.starts_anew();
        if let (true, Some(at)) = (self.has(Class::Drop), self.find(Class::Condition)) {
            // "3G 조건은 빼고 가족결합만": what stands in a clause of its own is asked for.
            let clause = self.clauses[at];
            let (dropped, kept): (Vec<Cond>, Vec<Cond>) = conds.into_iter().partition(|c| {
                self.clauses[c.first] == clause
                    || self.clauses[c.last] == clause
                    || c.last < at && self.near(c.last, at)
            });
            self.removals(&dropped, clause);
            conds = kept;
            if conds.is_empty() {
                return;
            }
        }
        // A rank is taken within what the other conditions leave.
        let mut ranks = std::mem::take(&mut self.draft.edits);
        let share = self.share_of(&mut conds);
        let op = self.plain_op();
        // "and more than 100 hours of YouTube": a presence beside those there are.
        let goes_on = self.parts.first().is_some_and(|p| p.is(Class::And));
        let mut at = 0;
        while at < conds.len() {
            let cond = &conds[at];
            let set_aside = !self.segment().is_everybody()
                && [self.prev_full(cond.first).filter(|&i| !self.parts[i].hangul), Some(cond.last + 1)]
                    .into_iter()
                    .flatten()
                    .any(|i| self.parts.get(i).is_some_and(|p| p.is(Class::NotJust) && (i < cond.first || p.hangul)));
            if set_aside || self.population_asked(&cond.expr) {
                at += 1;
                continue;
            }
            if self.draft.act == Act::Refuse {
                return;
            }
            if share.is_some_and(|s| at >= s) {
                let rest: Vec<Expr> = conds[at..].iter().map(|c| c.expr.clone()).collect();
                self.draft.show.metric = Some(Metric::Share(DraftExpr::Typed(Expr::all_of(rest))));
                break;
            }
            let words = self.words(cond.first, cond.last);
            if let Some(edit) = self.swap(&conds, at, &words) {
                self.draft.edits.push(edit);
                at += 2;
                continue;
            }
            let (op, expr) = if cond.exclude && !anew && op == EditOp::Swap {
                (EditOp::Exclude, cond.expr.clone())
            } else if cond.exclude {
                if anew { (EditOp::Narrow, cond.expr.clone().negated()) } else { (EditOp::Exclude, cond.expr.clone()) }
            } else if cond.negated && op != EditOp::Narrow || op == EditOp::Set && cond.dataset.is_some() && goes_on {
                (EditOp::Narrow, cond.expr.clone())
            } else {
                (op, cond.expr.clone())
            };
            let edit = Edit { op, ..self.plain_edit(expr, &words) };
            self.draft.edits.push(edit);
            at += 1;
        }
        if self.draft.act == Act::Refuse {
            return;
        }
        self.draft.edits.append(&mut ranks);
        if conds.is_empty() && !anew {
            self.both();
        }
        if anew && (!self.draft.edits.is_empty() || self.draft.question.is_some()) {
            self.draft.act = Act::New;
        }
        self.nationwide();
    }

    /// "둘 다 쓰는 사람만" after either of two: each is required.
    fn both(&mut self) {
        let Some(at) = self.find(Class::Both) else { return };
        let used =
            self.next_full(at).is_some_and(|i| self.parts[i].form().is_some() && !self.parts[i].cues().is_empty());
        if !used || !self.draft.show.breakdown.is_empty() {
            return;
        }
        let rows_of = |rows: &Expr| match rows {
            Expr::And(parts) => parts.clone(),
            one => vec![one.clone()],
        };
        let listed = |e: &Expr| matches!(e, Expr::Compare { test: Test::In(_), .. });
        let last = self.segment().conditions.iter().rfind(|c| match &c.expr {
            Expr::Exists { rows, .. } => rows_of(rows).iter().any(listed),
            _ => false,
        });
        let Some(last) = last else { return };
        let Expr::Exists { dataset, rows } = &last.expr else { return };
        let parts = rows_of(rows);
        let Some(list) = parts.iter().find(|p| listed(p)) else { return };
        let Expr::Compare { field, test: Test::In(values) } = list else { return };
        let rest: Vec<Expr> = parts.iter().filter(|p| *p != list).cloned().collect();
        let each = values.iter().map(|v| {
            let one = Expr::is_in(field, vec![v.clone()]);
            Expr::exists(dataset, Expr::all_of([vec![one], rest.clone()].concat()))
        });
        let words = self.words(at, at);
        let condition = DraftExpr::Typed(Expr::all_of(each.collect()));
        let instead_of = Some(DraftExpr::Typed(last.expr.clone()));
        self.draft.edits.push(Edit { op: EditOp::Swap, condition, instead_of, words });
        self.take([at]);
    }

    /// Whether nothing that says something stands between two parts.
    fn near(&self, from: usize, to: usize) -> bool {
        (from + 1..to).all(|i| self.parts[i].is_empty() || !self.parts[i].cues().is_empty())
    }

    /// "전국으로", "all regions": no restriction on the attribute that regions of home are.
    fn nationwide(&mut self) {
        let Some(at) = self.find(Class::Everyone) else { return };
        if self.starts_anew()
            || !self.draft.edits.is_empty()
            || self.segment().is_everybody()
            || self.has(Class::HowMany)
        {
            let whole = self.draft.edits.is_empty()
                && self.has(Class::HowMany)
                && !self.parts.iter().any(|p| p.is(Class::Anaphor));
            if whole && self.draft.show.metric.is_none() {
                self.draft.act = Act::New;
            }
            return;
        }
        let entity = self.catalog.entity();
        if let Some(field) = entity.fields.iter().find(|f| f.preferred && f.shared.is_some()) {
            let words = self.words(at, at);
            let expr = Expr::Compare { field: field.name.clone(), test: Test::Missing };
            let edit = Edit { op: EditOp::Remove, ..self.plain_edit(expr, &words) };
            self.draft.edits.push(edit);
        }
    }

    /// "X 말고 Y", "swap X for Y", "Y instead of X".
    fn swap(&self, conds: &[Cond], at: usize, words: &Words) -> Option<Edit<DraftExpr>> {
        let (a, b) = (&conds[at], conds.get(at + 1)?);
        let between = |class: Class| (a.last + 1..b.first).any(|i| self.parts[i].is(class));
        let before_b = (a.last + 1..b.first).any(|i| self.parts[i].is(Class::Instead));
        let replaces = self.parts.iter().any(|p| p.is(Class::Replace));
        let same = a.dataset == b.dataset
            && (a.dataset.is_some() || self.one_attribute(&a.expr) == self.one_attribute(&b.expr));
        let edit = |new: &Expr, old: &Expr| Edit {
            op: EditOp::Swap,
            condition: DraftExpr::Typed(new.clone()),
            instead_of: Some(DraftExpr::Typed(old.clone())),
            words: words.clone(),
        };
        // "로밍 조건 말고 출국 2회 이상으로 바꿔": another attribute may come in its place.
        let other = replaces && a.exclude && !b.exclude && between(Class::Instead) && self.parts[a.first].hangul;
        if other {
            return Some(edit(&b.expr, &a.expr));
        }
        if !same || self.starts_anew() && !replaces {
            return None;
        }
        if a.exclude && !b.exclude && between(Class::Instead) {
            return Some(edit(&b.expr, &a.expr));
        }
        if b.exclude && before_b && !self.parts[b.first].hangul {
            return Some(edit(&a.expr, &b.expr));
        }
        let object = (a.last + 1..b.first).any(|i| matches!(self.surface(i).as_str(), "을" | "를" | "에서"));
        let english = between(Class::SwapFor) && !self.parts[b.first].hangul;
        (replaces && !a.exclude && (english || object)).then(|| edit(&b.expr, &a.expr))
    }

    /// "share of women among VIPs": the audience is said last, and comes first.
    fn among_last(&self, share: usize, conds: &mut [Cond]) {
        let among = (share + 1..self.parts.len()).find(|&i| self.parts[i].is(Class::Among) && !self.parts[i].hangul);
        let whole = |c: &Cond| among.is_some_and(|i| self.surface(i) != "of" && c.first > i);
        if conds.iter().any(whole) && conds.iter().any(|c| c.first > share && !whole(c)) {
            let at = conds.iter().position(whole).unwrap_or(0);
            conds.rotate_left(at);
        }
    }

    /// For a share: the first condition that belongs to it.
    fn share_of(&mut self, conds: &mut [Cond]) -> Option<usize> {
        let at = self.find(Class::Share)?;
        if !self.draft.show.breakdown.is_empty() {
            self.take([at]);
        }
        if conds.is_empty() || !self.draft.show.breakdown.is_empty() {
            return None;
        }
        self.take([at]);
        self.among_last(at, conds);
        let refers = self.parts.iter().rposition(|p| p.any(&[Class::Anaphor]) || p.is(Class::Among) && p.hangul);
        match refers {
            Some(i) if conds.iter().any(|c| c.first > i) && self.parts[i].hangul => {
                conds.iter().position(|c| c.first > i)
            }
            _ if !self.parts[at].hangul && conds.len() > 1 && conds[0].first > conds[conds.len() - 1].first => {
                conds.iter().rposition(|c| c.first > conds[conds.len() - 1].first).map(|i| i + 1)
            }
            _ if !self.parts[at].hangul && conds.len() > 1 && conds.iter().any(|c| c.first < at) => {
                conds.iter().position(|c| c.first > at)
            }
            _ if self.parts[at].hangul && conds.len() > 1 && refers.is_none() => Some(conds.len() - 1),
            _ => Some(0),
        }
    }
}
