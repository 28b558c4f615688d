//! The formulas of the shapes: text to tree.
//!
//! ```text
//! formula := and ('or' and)*
//! and     := test ('and' test)*
//! test    := sum (('=' | '!=' | '<' | '<=' | '>' | '>=') sum | 'in' '(' formula (',' formula)* ')')?
//! sum     := product (('+' | '-') product)*
//! product := sign (('*' | '/') sign)*
//! sign    := ('-' | 'not') sign | field
//! field   := atom ('.' name)*
//! atom    := number | 'text' | name | name '(' formula (',' formula)* ')' | '(' formula ')'
//! ```
//! Truth is 1, falsehood 0. A `text` stands for a value of what it is compared with. Numbers may
//! have `_` between digits.

use super::fault::Problem;

/// Formulas nested deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient.
    Div,
    /// Equal.
    Eq,
    /// Different.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Both hold.
    And,
    /// One holds.
    Or,
    /// Smaller of the two.
    Min,
    /// Larger of the two.
    Max,
    /// Power.
    Pow,
    /// Rounded to so many decimals.
    Round,
    /// Whole calendar months from the first day to the second.
    Months,
}

/// A parsed formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// A number.
    Number(f64),
    /// A value in quotes.
    Text(String),
    /// A column, a list or a word of the language.
    Name(String),
    /// An attribute of a list's item.
    Field(Box<Tree>, String),
    /// A function.
    Call(String, Vec<Tree>),
    /// Negation of a number.
    Minus(Box<Tree>),
    /// Negation of a truth.
    Not(Box<Tree>),
    /// An operator.
    Binary(Op, Box<Tree>, Box<Tree>),
    /// One of several.
    In(Box<Tree>, Vec<Tree>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Sign(&'static str),
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => write!(f, "'{t}'"),
            Self::Name(n) => f.write_str(n),
            Self::Sign(s) => f.write_str(s),
        }
    }
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 14] = ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "."];

/// The tree of a formula.
pub(super) fn parse(text: &str) -> Result<Tree, Problem> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let tree = parser.formula()?;
    match parser.tokens.get(parser.at) {
        None => Ok(tree),
        Some(token) => Err(Problem::Unexpected(token.to_string())),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = if first.is_ascii_digit() {
            number(rest)?
        } else if first == '\'' {
            let end = rest[1..].find('\'').ok_or(Problem::Ended)?;
            (Token::Text(rest[1..=end].to_owned()), end + 2)
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(rest[..end].to_owned()), end)
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s));
            sign.map(|s| (Token::Sign(s), s.len())).ok_or_else(|| Problem::Unexpected(first.to_string()))?
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn number(rest: &str) -> Result<(Token, usize), Problem> {
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(rest.len());
    let digits: String = rest[..end].chars().filter(|c| *c != '_').collect();
    let value = digits.parse().map_err(|_| Problem::Unexpected(digits.clone()))?;
    Ok((Token::Number(value), end))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn take(&mut self, sign: &str) -> bool {
        let found = match self.tokens.get(self.at) {
            Some(Token::Sign(s)) => *s == sign,
            Some(Token::Name(n)) => n == sign,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn need(&mut self, sign: &str) -> Result<(), Problem> {
        if self.take(sign) { Ok(()) } else { Err(self.surprise()) }
    }

    fn surprise(&self) -> Problem {
        self.tokens.get(self.at).map_or(Problem::Ended, |t| Problem::Unexpected(t.to_string()))
    }

    fn chain(
        &mut self,
        operators: &[(&str, Op)],
        part: fn(&mut Self) -> Result<Tree, Problem>,
    ) -> Result<Tree, Problem> {
        let mut left = part(self)?;
        'more: loop {
            for (sign, op) in operators {
                if self.take(sign) {
                    left = Tree::Binary(*op, Box::new(left), Box::new(part(self)?));
                    continue 'more;
                }
            }
            return Ok(left);
        }
    }

    fn formula(&mut self) -> Result<Tree, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Problem::TooDeep);
        }
        let tree = self.chain(&[("or", Op::Or)], Self::and);
        self.depth -= 1;
        tree
    }

    fn and(&mut self) -> Result<Tree, Problem> {
        self.chain(&[("and", Op::And)], Self::test)
    }

    fn test(&mut self) -> Result<Tree, Problem> {
        const TESTS: [(&str, Op); 6] =
            [("=", Op::Eq), ("!=", Op::Ne), ("<=", Op::Le), (">=", Op::Ge), ("<", Op::Lt), (">", Op::Gt)];
        let left = self.sum()?;
        for (sign, op) in TESTS {
            if self.take(sign) {
                return Ok(Tree::Binary(op, Box::new(left), Box::new(self.sum()?)));
            }
        }
        if self.take("in") {
            self.need("(")?;
            return Ok(Tree::In(Box::new(left), self.list()?));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Tree, Problem> {
        self.chain(&[("+", Op::Add), ("-", Op::Sub)], Self::product)
    }

    fn product(&mut self) -> Result<Tree, Problem> {
        self.chain(&[("*", Op::Mul), ("/", Op::Div)], Self::sign)
    }

    fn sign(&mut self) -> Result<Tree, Problem> {
        if self.take("-") {
            return Ok(Tree::Minus(Box::new(self.sign()?)));
        }
        if self.take("not") {
            return Ok(Tree::Not(Box::new(self.sign()?)));
        }
        let mut tree = self.atom()?;
        while self.take(".") {
            let name = self.name()?;
            tree = Tree::Field(Box::new(tree), name);
        }
        Ok(tree)
    }

    fn name(&mut self) -> Result<String, Problem> {
        match self.tokens.get(self.at) {
            Some(Token::Name(name)) => {
                self.at += 1;
                Ok(name.clone())
            }
            _ => Err(self.surprise()),
        }
    }

    fn atom(&mut self) -> Result<Tree, Problem> {
        if self.take("(") {
            let inner = self.formula()?;
            self.need(")")?;
            return Ok(inner);
        }
        let token = self.tokens.get(self.at).cloned().ok_or(Problem::Ended)?;
        self.at += 1;
        match token {
            Token::Number(n) => Ok(Tree::Number(n)),
            Token::Text(t) => Ok(Tree::Text(t)),
            Token::Name(name) if self.take("(") => Ok(Tree::Call(name, self.list()?)),
            Token::Name(name) => Ok(Tree::Name(name)),
            Token::Sign(s) => Err(Problem::Unexpected(s.to_owned())),
        }
    }

    fn list(&mut self) -> Result<Vec<Tree>, Problem> {
        let mut items = vec![self.formula()?];
        while self.take(",") {
            items.push(self.formula()?);
        }
        self.need(")")?;
        Ok(items)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let tree = parse("1 + 2 * a.b >= -c and not d in ('x', 'y')").unwrap();
        let Tree::Binary(Op::And, left, right) = tree else { panic!("{tree:?}") };
        assert!(matches!(*left, Tree::Binary(Op::Ge, ..)));
        assert!(matches!(*right, Tree::In(..)), "{right:?}");
    }

    #[test]
    fn faults_name_what_stands_in_the_way() {
        assert_eq!(parse("1 + "), Err(Problem::Ended));
        assert_eq!(parse("1 2"), Err(Problem::Unexpected("2".to_owned())));
        assert_eq!(parse("f(1,"), Err(Problem::Ended));
        assert_eq!(parse("'open"), Err(Problem::Ended));
        assert_eq!(parse("a ? b"), Err(Problem::Unexpected("?".to_owned())));
        assert_eq!(parse(&"(".repeat(500)), Err(Problem::TooDeep));
    }
}
