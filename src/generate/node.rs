//! Compiled formulas: trees of vector operations over a block of rows.
//!
//! Constants are folded while a tree is built, so a formula over the attributes of one item of a
//! list shrinks to the terms that are not zero for it.

use std::sync::Arc;

use super::calendar;
use super::formula::Op;
use super::number::index;
use super::random::{Law, logistic, uniform};

/// A block of rows: for each a key of chance, and the values of every slot made so far.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Key of chance of each row.
    pub(super) keys: Vec<u64>,
    /// Values by slot; empty where not made yet.
    pub(super) slots: Vec<Vec<f64>>,
}

/// A function of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fun {
    /// Sign change.
    Minus,
    /// Logical negation.
    Not,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Square root.
    Sqrt,
    /// Magnitude.
    Abs,
    /// Down to a whole number.
    Floor,
    /// To the nearest whole number.
    Round,
    /// Logistic curve: any number to (0, 1).
    Logistic,
    /// Its inverse.
    Logit,
    /// Share of a standard normal law below the value.
    Phi,
}

impl Fun {
    /// The function called `name`.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "exp" => Self::Exp,
            "ln" => Self::Ln,
            "sqrt" => Self::Sqrt,
            "abs" => Self::Abs,
            "floor" => Self::Floor,
            "round" => Self::Round,
            "logistic" => Self::Logistic,
            "logit" => Self::Logit,
            "phi" => Self::Phi,
            _ => return None,
        })
    }

    #[inline]
    fn at(self, x: f64) -> f64 {
        match self {
            Self::Minus => -x,
            Self::Not => truth(x == 0.0),
            Self::Exp => libm::exp(x),
            Self::Ln => libm::log(x),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Floor => x.floor(),
            Self::Round => x.round(),
            Self::Logistic => logistic(x),
            Self::Logit => libm::log(x / (1.0 - x)),
            Self::Phi => 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2),
        }
    }
}

impl Op {
    #[allow(clippy::float_cmp, reason = "codes and whole numbers are exact")]
    #[inline]
    fn at(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Eq => truth(a == b),
            Self::Ne => truth(a != b),
            Self::Lt => truth(a < b),
            Self::Le => truth(a <= b),
            Self::Gt => truth(a > b),
            Self::Ge => truth(a >= b),
            Self::And => truth(a != 0.0 && b != 0.0),
            Self::Or => truth(a != 0.0 || b != 0.0),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Pow => libm::pow(a, b),
            Self::Round => round_to(a, b),
            Self::Months => calendar::months(a, b),
        }
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn round_to(value: f64, decimals: f64) -> f64 {
    let scale = (0..index(decimals)).fold(1.0, |s: f64, _| s * 10.0);
    (value * scale).round() / scale
}

/// One operation over a block.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// The same for all rows.
    Const(f64),
    /// A slot of the frame.
    Slot(usize),
    /// A function of one value.
    Call(Fun, Box<Node>),
    /// An operator.
    Binary(Op, Box<Node>, Box<Node>),
    /// Condition, then, else.
    If(Box<[Node; 3]>),
    /// Look-up in a table of rows of `width`; `at` counts from `from` and is held within the row.
    Table { values: Arc<[f64]>, width: usize, from: f64, row: Option<Box<Node>>, at: Box<Node> },
    /// A line through points, flat at both ends.
    Line { points: Arc<[(f64, f64)]>, at: Box<Node> },
    /// A draw.
    Draw { law: Law, site: u64, a: Box<Node>, b: Box<Node> },
}

impl Node {
    /// The constant it is, if it is one.
    pub(super) fn constant(&self) -> Option<f64> {
        if let Self::Const(c) = self { Some(*c) } else { None }
    }

    /// A function of one value, folded.
    pub(super) fn call(fun: Fun, x: Self) -> Self {
        x.constant().map_or_else(|| Self::Call(fun, Box::new(x)), |c| Self::Const(fun.at(c)))
    }

