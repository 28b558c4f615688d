//! From parsed formulas to [`Node`]s: names to slots, texts to codes, attributes to look-ups.

use std::collections::HashMap;
use std::sync::Arc;

use super::fault::Problem;
use super::formula::{Op, Tree, parse};
use super::lists::{Attribute, Lists, Texts};
use super::node::{Fun, Node};
use super::number::real;
use super::random::{Law, name_key};

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// A number or a truth.
    Number,
    /// A code of a text.
    Text(Texts),
    /// The position of an item of a list.
    Item(usize),
}

impl Kind {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number, Self::Number) => true,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Item(a), Self::Item(b)) => a == b,
            _ => false,
        }
    }
}

/// A compiled value.
pub(super) type Typed = (Node, Kind);

/// The names a formula may use, and where it stands.
pub(super) struct Scope<'a> {
    lists: &'a Lists,
    /// Names of this table.
    names: HashMap<String, Typed>,
    /// Names of the entity, for a many-table: slot there and kind.
    parent: Option<&'a HashMap<String, Typed>>,
    /// Slots of the entity that are wanted here: (slot there, slot here).
    pub(super) gathers: Vec<(usize, usize)>,
    /// How many slots there are here.
    pub(super) slots: usize,
    place: [String; 3],
    draws: u64,
}

impl<'a> Scope<'a> {
    /// The scope of a table.
    pub(super) fn new(lists: &'a Lists, table: &str, parent: Option<&'a HashMap<String, Typed>>) -> Self {
        let place = [table.to_owned(), String::new(), String::new()];
        Self { lists, names: HashMap::new(), parent, gathers: Vec::new(), slots: 0, place, draws: 0 }
    }

    /// The names of this table, for its many-tables.
    pub(super) fn into_names(self) -> HashMap<String, Typed> {
        self.names
    }

    /// A new slot under a name.
    pub(super) fn define(&mut self, name: &str, kind: Kind) -> usize {
        let slot = self.slots;
        self.slots += 1;
        self.names.insert(name.to_owned(), (Node::Slot(slot), kind));
        slot
    }

    /// Whether this table has the name already.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Gives `name` a value for a while.
    pub(super) fn bind(&mut self, name: &str, value: Typed) {
        self.names.insert(name.to_owned(), value);
    }

    /// Ends [`Self::bind`].
    pub(super) fn unbind(&mut self, name: &str) {
        self.names.remove(name);
    }

    /// Draws from here on belong to this column (and option of it).
    pub(super) fn enter(&mut self, column: &str, option: &str) {
        column.clone_into(&mut self.place[1]);
        option.clone_into(&mut self.place[2]);
        self.draws = 0;
    }

