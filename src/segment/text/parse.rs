//! Tokens → segment, by recursive descent: one function for each line of the grammar.

use super::cursor::Cursor;
use super::lex::{Kind, Token};
use super::print::is_reserved;
use super::{Expected, TextError, TextFault};
use crate::catalog::{Catalog, Dataset, nearest};
use crate::segment::check::MAX_SEGMENT_DEPTH;
use crate::segment::{Amount, DateSpec, End, Expr, Func, Literal, Test};

type Parsed<T> = Result<T, TextError>;

/// Reads tokens from left to right.
pub(super) struct Parser<'a> {
    at: Cursor<'a>,
    depth: usize,
    catalog: &'a Catalog,
    /// The many-table inside whose rows we stand; none for the entity.
    rows_of: Option<&'a Dataset>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: Vec<Token<'a>>, catalog: &'a Catalog) -> Self {
        Self { at: Cursor::new(tokens), depth: 0, catalog, rows_of: None }
    }

    /// All of the text, on rows of `rows_of` where it names a dataset.
    pub(super) fn whole(mut self, rows_of: Option<&str>) -> Parsed<Expr> {
        if let Some(name) = rows_of {
            self.rows_of = Some(self.known_dataset(name.to_owned(), 0)?);
        }
        let expr = self.expr()?;
        match self.at.peek() {
            Kind::End => Ok(expr),
            _ => Err(self.at.expected(Expected::End)),
        }
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.nested(|p| p.list("OR", |p| p.list("AND", Self::not, Expr::And), Expr::Or))
    }

    fn list(
        &mut self,
        between: &'static str,
        mut part: impl FnMut(&mut Self) -> Parsed<Expr>,
        all: impl FnOnce(Vec<Expr>) -> Expr,
    ) -> Parsed<Expr> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.at.take_word(between) {
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { all(parts) })
    }

    fn not(&mut self) -> Parsed<Expr> {
        if self.at.take_word("NOT") {
            let inner = self.nested(Self::not)?;
            return Ok(Expr::Not(Box::new(inner)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        if self.at.take_sign("(") {
            let inner = self.expr()?;
            self.at.sign(")")?;
            return Ok(inner);
        }
        let Kind::Word(word) = *self.at.peek() else {
            return match self.at.peek() {
                Kind::Name(_) => self.compare(),
                _ => Err(self.at.expected(Expected::Condition)),
            };
        };
        match word.to_ascii_uppercase().as_str() {
            "TRUE" => Ok(self.at.skip(Expr::All)),
            "FALSE" => Ok(self.at.skip(Expr::Or(Vec::new()))),
            "EXISTS" => self.on_entity(Self::exists),
            "SUM" | "AVG" | "MIN" | "MAX" | "COUNT" | "MEDIAN" => self.on_entity(Self::total),
            "TOP" | "BOTTOM" => self.on_entity(Self::rank),
            "SAMPLE" => self.on_entity(Self::sample),
            "SEGMENT" => self.on_entity(Self::saved),
            _ => self.compare(),
        }
    }

    fn compare(&mut self) -> Parsed<Expr> {
        let field = self.field(self.rows_of.unwrap_or_else(|| self.catalog.entity()))?;
        if !self.at_test() {
            return Ok(Expr::Compare { field, test: Test::True });
        }
        let (holds, test) = self.test()?;
        Ok(either(holds, Expr::Compare { field, test }))
    }

    fn exists(&mut self) -> Parsed<Expr> {
        self.at.next += 1;
        let dataset = self.dataset()?;
        let rows = if self.at.take_sign("(") {
            let rows = self.rows(dataset)?;
            self.at.sign(")")?;
            rows
        } else {
            Expr::All
        };
        Ok(Expr::exists(&dataset.name, rows))
    }

    fn total(&mut self) -> Parsed<Expr> {
        let func = self.func()?;
        let dataset = self.dataset()?;
        let field = if self.at.take_sign(".") { Some(self.field(dataset)?) } else { None };
        let rows = if self.at.take_word("WHERE") { self.rows(dataset)? } else { Expr::All };
        self.at.sign(")")?;
        let (holds, test) = self.test()?;
        let dataset = dataset.name.clone();
        Ok(either(holds, Expr::Total { dataset, func, field, rows: Box::new(rows), test }))
    }

    /// `SUM (`, `COUNT ( DISTINCT` and so on.
    fn func(&mut self) -> Parsed<Func> {
        let func = match self.at.peek() {
            Kind::Word(word) => match word.to_ascii_uppercase().as_str() {
                "SUM" => Func::Sum,
                "AVG" => Func::Avg,
                "MIN" => Func::Min,
                "MAX" => Func::Max,
                "MEDIAN" => Func::Median,
                _ => Func::Count,
            },
            _ => return Err(self.at.expected(Expected::Condition)),
        };
        self.at.next += 1;
        self.at.sign("(")?;
        Ok(if func == Func::Count && self.at.take_word("DISTINCT") { Func::CountDistinct } else { func })
    }

    fn rank(&mut self) -> Parsed<Expr> {
        let end = if self.at.take_word("TOP") { End::Top } else { self.at.skip(End::Bottom) };
        let amount = self.amount()?;
        self.at.word("BY")?;
        let field = self.field(self.catalog.entity())?;
        let within = Box::new(self.within()?);
        Ok(Expr::Rank { field, end, amount, within })
    }

    fn amount(&mut self) -> Parsed<Amount> {
        let percent = *self.at.after() == Kind::Sign("%");
        if !percent {
            return Ok(Amount::Number(self.whole_number()?));
        }
        let Kind::Number(digits) = *self.at.peek() else { return Err(self.at.expected(Expected::Literal)) };
        // A hundredth, by the exponent: nothing is rounded twice.
        let share = if digits.contains(['e', 'E']) { None } else { format!("{digits}e-2").parse().ok() };
        let share = share.ok_or_else(|| self.at.fault(TextFault::BadNumber))?;
        self.at.next += 2;
        Ok(Amount::Share(share))
    }

    fn sample(&mut self) -> Parsed<Expr> {
        self.at.next += 1;
        let size = self.whole_number()?;
        self.at.word("SEED")?;
        let seed = self.whole_number()?;
        Ok(Expr::Sample { size, seed, within: Box::new(self.within()?) })
    }

    fn saved(&mut self) -> Parsed<Expr> {
        self.at.next += 1;
        Ok(Expr::Saved { name: self.text()? })
    }

    fn within(&mut self) -> Parsed<Expr> {
        if !self.at.take_word("WITHIN") {
            return Ok(Expr::All);
        }
        self.at.sign("(")?;
        let within = self.expr()?;
        self.at.sign(")")?;
        Ok(within)
    }

    fn at_test(&self) -> bool {
        match self.at.peek() {
            Kind::Sign(sign) => ["=", "<>", "!=", "<", "<=", ">", ">="].contains(sign),
            Kind::Word(word) => ["NOT", "BETWEEN", "IN", "IS"].iter().any(|w| w.eq_ignore_ascii_case(word)),
            _ => false,
        }
    }

    /// A test, and whether it is to hold or not to.
    fn test(&mut self) -> Parsed<(bool, Test)> {
        if let Kind::Sign(sign) = *self.at.peek() {
            return Ok((true, self.comparison(sign)?));
        }
        if self.at.take_word("IS") {
            let holds = !self.at.take_word("NOT");
            if self.at.take_word("TRUE") {
                return Ok((holds, Test::True));
            }
            if self.at.take_word("MISSING") || self.at.take_word("NULL") {
                return Ok((holds, Test::Missing));
            }
            return Err(self.at.expected(Expected::This("MISSING")));
        }
        let holds = !self.at.take_word("NOT");
        if self.at.take_word("BETWEEN") {
            let low = self.literal()?;
            self.at.word("AND")?;
            return Ok((holds, Test::Between(low, self.literal()?)));
        }
        if self.at.take_word("IN") {
            return Ok((holds, Test::In(self.literals()?)));
        }
        Err(self.at.expected(Expected::Test))
    }

    fn comparison(&mut self, sign: &'static str) -> Parsed<Test> {
        let test: fn(Literal) -> Test = match sign {
            "=" => Test::Eq,
            "<>" | "!=" => Test::Ne,
            "<" => Test::Lt,
            "<=" => Test::Le,
            ">" => Test::Gt,
            ">=" => Test::Ge,
            _ => return Err(self.at.expected(Expected::Test)),
        };
        self.at.next += 1;
        if sign == "=" && self.at.take_word("TRUE") {
            return Ok(Test::True);
        }
        Ok(test(self.literal()?))
    }

    fn literals(&mut self) -> Parsed<Vec<Literal>> {
        self.at.sign("(")?;
        let mut values = vec![self.literal()?];
        while self.at.take_sign(",") {
            values.push(self.literal()?);
        }
        self.at.sign(")")?;
        Ok(values)
    }

    fn literal(&mut self) -> Parsed<Literal> {
        if self.at.take_word("DATE") {
            let at = self.at.next;
            let day = self.text()?.parse().map_err(|_| self.at.fault_at(at, TextFault::BadDate))?;
            return Ok(Literal::Date(DateSpec::On(day)));
        }
        if self.at.take_word("AS_OF") {
            return Ok(Literal::Date(self.before()?));
        }
        let minus = self.at.take_sign("-");
        match self.at.peek() {
            Kind::Number(digits) => self.number(digits, minus),
            Kind::Text(_) if !minus => Ok(Literal::Text(self.text()?)),
            _ => Err(self.at.expected(Expected::Literal)),
        }
    }

    /// What follows `AS_OF`.
    fn before(&mut self) -> Parsed<DateSpec> {
        if !self.at.take_sign("-") {
            return Ok(DateSpec::DaysBefore(0));
        }
        let at = self.at.next;
        let number = self.whole_number()?;
        let number = u32::try_from(number).map_err(|_| self.at.fault_at(at, TextFault::BadNumber))?;
        if self.at.take_word("DAYS") || self.at.take_word("DAY") {
            Ok(DateSpec::DaysBefore(number))
        } else if self.at.take_word("MONTHS") || self.at.take_word("MONTH") {
            Ok(DateSpec::MonthsBefore(number))
        } else {
            Err(self.at.expected(Expected::This("DAYS")))
        }
    }

    fn number(&mut self, digits: &str, minus: bool) -> Parsed<Literal> {
        let signed = if minus { format!("-{digits}") } else { digits.to_owned() };
        let value = if digits.bytes().all(|b| b.is_ascii_digit()) {
            signed.parse().ok().map(Literal::Int)
        } else {
            signed.parse().ok().filter(|f: &f64| f.is_finite()).map(Literal::Float)
        };
        let value = value.ok_or_else(|| self.at.fault(TextFault::BadNumber))?;
        Ok(self.at.skip(value))
    }

    fn whole_number(&mut self) -> Parsed<u64> {
        let Kind::Number(digits) = *self.at.peek() else { return Err(self.at.expected(Expected::Integer)) };
        let number = digits.parse().map_err(|_| self.at.fault(TextFault::BadNumber))?;
        Ok(self.at.skip(number))
    }

    fn text(&mut self) -> Parsed<String> {
        match self.at.peek() {
            Kind::Text(text) => {
                let text = text.clone();
                Ok(self.at.skip(text))
            }
            _ => Err(self.at.expected(Expected::Text)),
        }
    }

    /// A name that is no word of the grammar.
    fn name(&mut self, what: Expected) -> Parsed<(String, usize)> {
        let name = match self.at.peek() {
            Kind::Word(word) if !is_reserved(word) => (*word).to_owned(),
            Kind::Name(name) => name.clone(),
            _ => return Err(self.at.expected(what)),
        };
        let at = self.at.next;
        Ok(self.at.skip((name, at)))
    }

    fn field(&mut self, of: &Dataset) -> Parsed<String> {
        let (name, at) = self.name(Expected::Field)?;
        if of.field(&name).is_some() {
            return Ok(name);
        }
        let near = nearest(&name, of.fields.iter().map(|f| f.name.as_str())).into_iter().map(str::to_owned).collect();
        Err(self.at.fault_at(at, TextFault::UnknownField { name, dataset: of.name.clone(), nearest: near }))
    }

    fn dataset(&mut self) -> Parsed<&'a Dataset> {
        let (name, at) = self.name(Expected::Dataset)?;
        self.known_dataset(name, at)
    }

    fn known_dataset(&self, name: String, at: usize) -> Parsed<&'a Dataset> {
        let many = || self.catalog.datasets.iter().skip(1);
        if let Some(dataset) = many().find(|d| d.name == name) {
            return Ok(dataset);
        }
        let near = nearest(&name, many().map(|d| d.name.as_str())).into_iter().map(str::to_owned).collect();
        Err(self.at.fault_at(at, TextFault::UnknownDataset { name, nearest: near }))
    }

    /// A condition on rows of `dataset`.
    fn rows(&mut self, dataset: &'a Dataset) -> Parsed<Expr> {
        self.rows_of = Some(dataset);
        let rows = self.expr();
        self.rows_of = None;
        rows
    }

    /// What may stand only outside rows.
    fn on_entity(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        if self.rows_of.is_some() { Err(self.at.fault(TextFault::NotInRows)) } else { read(self) }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        if self.depth > MAX_SEGMENT_DEPTH {
            return Err(self.at.fault(TextFault::TooDeep));
        }
        self.depth += 1;
        let expr = read(self);
        self.depth -= 1;
        expr
    }
}

fn either(holds: bool, expr: Expr) -> Expr {
    if holds { expr } else { Expr::Not(Box::new(expr)) }
}