    /// An operator, folded.
    #[allow(clippy::float_cmp, reason = "identities hold for exact 0 and 1 only")]
    pub(super) fn binary(op: Op, a: Self, b: Self) -> Self {
        match (op, a.constant(), b.constant()) {
            (_, Some(x), Some(y)) => Self::Const(op.at(x, y)),
            (Op::Mul, Some(0.0), _) | (Op::Mul, _, Some(0.0)) => Self::Const(0.0),
            (Op::Mul, Some(1.0), _) | (Op::Add, Some(0.0), _) => b,
            (Op::Mul | Op::Div, _, Some(1.0)) | (Op::Add | Op::Sub, _, Some(0.0)) => a,
            _ => Self::Binary(op, Box::new(a), Box::new(b)),
        }
    }

    /// A condition, folded.
    pub(super) fn choice(test: Self, yes: Self, no: Self) -> Self {
        match test.constant() {
            Some(0.0) => no,
            Some(_) => yes,
            None => Self::If(Box::new([test, yes, no])),
        }
    }

    /// A look-up, folded where the row of the table is known.
    pub(super) fn table(values: &Arc<[f64]>, width: usize, from: f64, row: Option<Self>, at: Self) -> Self {
        let known = row.as_ref().and_then(Self::constant);
        let row = if known.is_some() { None } else { row.map(Box::new) };
        let values = known.map_or_else(|| Arc::clone(values), |r| values[index(r) * width..][..width].into());
        match (&row, at.constant()) {
            (None, Some(x)) => Self::Const(values[index(x - from).min(width - 1)]),
            (None, None) if values.iter().all(|v| v.to_bits() == values[0].to_bits()) => Self::Const(values[0]),
            _ => Self::Table { values, width, from, row, at: Box::new(at) },
        }
    }
}

/// Values of a block on their way through a tree.
pub(super) enum Block<'a> {
    /// The same for all rows.
    One(f64),
    /// A slot, not copied.
    Slot(&'a [f64]),
    /// Made for this tree.
    Own(Vec<f64>),
}

impl Block<'_> {
    /// As a vector of `n` rows.
    pub(super) fn into_vec(self, n: usize) -> Vec<f64> {
        match self {
            Self::One(c) => vec![c; n],
            Self::Slot(s) => s.to_vec(),
            Self::Own(v) => v,
        }
    }

    /// The value of row `i`.
    #[inline]
    pub(super) fn get(&self, i: usize) -> f64 {
        match self {
            Self::One(c) => *c,
            Self::Slot(s) => s[i],
            Self::Own(v) => v[i],
        }
    }
}

/// Evaluates trees; keeps vectors for reuse.
#[derive(Debug, Default)]
pub(super) struct Machine {
    spare: Vec<Vec<f64>>,
}

