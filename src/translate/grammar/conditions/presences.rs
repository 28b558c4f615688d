//! Rows of a many-table that a customer must have, put together clause by clause.

use crate::catalog::FieldType;
use crate::segment::{Expr, Func, Literal, Test};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Sense;
use crate::translate::grammar::lexicon::Target;
use crate::translate::grammar::measures::Total;
use crate::translate::grammar::parts::ValueSense;
use crate::translate::grammar::reader::Reader;
use crate::translate::grammar::values::List;

/// A presence that is being put together.
#[derive(Debug, Clone)]
pub(in crate::translate::grammar) struct Presence {
    pub(in crate::translate::grammar) dataset: usize,
    pub(in crate::translate::grammar) clause: usize,
    pub(in crate::translate::grammar) first: usize,
    pub(in crate::translate::grammar) last: usize,
    pub(in crate::translate::grammar) rows: Vec<Expr>,
    /// Several presences, one for each of these, all required.
    pub(in crate::translate::grammar) each: Vec<Expr>,
    /// Totals over the rows.
    pub(in crate::translate::grammar) totals: Vec<Total>,
}

impl Presence {
    pub(super) fn expr(&self, name: &str) -> Expr {
        let rows = Expr::all_of(self.rows.clone());
        let mut all: Vec<Expr> = self
            .totals
            .iter()
            .map(|total| Expr::Total {
                dataset: name.to_owned(),
                func: total.func,
                field: total.field.clone(),
                rows: Box::new(rows.clone()),
                test: total.test.clone(),
            })
            .collect();
        for item in &self.each {
            all.push(Expr::exists(name, Expr::all_of(vec![item.clone(), rows.clone()])));
        }
        if all.is_empty() {
            all.push(Expr::exists(name, rows));
        }
        Expr::all_of(all)
    }
}

