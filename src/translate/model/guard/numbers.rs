//! A number that was said is the number of the condition: 10만원 is 100,000 won, and "40대" is from 40 to 49.

#![allow(clippy::float_cmp, reason = "numbers of a request are whole or plain fractions")]

use super::leaves::{Leaf, Subject, leaves, literals};
use crate::catalog::{Catalog, Field};
use crate::segment::{Expr, Func, Literal, Test, Turn, Words};
use crate::translate::grammar::{Grammar, SaidNumber};
use crate::translate::model::Request;

/// A bound and whether it is included.
type Bound = Option<(f64, bool)>;

/// Puts numbers right, one attribute of one edit at a time: where its words hold one number that can be of the
/// attribute, that number it is. What the built-in translator reads the same stands: "the top two deciles" are from 9 on.
pub(super) fn mend(
    turn: &mut Turn,
    built_in: &Turn,
    request: &Request<'_>,
    grammar: &Grammar,
    mends: &mut Vec<String>,
) {
    let mut read: Vec<Expr> = built_in.edits.iter().map(|edit| edit.condition.clone()).collect();
    // Of a request that waited, the numbers stand in another text.
    let waited = request.context.pending.is_some();
    for edit in turn.edits.iter_mut().filter(|e| !waited || e.words.start < e.words.end) {
        for subject in subjects(&mut edit.condition) {
            let Some(field) = measured(&subject, request.catalog) else { continue };
            let mut said = grammar.numbers(request.text, field, request.catalog);
            said.retain(|number| within(&number.words, &edit.words));
            let [said] = said.as_slice() else { continue };
            let own: Vec<_> = leaves(&mut edit.condition).into_iter().filter(|l| l.subject == subject).collect();
            let same = |other: &Leaf<'_>| other.subject == subject && own.iter().any(|leaf| leaf.test == other.test);
            if read.iter_mut().flat_map(leaves).any(|other| same(&other)) {
                continue;
            }
            if let Some(what) = put_right(own, said, field) {
                mends.push(what);
            }
        }
    }
}

/// What numbers are compared with in `expr`, each once.
fn subjects(expr: &mut Expr) -> Vec<Subject> {
    let mut all: Vec<Subject> = Vec::new();
    for leaf in leaves(expr) {
        if leaf.test.numbers().is_some() && !all.contains(&leaf.subject) {
            all.push(leaf.subject);
        }
    }
    all
}

/// The field in whose unit a comparison is; none where rows are counted.
fn measured<'a>(subject: &Subject, catalog: &'a Catalog) -> Option<&'a Field> {
    if matches!(subject.func, Some(Func::Count | Func::CountDistinct)) {
        return None;
    }
    let dataset = match &subject.dataset {
        Some(name) => catalog.dataset(name)?,
        None => catalog.entity(),
    };
    dataset.field(&subject.field).filter(|f| f.kind.is_number())
}

/// Whether words stand within others; anywhere where nobody knows where the others stand.
fn within(inner: &Words, outer: &Words) -> bool {
    outer.start == outer.end || outer.start <= inner.start && inner.end <= outer.end
}

/// Puts the comparisons of one field right by the number that was said of it.
fn put_right(mut own: Vec<Leaf<'_>>, said: &SaidNumber, field: &Field) -> Option<String> {
    if own.iter().any(|l| l.alternative) || own.len() > 2 {
        return None;
    }
    let whole = field.kind.is_integer();
    let wanted = closed((said.low, said.high), whole);
    let spans = own.iter().map(|l| l.test.span()).collect::<Option<Vec<_>>>()?;
    let has = spans.into_iter().map(|span| closed(span, whole)).reduce(narrower)?;
    let two_sided = said.low.is_some() && said.high.is_some() && said.low != said.high;
    if has == wanted {
        return None;
    }
    let test = if two_sided {
        match wanted {
            (Some((low, true)), Some((high, true))) => Test::Between(literal(low), literal(high)),
            _ => return None,
        }
    } else {
        let [leaf] = own.as_slice() else { return None };
        let number = said.low.or(said.high)?.0;
        let numbers = leaf.test.numbers()?;
        // The number is there; how it is compared may be said in words that only the model knows.
        if numbers.contains(&number) || numbers.len() != 1 {
            return None;
        }
        leaf.test.with(literal(number))?
    };
    // Two bounds that are both the whole span are one.
    for leaf in &mut own {
        *leaf.test = test.clone();
    }
    Some(format!("{} as it was said: {}", field.name, said.words.text))
}

