//! Several tests of one subject as one: what all of them leave, and what any of them allows.

use std::cmp::Ordering;

use super::literal::{above, comparable, order};
use super::nobody;
use super::subject::{Kind, Subject};
use crate::catalog::{Catalog, Dataset};
use crate::segment::check::literals;
use crate::segment::{Expr, Literal, Test};

/// A test of a subject, to hold or not to hold.
#[derive(Debug, Clone, PartialEq)]
struct Atom {
    holds: bool,
    test: Test,
    expr: Expr,
}

/// `parts`, of which all must hold, with the tests of each subject merged.
pub(super) fn all_of(parts: Vec<Expr>, catalog: &Catalog, scope: &Dataset) -> Vec<Expr> {
    by_subject(parts, catalog, scope, left_by_all)
}

/// `parts`, of which any must hold, with the tests of each subject merged.
pub(super) fn any_of(parts: Vec<Expr>, catalog: &Catalog, scope: &Dataset) -> Vec<Expr> {
    by_subject(parts, catalog, scope, allowed_by_any)
}

type Merge = fn(&Subject, Kind<'_>, &[Atom]) -> Option<Vec<Expr>>;

fn by_subject(parts: Vec<Expr>, catalog: &Catalog, scope: &Dataset, merge: Merge) -> Vec<Expr> {
    let mut groups: Vec<(Subject, Vec<Atom>)> = Vec::new();
    let mut out = Vec::new();
    for part in parts {
        match atom(&part) {
            Some((subject, atom)) => match groups.iter_mut().find(|(s, _)| *s == subject) {
                Some((_, atoms)) => atoms.push(atom),
                None => groups.push((subject, vec![atom])),
            },
            None => out.push(part),
        }
    }
    for (subject, atoms) in groups {
        let merged = if atoms.len() > 1 { merge(&subject, subject.kind(catalog, scope), &atoms) } else { None };
        out.extend(merged.unwrap_or_else(|| atoms.into_iter().map(|a| a.expr).collect()));
    }
    out
}

/// `expr` as a test of a subject, where tests like it can be merged.
fn atom(expr: &Expr) -> Option<(Subject, Atom)> {
    let (holds, inner) = match expr {
        Expr::Not(inner) => (false, &**inner),
        other => (true, other),
    };
    let (subject, test) = Subject::split(inner)?;
    let (holds, test) = match (holds, test.clone()) {
        (true, Test::Ne(value)) => (false, Test::Eq(value)),
        (false, test @ (Test::Eq(_) | Test::In(_) | Test::Missing)) => (false, test),
        // Truth and absence do not merge, nor does the outside of a range.
        (true, Test::True | Test::Missing) | (false, _) => return None,
        (true, test) => (true, test),
    };
    Some((subject, Atom { holds, test, expr: expr.clone() }))
}

/// One end of a range, and whether it belongs to it.
type Bound = Option<(Literal, bool)>;

/// Values from `low` to `high`.
#[derive(Debug, Clone, PartialEq, Default)]
struct Range {
    low: Bound,
    high: Bound,
}

impl Range {
    /// The range that `test` allows, where it is one.
    fn of(test: &Test) -> Option<Self> {
        let closed = |v: &Literal| Some((v.clone(), true));
        let open = |v: &Literal| Some((v.clone(), false));
        Some(match test {
            Test::Lt(v) => Self { low: None, high: open(v) },
            Test::Le(v) => Self { low: None, high: closed(v) },
            Test::Gt(v) => Self { low: open(v), high: None },
            Test::Ge(v) => Self { low: closed(v), high: None },
            Test::Between(low, high) => Self { low: closed(low), high: closed(high) },
            Test::Eq(v) => Self { low: closed(v), high: closed(v) },
            _ => return None,
        })
    }

    /// Whether `value` lies in it; none where that depends on the data's date.
    fn holds(&self, value: &Literal) -> Option<bool> {
        let above = match &self.low {
            None => true,
            Some((low, included)) => passes(order(value, low)?, Ordering::Greater, *included),
        };
        let below = match &self.high {
            None => true,
            Some((high, included)) => passes(order(value, high)?, Ordering::Less, *included),
        };
        Some(above && below)
    }

    /// What lies in both.
    fn and(self, other: Self) -> Option<Self> {
        Some(Self {
            low: tighter(self.low, other.low, Ordering::Greater)?,
            high: tighter(self.high, other.high, Ordering::Less)?,
        })
    }

    /// The tests that it stands for; nobody where nothing lies in it.
    fn tests(self, subject: &Subject) -> Vec<Expr> {
        if let (Some((low, true)), Some((high, true))) = (&self.low, &self.high) {
            return match order(low, high) {
                Some(Ordering::Greater) => vec![nobody()],
                Some(Ordering::Equal) => vec![subject.with(Test::Eq(low.clone()))],
                _ => vec![subject.with(Test::Between(low.clone(), high.clone()))],
            };
        }
        if let (Some((low, _)), Some((high, _))) = (&self.low, &self.high)
            && order(low, high).is_some_and(Ordering::is_ge)
        {
            return vec![nobody()];
        }
        let low = self.low.map(|(v, included)| if included { Test::Ge(v) } else { Test::Gt(v) });
        let high = self.high.map(|(v, included)| if included { Test::Le(v) } else { Test::Lt(v) });
        low.into_iter().chain(high).map(|test| subject.with(test)).collect()
    }
}

fn passes(found: Ordering, side: Ordering, included: bool) -> bool {
    found == side || (included && found == Ordering::Equal)
}

/// The tighter of two ends, of which the one towards `side` is.
fn tighter(a: Bound, b: Bound, side: Ordering) -> Option<Bound> {
    let (Some((x, x_in)), Some((y, y_in))) = (&a, &b) else { return Some(a.or(b)) };
    Some(match order(x, y)? {
        Ordering::Equal => Some((x.clone(), *x_in && *y_in)),
        found if found == side => a,
        _ => b,
    })
}

/// The values that a test lists.
fn values(test: &Test) -> Vec<Literal> {
    literals(test).into_iter().cloned().collect()
}

fn lists(atom: &Atom) -> bool {
    matches!(atom.test, Test::Eq(_) | Test::In(_))
}

fn all_comparable(atoms: &[Atom]) -> bool {
    let all: Vec<_> = atoms.iter().filter(|a| lists(a)).flat_map(|a| literals(&a.test)).collect();
    comparable(&all)
}

fn left_by_all(subject: &Subject, kind: Kind<'_>, atoms: &[Atom]) -> Option<Vec<Expr>> {
    if !all_comparable(atoms) {
        return None;
    }
    let mut range = Range::default();
    let mut only: Option<Vec<Literal>> = None;
    let mut never = Vec::new();
    for atom in atoms {
        match (atom.holds, lists(atom)) {
            (true, true) => {
                let listed = values(&atom.test);
                only = Some(only.map_or(listed.clone(), |o| o.into_iter().filter(|v| listed.contains(v)).collect()));
            }
            (false, true) => never.extend(values(&atom.test)),
            (true, false) => range = range.and(Range::of(&atom.test)?)?,
            // Present: said below, where nothing else says it.
            (false, false) => {}
        }
    }
    if let Some(only) = only {
        let mut left = Vec::new();
        for value in only {
            if range.holds(&value)? && !never.contains(&value) {
                left.push(value);
            }
        }
        return Some(vec![subject.one_of(kind.sorted(left))]);
    }
    Some(left_by_range(subject, kind, range, never, atoms))
}

fn left_by_range(subject: &Subject, kind: Kind<'_>, range: Range, never: Vec<Literal>, atoms: &[Atom]) -> Vec<Expr> {
    let never = never.into_iter().filter(|v| range.holds(v).unwrap_or(true)).collect();
    let mut out = Vec::new();
    if range != Range::default() {
        out.extend(range.tests(subject));
    } else if let Some(present) = atoms.iter().find(|a| a.test == Test::Missing) {
        out.push(present.expr.clone());
    }
    out.push(subject.none_of(kind.sorted(never)));
    out.retain(|e| *e != Expr::All);
    out
}

fn allowed_by_any(subject: &Subject, kind: Kind<'_>, atoms: &[Atom]) -> Option<Vec<Expr>> {
    let (ranges, others): (Vec<_>, Vec<_>) = atoms.iter().cloned().partition(|a| a.holds && !lists(a));
    let (listing, mut kept): (Vec<_>, Vec<_>) = others.into_iter().partition(lists);
    if !all_comparable(&listing) {
        return None;
    }
    let mut allowed: Vec<Literal> = listing.iter().filter(|a| a.holds).flat_map(|a| values(&a.test)).collect();
    let mut refused = listing.iter().filter(|a| !a.holds).map(|a| values(&a.test));
    let mut out = Vec::new();
    if let Some(first) = refused.next() {
        let by_all = refused.fold(first, |all, more| all.into_iter().filter(|v| more.contains(v)).collect());
        let left = by_all.into_iter().filter(|v| !allowed.contains(v)).collect();
        out.push(subject.none_of(kind.sorted(left)));
        allowed.clear();
    }
    if !ranges.is_empty() {
        let points = allowed.drain(..).map(Test::Eq);
        let tests: Vec<_> = ranges.into_iter().map(|a| a.test).chain(points).collect();
        let (joined, points) = joined(&tests, kind)?;
        allowed = points;
        out.extend(joined.into_iter().map(|r| everything_or(r, subject, kind)));
    }
    if !allowed.is_empty() {
        out.push(subject.one_of(kind.sorted(allowed)));
    }
    out.extend(kept.drain(..).map(|a| a.expr));
    Some(out)
}

/// A range that is open at both ends says that there is a value.
fn everything_or(range: Range, subject: &Subject, kind: Kind<'_>) -> Expr {
    if range != Range::default() {
        return Expr::all_of(range.tests(subject));
    }
    if kind.never_missing { Expr::All } else { Expr::Not(Box::new(subject.with(Test::Missing))) }
}

/// The ranges of `tests` with those that meet joined, and the single values among them; none where their
/// order depends on the data's date.
fn joined(tests: &[Test], kind: Kind<'_>) -> Option<(Vec<Range>, Vec<Literal>)> {
    let mut ranges = tests.iter().map(Range::of).collect::<Option<Vec<_>>>()?;
    let ends: Vec<_> = ranges.iter().flat_map(|r| r.low.iter().chain(&r.high)).map(|(v, _)| v).collect();
    if !comparable(&ends) {
        return None;
    }
    ranges.sort_by(by_low);
    let mut out: Vec<Range> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if meet(last, &range, kind) => last.high = looser(last.high.take(), range.high),
            _ => out.push(range),
        }
    }
    let (points, ranges): (Vec<_>, Vec<_>) = out.into_iter().partition(|r| r.low.is_some() && r.low == r.high);
    Some((ranges, points.into_iter().filter_map(|r| r.low).map(|(v, _)| v).collect()))
}

fn by_low(a: &Range, b: &Range) -> Ordering {
    match (&a.low, &b.low) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some((x, x_in)), Some((y, y_in))) => order(x, y).unwrap_or(Ordering::Equal).then(y_in.cmp(x_in)),
    }
}

/// Whether `next`, which starts no earlier, leaves no gap after `last`.
fn meet(last: &Range, next: &Range, kind: Kind<'_>) -> bool {
    let (Some((high, high_in)), Some((low, low_in))) = (&last.high, &next.low) else { return true };
    match order(low, high) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => *high_in || *low_in,
        _ => kind.steps && *high_in && *low_in && above(high).as_ref() == Some(low),
    }
}

fn looser(a: Bound, b: Bound) -> Bound {
    let ((x, x_in), (y, y_in)) = (a?, b?);
    match order(&x, &y) {
        Some(Ordering::Less) => Some((y, y_in)),
        Some(Ordering::Equal) => Some((x, x_in || y_in)),
        _ => Some((x, x_in)),
    }
}