impl Machine {
    /// The values of `node` over the rows of `frame`.
    pub(super) fn eval<'a>(&mut self, node: &Node, frame: &'a Frame) -> Block<'a> {
        match node {
            Node::Const(c) => Block::One(*c),
            Node::Slot(slot) => Block::Slot(&frame.slots[*slot]),
            Node::Call(fun, x) => {
                let x = self.eval(x, frame);
                self.call(*fun, x)
            }
            Node::Binary(op, a, b) => {
                let a = self.eval(a, frame);
                let b = self.eval(b, frame);
                self.binary(*op, a, b)
            }
            Node::If(parts) => {
                let [test, yes, no] = parts.each_ref().map(|p| self.eval(p, frame));
                let n = frame.keys.len();
                let made = (0..n).map(|i| if test.get(i) == 0.0 { no.get(i) } else { yes.get(i) });
                let made = self.collect(made);
                for part in [test, yes, no] {
                    self.recycle(part);
                }
                Block::Own(made)
            }
            Node::Table { values, width, from, row, at } => {
                let at = self.eval(at, frame);
                let row = row.as_ref().map_or(Block::One(0.0), |r| self.eval(r, frame));
                let last = width - 1;
                let n = frame.keys.len();
                let made =
                    self.collect((0..n).map(|i| values[index(row.get(i)) * width + index(at.get(i) - from).min(last)]));
                self.recycle(at);
                self.recycle(row);
                Block::Own(made)
            }
            Node::Line { points, at } => {
                let at = self.eval(at, frame);
                self.map(at, |x| line(points, x))
            }
            Node::Draw { law, site, a, b } => {
                let a = self.eval(a, frame);
                let b = self.eval(b, frame);
                let keys = frame.keys.iter().enumerate();
                let made = self.collect(keys.map(|(i, key)| law.at(uniform(*key, *site), a.get(i), b.get(i))));
                self.recycle(a);
                self.recycle(b);
                Block::Own(made)
            }
        }
    }

    /// Takes back a vector that is no longer needed.
    pub(super) fn recycle(&mut self, block: Block<'_>) {
        if let Block::Own(mut v) = block {
            v.clear();
            self.spare.push(v);
        }
    }

    fn collect(&mut self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut made = self.spare.pop().unwrap_or_default();
        made.extend(values);
        made
    }

    fn map<'a>(&mut self, x: Block<'a>, f: impl Fn(f64) -> f64) -> Block<'a> {
        match x {
            Block::One(c) => Block::One(f(c)),
            Block::Slot(s) => Block::Own(self.collect(s.iter().map(|v| f(*v)))),
            Block::Own(mut v) => {
                for x in &mut v {
                    *x = f(*x);
                }
                Block::Own(v)
            }
        }
    }

    fn zip<'a>(&mut self, left: Block<'a>, right: Block<'a>, f: impl Fn(f64, f64) -> f64) -> Block<'a> {
        match (left, right) {
            (left, Block::One(c)) => self.map(left, |x| f(x, c)),
            (Block::One(c), right) => self.map(right, |y| f(c, y)),
            (Block::Own(mut made), Block::Slot(slot)) => {
                made.iter_mut().zip(slot).for_each(|(x, y)| *x = f(*x, *y));
                Block::Own(made)
            }
            (Block::Slot(slot), Block::Own(mut made)) => {
                made.iter_mut().zip(slot).for_each(|(y, x)| *y = f(*x, *y));
                Block::Own(made)
            }
            (Block::Own(mut made), Block::Own(other)) => {
                made.iter_mut().zip(&other).for_each(|(x, y)| *x = f(*x, *y));
                self.recycle(Block::Own(other));
                Block::Own(made)
            }
            (Block::Slot(slot), Block::Slot(other)) => {
                Block::Own(self.collect(slot.iter().zip(other).map(|(x, y)| f(*x, *y))))
            }
        }
    }

    fn call<'a>(&mut self, fun: Fun, x: Block<'a>) -> Block<'a> {
        // One loop a function, so that the cheap ones are not held up by a test for each value.
        match fun {
            Fun::Minus => self.map(x, |x| -x),
            Fun::Floor => self.map(x, f64::floor),
            Fun::Round => self.map(x, f64::round),
            Fun::Exp => self.map(x, libm::exp),
            _ => self.map(x, |x| fun.at(x)),
        }
    }

    fn binary<'a>(&mut self, op: Op, a: Block<'a>, b: Block<'a>) -> Block<'a> {
        match op {
            Op::Add => self.zip(a, b, |x, y| x + y),
            Op::Sub => self.zip(a, b, |x, y| x - y),
            Op::Mul => self.zip(a, b, |x, y| x * y),
            Op::Min => self.zip(a, b, f64::min),
            Op::Max => self.zip(a, b, f64::max),
            Op::Eq => self.zip(a, b, |x, y| Op::Eq.at(x, y)),
            Op::Div => self.zip(a, b, |x, y| x / y),
            _ => self.zip(a, b, |x, y| op.at(x, y)),
        }
    }
}

/// The line through `points` at `x`, flat beyond the ends.
pub(super) fn line(points: &[(f64, f64)], x: f64) -> f64 {
    let mut last = points[0];
    if x <= last.0 {
        return last.1;
    }
    for &point in &points[1..] {
        if x < point.0 {
            return last.1 + (point.1 - last.1) * (x - last.0) / (point.0 - last.0);
        }
        last = point;
    }
    last.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_terms_vanish() {
        let zero = Node::binary(Op::Mul, Node::Const(0.0), Node::Slot(3));
        let sum = Node::binary(Op::Add, Node::Slot(1), zero);
        assert!(matches!(sum, Node::Slot(1)));
    }

    #[test]
    fn lines_are_flat_beyond_their_ends() {
        let points = [(10.0, 1.0), (20.0, 3.0)];
        let at = |x| line(&points, x);
        assert!((at(0.0) - 1.0).abs() < 1e-12 && (at(15.0) - 2.0).abs() < 1e-12 && (at(99.0) - 3.0).abs() < 1e-12);
    }
}
