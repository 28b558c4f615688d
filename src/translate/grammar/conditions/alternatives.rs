//! Conditions that are alternatives of each other become one.

use crate::segment::{Expr, Test};
use crate::translate::grammar::conditions::Cond;
use crate::translate::grammar::korean::Form;
use crate::translate::grammar::language::Class;
use crate::translate::grammar::reader::Reader;

impl Reader<'_> {
    /// Joins conditions that are alternatives: by "or", or the same attribute said twice in a list.
    pub(super) fn alternatives(&mut self, conds: Vec<Cond>) -> Vec<Cond> {
        let mut joined: Vec<Cond> = Vec::new();
        for cond in conds {
            let Some(before) = joined.last_mut() else {
                joined.push(cond);
                continue;
            };
            let between: Vec<usize> = (before.last + 1..cond.first).collect();
            let or = between.iter().any(|&i| {
                self.parts[i].is(Class::Or) && !self.parts[i].is(Class::And) || self.parts[i].form() == Some(Form::Or)
            });
            let list = between.iter().any(|&i| self.parts[i].any(&[Class::And, Class::Comma, Class::Tilde]))
                && between.iter().all(|&i| {
                    self.parts[i].any(&[Class::And, Class::Comma, Class::Or, Class::Tilde]) || self.parts[i].is_empty()
                });
            let alike = before.exclude == cond.exclude && (before.negated == cond.negated || or);
            let same = self.one_attribute(&before.expr).is_some_and(|a| Some(a) == self.one_attribute(&cond.expr));
            if before.expr == cond.expr {
                before.last = cond.last;
            } else if alike && (or || list && same && !cond.negated) {
                let first = std::mem::replace(&mut before.expr, Expr::All);
                before.expr = either(first, cond.expr);
                before.last = cond.last;
                if before.dataset != cond.dataset {
                    before.dataset = None;
                }
            } else {
                joined.push(cond);
            }
        }
        joined
    }

    /// The one attribute that an expression restricts.
    pub(in crate::translate::grammar) fn one_attribute(&self, expr: &Expr) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        let seen = std::cell::RefCell::new(&mut found);
        Self::restricts(expr, None, &|d, f| {
            let name = d.unwrap_or(&self.catalog.entity().name);
            let attribute = format!("{name}.{}", self.catalog.attribute(name, f));
            let mut seen = seen.borrow_mut();
            if !seen.contains(&attribute) {
                seen.push(attribute);
            }
            false
        });
        (found.len() == 1).then(|| found.remove(0))
    }
}

/// Either of two, flattened; values of one field come together.
fn either(a: Expr, b: Expr) -> Expr {
    if let (Expr::Exists { dataset, rows }, Expr::Exists { dataset: other, rows: more }) = (&a, &b)
        && dataset == other
        && let Some(rows) = union(rows, more)
    {
        return Expr::exists(dataset, rows);
    }
    if let Some(one) = union(&a, &b) {
        return one;
    }
    let mut parts = match a {
        Expr::Or(parts) => parts,
        other => vec![other],
    };
    match b {
        Expr::Or(more) => parts.extend(more),
        other => parts.push(other),
    }
    Expr::Or(parts)
}

/// `field IN` of the values of two comparisons of one field.
pub(in crate::translate::grammar) fn union(a: &Expr, b: &Expr) -> Option<Expr> {
    let values = |expr: &Expr| match expr {
        Expr::Compare { field, test: Test::Eq(value) } => Some((field.clone(), vec![value.clone()])),
        Expr::Compare { field, test: Test::In(values) } => Some((field.clone(), values.clone())),
        _ => None,
    };
    let ((field, mut all), (other, more)) = (values(a)?, values(b)?);
    if field != other {
        return None;
    }
    all.extend(more.into_iter().filter(|v| !all.contains(v)).collect::<Vec<_>>());
    Some(Expr::is_in(&field, all))
}