/// The bounds of whole numbers are included.
fn closed((low, high): (Bound, Bound), whole: bool) -> (Bound, Bound) {
    let close = |bound: Bound, step: f64| match bound {
        Some((n, false)) if whole => Some((n + step, true)),
        other => other,
    };
    (close(low, 1.0), close(high, -1.0))
}

/// What lies in both.
fn narrower(a: (Bound, Bound), b: (Bound, Bound)) -> (Bound, Bound) {
    let pick = |a: Bound, b: Bound, upper: bool| match (a, b) {
        (Some(x), Some(y)) if (x.0 < y.0) == upper => Some(x),
        (_, Some(y)) => Some(y),
        (x, None) => x,
    };
    (pick(a.0, b.0, false), pick(a.1, b.1, true))
}

#[allow(clippy::cast_possible_truncation, reason = "checked to be whole")]
fn literal(number: f64) -> Literal {
    const EXACT: f64 = 9e15;
    if number.fract() == 0.0 && number.abs() < EXACT { Literal::Int(number as i64) } else { Literal::Float(number) }
}

trait Numbers {
    /// Its numbers; none where it compares with anything else.
    fn numbers(&self) -> Option<Vec<f64>>;
    /// The numbers that pass; none where they are no span.
    fn span(&self) -> Option<(Bound, Bound)>;
    /// The same comparison with another number.
    fn with(&self, literal: Literal) -> Option<Test>;
}

impl Numbers for Test {
    #[allow(clippy::cast_precision_loss, reason = "numbers of a request")]
    fn numbers(&self) -> Option<Vec<f64>> {
        let number = |literal: &Literal| match literal {
            Literal::Int(n) => Some(*n as f64),
            Literal::Float(n) => Some(*n),
            Literal::Text(_) | Literal::Date(_) => None,
        };
        let all: Vec<f64> = literals(self).into_iter().map(number).collect::<Option<_>>()?;
        (!all.is_empty()).then_some(all)
    }

    fn span(&self) -> Option<(Bound, Bound)> {
        let numbers = self.numbers()?;
        let n = *numbers.first()?;
        Some(match self {
            Test::Eq(_) => (Some((n, true)), Some((n, true))),
            Test::Lt(_) => (None, Some((n, false))),
            Test::Le(_) => (None, Some((n, true))),
            Test::Gt(_) => (Some((n, false)), None),
            Test::Ge(_) => (Some((n, true)), None),
            Test::Between(..) => (Some((n, true)), Some((*numbers.get(1)?, true))),
            Test::Ne(_) | Test::In(_) | Test::True | Test::Missing => return None,
        })
    }

    fn with(&self, literal: Literal) -> Option<Test> {
        Some(match self {
            Test::Eq(_) => Test::Eq(literal),
            Test::Lt(_) => Test::Lt(literal),
            Test::Le(_) => Test::Le(literal),
            Test::Gt(_) => Test::Gt(literal),
            Test::Ge(_) => Test::Ge(literal),
            _ => return None,
        })
    }
}

/// Days are read by the built-in grammar: where both readings compare one field with days, once each, its days stand.
pub(super) fn dates(turn: &mut Turn, built_in: &Turn, mends: &mut Vec<String>) {
    let dated = |test: &Test| {
        let all = literals(test);
        !all.is_empty() && all.iter().all(|l| matches!(l, Literal::Date(_)))
    };
    let mut theirs = built_in.edits.clone();
    let mut read: Vec<(Subject, Test)> = Vec::new();
    for edit in &mut theirs {
        let of = leaves(&mut edit.condition).into_iter().filter(|l| dated(l.test) && !l.alternative);
        read.extend(of.map(|l| (l.subject, l.test.clone())));
    }
    for (subject, test) in &read {
        if read.iter().filter(|(s, _)| s == subject).count() > 1 {
            continue;
        }
        let all = turn.edits.iter_mut().flat_map(|e| leaves(&mut e.condition));
        let mut own: Vec<_> = all.filter(|l| l.subject == *subject && dated(l.test)).collect();
        let [leaf] = own.as_mut_slice() else { continue };
        if *leaf.test != *test && !leaf.alternative {
            *leaf.test = test.clone();
            mends.push(format!("the days of {} as they were said", subject.field));
        }
    }
}