impl Reader<'_> {
    pub(super) fn add_to_presence(
        &mut self,
        presences: &mut Vec<Presence>,
        list: &List,
        sense: &ValueSense,
        expr: Expr,
    ) {
        let (d, f) = (sense.0, sense.1);
        let clause = self.clauses[list.last];
        let field = self.field(d, f);
        let several = list.members.len() > 1 && matches!(&expr, Expr::Compare { test: Test::In(_), .. });
        let both = self.parts.iter().enumerate().any(|(i, p)| {
            p.is(Class::Both) && i > list.first && self.clauses[i].abs_diff(clause) <= 1 && !self.total_said(clause)
        }) || (list.joined_by_and && !self.negated_before(list.first) && !self.total_said(clause));
        let each = if several && (both) && self.dataset(d).item.as_deref().is_some_and(|i| self.holds_several(d, i, f))
        {
            self.one_by_one(&expr)
        } else {
            Vec::new()
        };
        if several && self.one_only(clause) {
            let total =
                Total { func: Func::CountDistinct, field: Some(field.name.clone()), test: Test::Eq(Literal::Int(1)) };
            let (first, last) = (list.first, list.last);
            let totals = vec![total];
            presences.push(Presence { dataset: d, clause, first, last, rows: vec![expr], each: Vec::new(), totals });
            return;
        }
        let attribute = self.attribute(d, f).to_owned();
        let same = presences.iter_mut().find(|p| p.dataset == d && p.clause == clause);
        let fresh = |rows: Vec<Expr>, each: Vec<Expr>| Presence {
            dataset: d,
            clause,
            first: list.first,
            last: list.last,
            rows,
            each,
            totals: Vec::new(),
        };
        let rows = if each.is_empty() { vec![expr] } else { Vec::new() };
        match same {
            Some(presence)
                if !presence.rows.iter().any(|r| {
                    matches!(r, Expr::Compare { field: other, .. }
                        if self.catalog.attribute(&self.catalog.datasets[d].name, other) == attribute && *other == field.name)
                }) =>
            {
                presence.rows.extend(rows);
                presence.each.extend(each);
                presence.last = list.last;
            }
            _ => presences.push(fresh(rows, each)),
        }
    }

    /// "둘 중 하나만": takes the words, where they stand by the clause.
    fn one_only(&mut self, clause: usize) -> bool {
        let found = self.find(Class::OneOnly).filter(|i| self.clauses[*i].abs_diff(clause) <= 1);
        self.take(found);
        found.is_some()
    }

    fn holds_several(&self, d: usize, item: &str, f: usize) -> bool {
        self.field(d, f).name == item
            || self.dataset(d).field(item).is_some_and(|i| i.within.as_deref() == Some(self.field(d, f).name.as_str()))
    }

    fn one_by_one(&self, expr: &Expr) -> Vec<Expr> {
        match expr {
            Expr::Compare { field, test: Test::In(values) } => {
                values.iter().map(|v| Expr::is_in(field, vec![v.clone()])).collect()
            }
            other => vec![other.clone()],
        }
    }

    pub(in crate::translate::grammar) fn total_said(&self, clause: usize) -> bool {
        self.parts
            .iter()
            .enumerate()
            .any(|(i, p)| p.any(&[Class::Combined, Class::Sum]) && self.clauses[i].abs_diff(clause) <= 1)
    }

    /// A verb of one table alone: "주문한 적 있는", "발송 나간".
    pub(super) fn bare_presences(&mut self, presences: &mut Vec<Presence>, conds: &[Cond]) {
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            let acts = part.meanings.iter().any(|m| matches!(m.sense, Sense::Word(_)));
            // "반응 없던": a truth value of the rows, which `flags` reads.
            let flag = part.fields().iter().any(|(d, f)| *d > 0 && self.field(*d, *f).kind == FieldType::Bool);
            if part.taken || acts || flag || !part.values().is_empty() && part.cues().is_empty() {
                continue;
            }
            let clause = self.clauses[at];
            let tables: Vec<usize> = part
                .cues()
                .iter()
                .filter_map(|t| match t {
                    Target::Field(0, _) => None,
                    Target::Dataset(d) | Target::Field(d, _) => Some(*d),
                })
                .collect();
            let entity = part.cues().iter().any(|t| matches!(t, Target::Field(0, _)));
            let mut only = tables.clone();
            only.sort_unstable();
            only.dedup();
            let dated = |i: usize| self.clauses[i].abs_diff(clause) <= 1 && self.parts[i].dates().is_some();
            if only.len() > 1 && (0..self.parts.len()).any(dated) {
                only.retain(|d| self.dataset(*d).date_field().is_some());
            }
            let [d] = only.as_slice() else { continue };
            let grouped = format!("{}.", self.dataset(*d).name);
            if self.draft.show.breakdown.iter().any(|b| b.starts_with(&grouped)) {
                continue;
            }
            let unknown_object = (0..self.parts.len()).any(|i| self.clauses[i] == clause && self.parts[i].unknown());
            let served = presences.iter().any(|p| p.dataset == *d && p.clause.abs_diff(clause) <= 1)
                || conds
                    .iter()
                    .any(|c| (c.first..=c.last).any(|i| self.clauses[i] == clause && !self.parts[i].cues().is_empty()))
                || (!self.parts[at].hangul && presences.iter().any(|p| p.dataset == *d));
            let any = (0..self.parts.len()).any(|i| {
                self.clauses[i].abs_diff(clause) <= 1
                    && (self.parts[i].is(Class::Any)
                        || self.parts[i].dates().is_some()
                        || !self.parts[i].datasets().is_empty())
            });
            if served || unknown_object || entity || !any {
                continue;
            }
            let refers = self.parts.iter().any(|p| p.any(&[Class::Anaphor, Class::LikeThat]));
            let rows = if refers { self.rows_spoken_of(*d, None) } else { Vec::new() };
            presences.push(Presence {
                dataset: *d,
                clause,
                first: at,
                last: at,
                rows,
                each: Vec::new(),
                totals: Vec::new(),
            });
            self.take([at]);
        }
    }

    /// "responded to it" belongs to the presence before it; "but did not respond" makes a second one.
    pub(super) fn row_flag(
        &mut self,
        presences: &mut Vec<Presence>,
        conds: &mut Vec<Cond>,
        d: usize,
        flag: Expr,
        at: usize,
    ) {
        let clause = self.clauses[at];
        let (negated, _, marks) = self.negation(at, at);
        if negated {
            self.take(marks);
        }
        let before = presences.iter_mut().rev().find(|p| p.dataset == d && p.clause.abs_diff(clause) <= 4);
        match before {
            Some(presence) if negated => {
                let mut rows = presence.rows.clone();
                rows.push(flag);
                let expr = Expr::exists(&self.dataset(d).name, Expr::all_of(rows));
                let mut cond = self.cond(expr.negated(), at, at, Some(d));
                cond.negated = true;
                conds.push(cond);
            }
            None if negated && !self.rows_spoken_of(d, None).is_empty() => {
                let rows = [self.rows_spoken_of(d, None), vec![flag]].concat();
                let expr = Expr::exists(&self.dataset(d).name, Expr::all_of(rows));
                let mut cond = self.cond(expr.negated(), at, at, Some(d));
                cond.negated = true;
                conds.push(cond);
            }
            Some(presence) => {
                presence.rows.push(flag);
                presence.last = presence.last.max(at);
            }
            None => presences.push(Presence {
                dataset: d,
                clause,
                first: at,
                last: at,
                rows: [self.rows_spoken_of(d, None), vec![flag]].concat(),
                each: Vec::new(),
                totals: Vec::new(),
            }),
        }
    }
}
