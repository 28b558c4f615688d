//! Which conditions are negated or excluded, and by which words.

use crate::catalog::FieldType;
use crate::segment::{Expr, Test};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::korean::Form;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Negation and exclusion of every condition.
    pub(super) fn negations(&mut self, conds: &mut [Cond]) {
        for i in 0..conds.len() {
            if conds[i].negated {
                continue;
            }
            let (negated, exclude, marks) = self.negation(conds[i].first, conds[i].last);
            conds[i].exclude = exclude;
            if negated {
                conds[i].negated = true;
                conds[i].expr = negate(std::mem::replace(&mut conds[i].expr, Expr::All));
            }
            self.take(marks);
        }
        // "강남 사는 아이폰 쓰는 사람 빼고": what modifies the same noun is excluded with it.
        for i in (1..conds.len()).rev() {
            let apart = (conds[i - 1].last..conds[i].first).any(|p| self.ends_sentence(p));
            let closes = (conds[i - 1].last..conds[i].first).rev().find(|&p| !self.parts[p].is_empty());
            let adnominal =
                closes.is_some_and(|p| p > conds[i - 1].last && self.parts[p].form() == Some(Form::Adnominal));
            if conds[i].exclude && adnominal && !apart && self.parts[conds[i].first].hangul {
                conds[i - 1].exclude = true;
            }
        }
    }

    pub(in crate::translate::grammar) fn negation_at(&self, first: usize, last: usize) -> (bool, bool) {
        let (negated, exclude, _) = self.negation(first, last);
        (negated, exclude)
    }

    /// Whether what stands in parts `first..=last` is negated or excluded, and by which parts.
    pub(in crate::translate::grammar) fn negation(&self, first: usize, last: usize) -> (bool, bool, Vec<usize>) {
        let mut marks = Vec::new();
        let (mut negated, mut exclude) = (false, false);
        let dropping = |at: usize| self.parts[at].is(Class::Drop) && !self.has(Class::Condition);
        // A condition that goes on to another clause is not touched by what follows.
        let open = !matches!(self.parts[last].form(), Some(Form::And | Form::Or));
        for at in (last + 1..self.parts.len()).take_while(|_| open) {
            let part = &self.parts[at];
            // "받은 사람은 exclude": an English word at the end of a Korean clause.
            let korean = part.hangul || at > 0 && self.parts[at - 1].hangul;
            if korean && (part.is(Class::Exclude) || dropping(at)) {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.any(&[Class::Instead]) && part.hangul {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.is(Class::NotMark) || part.hangul && part.any(&[Class::HasNot, Class::NotAfter]) {
                negated = !negated;
                marks.push(at);
                if self.clauses[at] != self.clauses[last] {
                    break;
                }
                continue;
            }
            if part.is(Class::NotBefore) && part.hangul {
                negated = !negated;
                marks.push(at);
                continue;
            }
            if self.stops_negation(at) {
                break;
            }
        }
        let mut not = false;
        let mut at = first;
        while at > 0 {
            at -= 1;
            let part = &self.parts[at];
            if part.hangul {
                break;
            }
            if part.is(Class::NotJust) {
                break;
            }
            if part.is(Class::Exclude) || dropping(at) || part.is(Class::Instead) {
                exclude = true;
                marks.push(at);
                break;
            }
            if part.is(Class::NotBefore) {
                // "except those who don't": what is taken out may be negated itself.
                if not {
                    break;
                }
                not = true;
                negated = !negated;
                marks.push(at);
                continue;
            }
            // "didn't have": the verb is negated, and what it has with it.
            // "except those with": so is what those have who are taken out.
            let whose = [Class::NotBefore, Class::Head, Class::Anaphor, Class::LikeThat];
            let had = part.is(Class::Has) && at > 0 && self.parts[at - 1].any(&whose);
            let content = part.any(&[Class::But, Class::Stop, Class::Has]) && !had || self.stops_negation(at);
            if content {
                break;
            }
        }
        (negated, exclude, marks)
    }

    pub(super) fn negated_before(&self, first: usize) -> bool {
        (0..first).rev().take_while(|&i| !self.stops_negation(i)).any(|i| self.parts[i].is(Class::NotBefore))
    }

    /// Parts beyond which a negation does not reach: other conditions, "and", "중에".
    fn stops_negation(&self, at: usize) -> bool {
        let part = &self.parts[at];
        if self.ends_sentence(at) || part.any(&[Class::Among, Class::But]) && part.hangul || self.takes_from(at) {
            return true;
        }
        let joiner = part.any(&[Class::And, Class::Or]);
        if matches!(part.form(), Some(Form::And | Form::Or)) && part.hangul && !joiner {
            return true;
        }
        if part.is(Class::Has) && part.hangul {
            return self.surface(at).ends_with(['고', '데', '며', '만']);
        }
        if part.is(Class::Comma) {
            let listed = |i: Option<usize>| i.is_some_and(|i| !self.parts[i].values().is_empty());
            return !(listed(self.prev_full(at)) && listed(self.next_full(at)));
        }
        let flag = part.taken && part.fields().iter().any(|(d, f)| self.field(*d, *f).kind == FieldType::Bool);
        let value = flag || !part.values().is_empty() && part.cues().is_empty();
        let term = !part.terms().is_empty() && part.cues().is_empty();
        value || term || part.amount().is_some() && !part.hangul
    }
}

/// Not: a comparison takes its opposite where that is exact, the rest is wrapped.
fn negate(expr: Expr) -> Expr {
    match expr {
        Expr::Compare { field, test: Test::Ne(value) } => Expr::Compare { field, test: Test::Eq(value) },
        Expr::Compare { field, test: Test::Eq(value) } => Expr::Compare { field, test: Test::Ne(value) },
        other => other.negated(),
    }
}