    /// A key of chance of this place, a new one each time.
    pub(super) fn site(&mut self) -> u64 {
        self.draws += 1;
        let [table, column, option] = &self.place;
        name_key(&[table, column, option]).wrapping_add(self.draws.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    /// The value of a name.
    pub(super) fn find(&mut self, name: &str) -> Result<Typed, Problem> {
        if let Some(found) = self.names.get(name) {
            return Ok(found.clone());
        }
        if name == "as_of" {
            return Ok((Node::Const(self.lists.as_of), Kind::Number));
        }
        let Some((Node::Slot(there), kind)) = self.parent.and_then(|p| p.get(name)).cloned() else {
            return Err(Problem::UnknownName(name.to_owned()));
        };
        let known = self.gathers.iter().find(|(t, _)| *t == there).map(|(_, here)| *here);
        let here = known.unwrap_or(self.slots);
        if known.is_none() {
            self.gathers.push((there, here));
            self.slots += 1;
        }
        Ok((Node::Slot(here), kind))
    }

    /// A formula that gives a number.
    pub(super) fn number(&mut self, text: &str) -> Result<Node, Problem> {
        let (node, kind) = self.compile(text, None)?;
        if kind.same(&Kind::Number) { Ok(node) } else { Err(Problem::Mixed) }
    }

    /// A formula; `texts` are the values that a bare text stands for.
    pub(super) fn compile(&mut self, text: &str, texts: Option<&Texts>) -> Result<Typed, Problem> {
        let expected = texts.map(|t| Kind::Text(Arc::clone(t)));
        self.tree(&parse(text)?, expected.as_ref())
    }

    fn tree(&mut self, tree: &Tree, expected: Option<&Kind>) -> Result<Typed, Problem> {
        let number = |node| Ok((node, Kind::Number));
        match tree {
            Tree::Number(n) => number(Node::Const(*n)),
            Tree::Text(text) => literal(text, expected),
            Tree::Name(name) if name == "null" => {
                Ok((Node::Const(f64::NAN), expected.cloned().unwrap_or(Kind::Number)))
            }
            Tree::Name(name) => self.find(name),
            Tree::Field(item, name) => self.field(item, name),
            Tree::Call(name, arguments) => self.function(name, arguments, expected),
            Tree::Minus(x) => number(Node::call(Fun::Minus, self.plain(x)?)),
            Tree::Not(x) => number(Node::call(Fun::Not, self.plain(x)?)),
            Tree::Binary(op @ (Op::Eq | Op::Ne), a, b) => {
                let (a, b) = if matches!(**a, Tree::Text(_)) { (b, a) } else { (a, b) };
                let (left, kind) = self.tree(a, None)?;
                let (right, other) = self.tree(b, Some(&kind))?;
                if kind.same(&other) { number(Node::binary(*op, left, right)) } else { Err(Problem::Mixed) }
            }
            Tree::Binary(op, a, b) => {
                let (a, b) = (self.plain(a)?, self.plain(b)?);
                number(Node::binary(*op, a, b))
            }
            Tree::In(item, options) => {
                let (item, kind) = self.tree(item, None)?;
                let mut any = Node::Const(0.0);
                for option in options {
                    let (value, _) = self.tree(option, Some(&kind))?;
                    // Never both, so adding them up is "or", and 0 is folded away.
                    any = Node::binary(Op::Add, any, Node::binary(Op::Eq, item.clone(), value));
                }
                number(any)
            }
        }
    }

    fn plain(&mut self, tree: &Tree) -> Result<Node, Problem> {
        match self.tree(tree, None)? {
            (node, Kind::Number) => Ok(node),
            _ => Err(Problem::Mixed),
        }
    }

    fn field(&mut self, item: &Tree, name: &str) -> Result<Typed, Problem> {
        let (node, Kind::Item(list)) = self.tree(item, None)? else {
            return Err(Problem::NoItem(name.to_owned()));
        };
        let list = &self.lists.all[list];
        match list.attribute(name)? {
            Attribute::Number(values) => Ok((Node::table(values, list.len, 0.0, None, node), Kind::Number)),
            Attribute::Text(codes, texts) => {
                Ok((Node::table(codes, list.len, 0.0, None, node), Kind::Text(Arc::clone(texts))))
            }
            Attribute::Curve { .. } => Err(Problem::Curve(name.to_owned())),
        }
    }

    fn function(&mut self, name: &str, arguments: &[Tree], expected: Option<&Kind>) -> Result<Typed, Problem> {
        let number = |node| Ok((node, Kind::Number));
        let arity = |count: usize| {
            if arguments.len() == count { Ok(()) } else { Err(Problem::Arguments(name.to_owned(), count.to_string())) }
        };
        if name == "if" {
            arity(3)?;
            return self.choice(arguments, expected);
        }
        if name == "curve" {
            arity(2)?;
            return number(self.curve(&arguments[0], &arguments[1])?);
        }
        let values = arguments.iter().map(|a| self.plain(a)).collect::<Result<Vec<_>, _>>()?;
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or(Node::Const(0.0));
        if let Some(fun) = Fun::named(name) {
            let node = next();
            if fun != Fun::Round || arguments.len() == 1 {
                arity(1)?;
                return number(Node::call(fun, node));
            }
            arity(2)?;
            return number(Node::binary(Op::Round, node, next()));
        }
        if let Some((law, count)) = Law::named(name) {
            arity(count)?;
            let (a, b, site) = (Box::new(next()), Box::new(next()), self.site());
            return number(Node::Draw { law, site, a, b });
        }
        if let Some(op) = operator(name) {
            arity(2)?;
            return number(Node::binary(op, next(), next()));
        }
        match name {
            "clamp" => {
                arity(3)?;
                let low = Node::binary(Op::Max, next(), next());
                number(Node::binary(Op::Min, low, next()))
            }
            "line" => number(broken_line(next(), values.as_slice())?),
            _ => Err(Problem::UnknownFunction(name.to_owned())),
        }
    }

    fn choice(&mut self, arguments: &[Tree], expected: Option<&Kind>) -> Result<Typed, Problem> {
        let test = self.plain(&arguments[0])?;
        let (yes, kind) = self.tree(&arguments[1], expected)?;
        let (no, other) = self.tree(&arguments[2], expected.or(Some(&kind)))?;
        if kind.same(&other) { Ok((Node::choice(test, yes, no), kind)) } else { Err(Problem::Mixed) }
    }

    fn curve(&mut self, curve: &Tree, at: &Tree) -> Result<Node, Problem> {
        let Tree::Field(item, name) = curve else { return Err(Problem::Curve(String::new())) };
        let (node, Kind::Item(list)) = self.tree(item, None)? else {
            return Err(Problem::NoItem(name.clone()));
        };
        let at = self.plain(at)?;
        match self.lists.all[list].attribute(name)? {
            Attribute::Curve { values, width, from } => Ok(Node::table(values, *width, *from, Some(node), at)),
            _ => Err(Problem::Curve(name.clone())),
        }
    }
}

fn literal(text: &str, expected: Option<&Kind>) -> Result<Typed, Problem> {
    let unknown = || Problem::UnknownText(text.to_owned());
    let Some(Kind::Text(texts)) = expected else { return Err(unknown()) };
    let code = texts.iter().position(|t| t == text).ok_or_else(unknown)?;
    Ok((Node::Const(real(code)), Kind::Text(Arc::clone(texts))))
}

fn operator(name: &str) -> Option<Op> {
    Some(match name {
        "min" => Op::Min,
        "max" => Op::Max,
        "pow" => Op::Pow,
        "months" => Op::Months,
        _ => return None,
    })
}

fn broken_line(at: Node, points: &[Node]) -> Result<Node, Problem> {
    let wrong = || Problem::Arguments("line".to_owned(), "a value and pairs of constants".to_owned());
    let numbers: Vec<f64> = points.iter().map(|p| p.constant().ok_or_else(wrong)).collect::<Result<_, _>>()?;
    if numbers.is_empty() || !numbers.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let points = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    Ok(Node::Line { points, at: Box::new(at) })
}
