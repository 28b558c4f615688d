//! Parts → conditions: values, terms, amounts and dates come together by clause and table, and each
//! condition learns whether it is negated, excluded or one of several alternatives.

mod alternatives;
mod asks;
mod flags;
mod negation;
mod presences;
mod terms;

pub(super) use alternatives::union;
pub(super) use presences::Presence;

use super::amounts::Unit;
use super::language::Class;
use super::lexicon::Target;
use super::parts::ValueSense;
use super::reader::Reader;
use super::values::List;
use crate::catalog::Field;
use crate::segment::{Assumption, DraftExpr, Edit, EditOp, Expr, Literal, Words};

/// A condition and the parts it came from.
#[derive(Debug, Clone)]
pub(super) struct Cond {
    /// What must hold; already negated where it was said so.
    pub(super) expr: Expr,
    /// First part.
    pub(super) first: usize,
    /// Last part.
    pub(super) last: usize,
    /// The many-table it is about.
    pub(super) dataset: Option<usize>,
    /// Said to be taken out.
    pub(super) exclude: bool,
    /// Said not to hold.
    pub(super) negated: bool,
}

impl Reader<'_> {
    /// The conditions that the parts not taken so far make.
    pub(super) fn conditions(&mut self) -> Vec<Cond> {
        let governors = self.governors();
        let mut conds = Vec::new();
        let mut presences: Vec<Presence> = Vec::new();
        let mut pending_parent: Option<(usize, usize, Expr, usize)> = None;
        let mut before: Option<ValueSense> = None;
        for mut list in self.lists() {
            if self.names_the_table(&list) {
                continue;
            }
            self.keep_to_what_is_replaced(&mut list, before.as_ref());
            let chosen = self.choose(&list, &governors);
            let sense = match chosen.as_slice() {
                [] => continue,
                [one] => one.clone(),
                several => {
                    self.ask_which(&list, several);
                    continue;
                }
            };
            before = Some(sense.clone());
            self.say_if_chosen(&list, &sense);
            self.take(list.members.clone());
            let (d, f) = (sense.0, sense.1);
            let Some(mut expr) = self.value_condition(&list, &sense, pending_parent.as_ref()) else { continue };
            if d == 0 {
                let within = self.field(d, f).within.clone();
                if let Some((pd, pf, parent, at)) = pending_parent.take()
                    && pd == d
                    && within.as_deref() == Some(self.field(pd, pf).name.as_str())
                    && self.prev_full(list.first) == Some(at)
                    && !self.joined(at, list.first)
                {
                    conds.pop();
                    expr = Expr::all_of(vec![parent, expr]);
                }
                pending_parent = Some((d, f, expr.clone(), list.last));
                conds.push(self.cond(expr, list.first, list.last, None));
            } else {
                self.add_to_presence(&mut presences, &list, &sense, expr);
                pending_parent = None;
            }
        }
        self.row_terms(&mut presences);
        self.terms(&mut conds);
        self.bare_presences(&mut presences, &conds);
        self.amounts(&mut conds, &mut presences);
        self.date_conditions(&mut conds, &mut presences);
        self.flags(&mut conds, &mut presences);
        for presence in &presences {
            let expr = presence.expr(&self.dataset(presence.dataset).name);
            let cond = self.cond(expr, presence.first, presence.last, Some(presence.dataset));
            conds.push(cond);
        }
        conds.sort_by_key(|c| c.first);
        self.negations(&mut conds);
        self.alternatives(conds)
    }

    pub(super) fn cond(&self, expr: Expr, first: usize, last: usize, dataset: Option<usize>) -> Cond {
        Cond { expr, first, last, dataset, exclude: false, negated: false }
    }

    /// "swap Haeundae for Gijang": what comes in is of the attribute that goes out.
    fn keep_to_what_is_replaced(&self, list: &mut List, before: Option<&ValueSense>) {
        let replaces = self.parts.iter().any(|p| p.any(&[Class::Replace, Class::Instead]));
        let Some((d, f, _)) = before.filter(|_| replaces) else { return };
        let alike = |s: &ValueSense| s.0 == *d && self.attribute(s.0, s.1) == self.attribute(*d, *f);
        if list.senses.iter().any(alike) {
            list.senses.retain(alike);
        }
    }

    /// Whether two parts are joined as members of a list.
    pub(super) fn joined(&self, from: usize, to: usize) -> bool {
        (from + 1..to).any(|i| self.parts[i].any(&[Class::And, Class::Or, Class::Comma]))
    }

    /// "회사가 영등포", "포인트 1만 이상": the word names a field that its neighbour is a value of.
    fn names_a_field(&self, at: usize) -> bool {
        let near = [self.next_full(at), self.prev_full(at)];
        self.parts[at].fields().iter().any(|(d, f)| {
            let attribute = self.attribute(*d, *f);
            near.iter()
                .flatten()
                .any(|&i| self.parts[i].values().iter().any(|(x, y, _)| x == d && self.attribute(*x, *y) == attribute))
                || near[0].is_some_and(|i| {
                    self.parts[i]
                        .amount()
                        .is_some_and(|a| a.unit != Unit::default() && self.fits(self.field(*d, *f), a).is_some())
                })
        })
    }

    /// "11번가에서 산": the word is the table's own name where a verb of the table stands by it.
    fn names_the_table(&self, list: &List) -> bool {
        if list.members.len() > 1 {
            return false;
        }
        if self.names_a_field(list.first) {
            return true;
        }
        let part = &self.parts[list.first];
        let nouns = part.datasets();
        let clause = self.clauses[list.first];
        let points = |d: usize, wanted: bool| {
            self.parts.iter().enumerate().any(|(i, p)| {
                i != list.first
                    && self.clauses[i].abs_diff(clause) <= usize::from(wanted)
                    && (p.cues().contains(&Target::Dataset(d))
                        || p.fields().iter().any(|(x, _)| *x == d && d > 0)
                        || p.values().iter().any(|(x, _, _)| *x == d && wanted))
            })
        };
        // "11번가 자동차용품": what follows is of the table. "3 such calls": so is what the segment has.
        let next = self.next_full(list.last).map(|i| self.parts[i].values()).unwrap_or_default();
        let required = |d: usize| {
            let name = Some(self.dataset(d).name.as_str());
            !self.starts_anew()
                && self.segment().conditions.iter().any(|c| Self::restricts(&c.expr, None, &|ds, _| ds == name))
                && !part.values().iter().any(|(other, _, _)| points(*other, true) || *other == d)
        };
        let own = |d: usize| d > 0 && !next.is_empty() && next.iter().all(|(x, _, _)| *x == d);
        if nouns.iter().any(|d| own(*d) || *d > 0 && required(*d)) {
            return true;
        }
        nouns.iter().any(|d| points(*d, true)) && !part.values().iter().any(|(d, _, _)| points(*d, false))
    }

    /// The condition of a list of values on its field.
    fn value_condition(
        &mut self,
        list: &List,
        sense: &ValueSense,
        parent: Option<&(usize, usize, Expr, usize)>,
    ) -> Option<Expr> {
        let (d, f, values) = sense;
        let field = self.field(*d, *f);
        let names = self.in_order(list, field, values);
        let shared = |name: &&String| field.value(name).is_some_and(|v| v.parents.len() > 1);
        let within_parent = parent.is_some_and(|(pd, pf, _, at)| {
            pd == d
                && field.within.as_deref() == Some(self.field(*pd, *pf).name.as_str())
                && self.prev_full(list.first) == Some(*at)
                && !self.joined(*at, list.first)
        });
        if field.within.is_some() && !within_parent && names.iter().any(|n| shared(&n)) {
            return self.with_parent(list, *d, *f, &names);
        }
        let literals = names.into_iter().map(Literal::Text).collect();
        Some(Expr::is_in(&field.name, literals))
    }

    /// The values of a list, widened by a bound: "골드 이상".
    fn in_order(&mut self, list: &List, field: &Field, values: &[usize]) -> Vec<String> {
        let names: Vec<String> = values.iter().map(|v| field.values[*v].name.clone()).collect();
        if field.ordered.is_empty() || names.len() != 1 {
            return names;
        }
        let after = (list.last + 1..self.parts.len()).find(|&i| {
            !self.parts[i].is(Class::Particle)
                && !self.parts[i].fields().iter().any(|(_, f)| self.field(0, *f).name == field.name)
        });
        let Some(at) = field.ordered.iter().position(|n| *n == names[0]) else { return names };
        let before = list.first.checked_sub(1);
        let is = |classes: &[Class]| after.is_some_and(|i| self.parts[i].any(classes));
        let is_before = |classes: &[Class]| before.is_some_and(|i| self.parts[i].any(classes));
        let range = if is(&[Class::Ge]) || is_before(&[Class::GeBefore]) {
            at..field.ordered.len()
        } else if is(&[Class::Gt]) || is_before(&[Class::GtBefore]) {
            at + 1..field.ordered.len()
        } else if is(&[Class::Le]) || is_before(&[Class::LeBefore]) {
            0..at + 1
        } else if is(&[Class::Lt]) || is_before(&[Class::LtBefore]) {
            0..at
        } else {
            return names;
        };
        if let Some(after) = after {
            self.take([after]);
        }
        let chosen = &field.ordered[range];
        field.values.iter().map(|v| v.name.clone()).filter(|n| chosen.contains(n)).collect()
    }

    pub(super) fn plain_edit(&self, expr: Expr, words: &Words) -> Edit<DraftExpr> {
        Edit { op: EditOp::Narrow, condition: DraftExpr::Typed(expr), instead_of: None, words: words.clone() }
    }

    /// A word with several senses, one of which was taken by preference, is said in the answer.
    fn say_if_chosen(&mut self, list: &List, sense: &ValueSense) {
        if list.senses.len() <= 1 || self.field(sense.0, sense.1).shared.is_some() {
            return;
        }
        let field = self.field(sense.0, sense.1);
        let word = self.words(list.first, list.last).text;
        let read_as = [field.label.ko.clone(), field.label.en.clone()];
        self.draft.assumptions.push(Assumption::Chosen { word, read_as });
    }
}

/// The text of a text literal; empty for others.
pub(super) fn text_of(literal: &Literal) -> String {
    if let Literal::Text(text) = literal { text.clone() } else { String::new() }
}
