//! A condition of a segment as a predicate over a table alias.
//!
//! Every predicate made here is read as "is true": a comparison with a missing value does not hold, and
//! `Not` goes down to the leaves, where it is IS NOT TRUE. So AND and OR of three-valued parts are sound,
//! and sub-queries stay where an engine can turn them into semi and anti joins.

use sqlparser::ast::{BinaryOperator, Expr as Sql, Query, SelectItem, TableFactor};

use super::ast::{self, Build, ExprExt};
use super::error::SqlError;
use crate::catalog::{Catalog, Dataset, Field, FieldType, Locale};
use crate::segment::{Expr, Func, Literal, Test};

/// Deepest nesting of a segment that is compiled.
pub(super) const MAX_DEPTH: usize = 64;

/// A predicate, with constants folded.
#[allow(clippy::large_enum_variant, reason = "one at a time, and soon taken apart")]
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pred {
    /// Always, or never.
    Const(bool),
    /// Where this is true.
    Sql(Sql),
}

impl Pred {
    /// The predicate as SQL, whatever it is.
    pub(super) fn sql(self) -> Sql {
        match self {
            Self::Const(truth) => ast::boolean(truth),
            Self::Sql(sql) => sql,
        }
    }

    /// As a further condition of a WHERE: nothing where it always holds.
    pub(super) fn filter(self) -> Option<Sql> {
        (self != Self::Const(true)).then(|| self.sql())
    }
}

/// The table that a condition is over, and the alias it has.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    pub dataset: &'a Dataset,
    pub alias: String,
}

impl<'a> Place<'a> {
    pub(super) fn column(&self, field: &str) -> Sql {
        ast::column(&self.alias, field)
    }

    pub(super) fn table(&self) -> TableFactor {
        ast::table(&self.dataset.name, &self.alias)
    }

    pub(super) fn field(&self, name: &str) -> Result<&'a Field, SqlError> {
        self.dataset.field(name).ok_or_else(|| {
            let names = self.dataset.fields.iter().map(|f| f.name.as_str());
            let nearest = crate::catalog::nearest(name, names).into_iter().map(str::to_owned).collect();
            SqlError::UnknownField { dataset: self.dataset.name.clone(), field: name.to_owned(), nearest }
        })
    }

    pub(super) fn wrong_type(&self, field: &str) -> SqlError {
        SqlError::WrongType { dataset: self.dataset.name.clone(), field: field.to_owned() }
    }
}

/// Compiles the conditions of one statement; hands out aliases.
pub(super) struct Compiler<'a> {
    pub(super) catalog: &'a Catalog,
    entities: usize,
    rows: usize,
    depth: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, entities: 0, rows: 0, depth: 0 }
    }

    /// The entity under the next free alias: `c`, `c2`, ….
    pub(super) fn entity(&mut self) -> Place<'a> {
        self.entities += 1;
        Place { dataset: self.catalog.entity(), alias: numbered('c', self.entities) }
    }

    /// A many-table under the next free alias: `m`, `m2`, ….
    pub(super) fn many(&mut self, name: &str) -> Result<(Place<'a>, &'a str), SqlError> {
        let unknown = || SqlError::UnknownDataset { dataset: name.to_owned() };
        let dataset = self.catalog.dataset(name).ok_or_else(unknown)?;
        let key = dataset.joins_on.as_deref().ok_or_else(|| SqlError::NotMany { dataset: name.to_owned() })?;
        self.rows += 1;
        Ok((Place { dataset, alias: numbered('m', self.rows) }, key))
    }

    /// The entities of `segment` within the population: a SELECT that only lacks its columns.
    pub(super) fn members(&mut self, segment: &Expr) -> Result<(Build, Place<'a>), SqlError> {
        let place = self.entity();
        let mut filters = Vec::new();
        filters.extend(self.population(&place)?.filter());
        filters.extend(self.predicate(segment, &place, false)?.filter());
        let build = Build { from: Some(place.table()), filters, ..Build::default() };
        Ok((build, place))
    }

    /// The population over `place`.
    pub(super) fn population(&mut self, place: &Place<'a>) -> Result<Pred, SqlError> {
        let population = population(self.catalog)?;
        self.predicate(&population, place, false)
    }

    /// `expr` over `place`, or its opposite.
    pub(super) fn predicate(&mut self, expr: &Expr, place: &Place<'a>, negated: bool) -> Result<Pred, SqlError> {
        if self.depth >= MAX_DEPTH {
            return Err(SqlError::TooDeep { limit: MAX_DEPTH });
        }
        self.depth += 1;
        let made = self.node(expr, place, negated);
        self.depth -= 1;
        made
    }

    fn node(&mut self, expr: &Expr, place: &Place<'a>, negated: bool) -> Result<Pred, SqlError> {
        match expr {
            Expr::All => Ok(Pred::Const(!negated)),
            Expr::And(parts) => self.join(parts, place, negated, true),
            Expr::Or(parts) => self.join(parts, place, negated, false),
            Expr::Not(inner) => self.predicate(inner, place, !negated),
            Expr::Compare { field, test } => self.compare(place, field, test, negated),
            Expr::Saved { name } => Err(SqlError::Saved { name: name.clone() }),
            _ if !std::ptr::eq(place.dataset, self.catalog.entity()) => {
                Err(SqlError::NotOverRows { dataset: place.dataset.name.clone() })
            }
            Expr::Exists { dataset, rows } => self.exists(place, dataset, rows, negated),
            Expr::Total { dataset, func, field, rows, test } => {
                let total = super::total::Total { dataset, func: *func, field: field.as_deref(), rows, test };
                self.total(place, &total, negated)
            }
            Expr::Rank { field, end, amount, within } => {
                let rank = super::rank::Rank { field, end: *end, amount: *amount, within };
                self.rank(place, &rank, negated)
            }
            Expr::Sample { size, seed, within } => self.sample(place, *size, *seed, within, negated),
        }
    }

    /// All or any of `parts`; under a negation the other of the two.
    fn join(&mut self, parts: &[Expr], place: &Place<'a>, negated: bool, all: bool) -> Result<Pred, SqlError> {
        let all = all != negated;
        let mut kept = Vec::new();
        for part in parts {
            match self.predicate(part, place, negated)? {
                Pred::Const(truth) if truth == all => {}
                Pred::Const(truth) => return Ok(Pred::Const(truth)),
                Pred::Sql(sql) => kept.push(sql),
            }
        }
        let op = if all { BinaryOperator::And } else { BinaryOperator::Or };
        Ok(ast::chain(&op, kept).map_or(Pred::Const(all), Pred::Sql))
    }

    fn compare(&self, place: &Place<'a>, field: &str, test: &Test, negated: bool) -> Result<Pred, SqlError> {
        let kind = place.field(field)?.kind;
        let column = place.column(field);
        if *test == Test::True {
            if kind != FieldType::Bool {
                return Err(place.wrong_type(field));
            }
            return Ok(Pred::Sql(if negated { Sql::IsNotTrue(Box::new(column)) } else { column }));
        }
        let check = Tested { subject: column, kind, known: false, catalog: self.catalog };
        check.predicate(test, negated).map_err(|e| e.at(place, field))
    }

    fn exists(&mut self, place: &Place<'a>, dataset: &str, rows: &Expr, negated: bool) -> Result<Pred, SqlError> {
        let (many, key) = self.many(dataset)?;
        match self.rows_of(place, &many, key, rows)? {
            None => Ok(Pred::Const(negated)),
            Some(build) => Ok(Pred::Sql(exists(build.query(), negated))),
        }
    }

    /// `SELECT 1` of the rows that belong to the entity at `place` and satisfy `rows`; none where no row can.
    pub(super) fn rows_of(
        &mut self,
        place: &Place<'a>,
        many: &Place<'a>,
        key: &str,
        rows: &Expr,
    ) -> Result<Option<Build>, SqlError> {
        let condition = self.predicate(rows, many, false)?;
        if condition == Pred::Const(false) {
            return Ok(None);
        }
        let mut filters = vec![ast::equal(many.column(key), place.column(self.catalog.key()))];
        filters.extend(condition.filter());
        let items = vec![SelectItem::UnnamedExpr(ast::int(1))];
        Ok(Some(Build { items, from: Some(many.table()), filters, ..Build::default() }))
    }
}

fn numbered(letter: char, number: usize) -> String {
    if number == 1 { letter.to_string() } else { format!("{letter}{number}") }
}

/// The catalog's population as a condition.
pub(super) fn population(catalog: &Catalog) -> Result<Expr, SqlError> {
    crate::segment::text::parse(&catalog.population, catalog)
        .map_err(|e| SqlError::Population { reason: [e.message(Locale::Ko), e.message(Locale::En)] })
}

/// `[NOT] EXISTS (query)`.
pub(super) fn exists(query: Query, negated: bool) -> Sql {
    Sql::Exists { subquery: Box::new(query), negated }
}

/// Why a test does not fit its subject; the caller knows the field.
pub(super) enum Misfit {
    Type,
    NotANumber,
}

impl Misfit {
    pub(super) fn at(self, place: &Place<'_>, field: &str) -> SqlError {
        match self {
            Self::Type => place.wrong_type(field),
            Self::NotANumber => SqlError::NotANumber,
        }
    }
}

/// Something that a test is put to: a column or an aggregate.
pub(super) struct Tested<'a> {
    pub subject: Sql,
    pub kind: FieldType,
    /// Whether it is never missing, as a count is.
    pub known: bool,
    pub catalog: &'a Catalog,
}

impl Tested<'_> {
    /// The test, or its opposite.
    pub(super) fn predicate(self, test: &Test, negated: bool) -> Result<Pred, Misfit> {
        if let Test::Missing = test {
            let subject = Box::new(self.subject);
            return Ok(Pred::Sql(if negated { Sql::IsNotNull(subject) } else { Sql::IsNull(subject) }));
        }
        let known = self.known;
        let (held, negated) = match test {
            Test::Ne(v) => (self.binary(BinaryOperator::Eq, v)?, !negated),
            Test::Eq(v) => (self.binary(BinaryOperator::Eq, v)?, negated),
            Test::Lt(v) => (self.binary(BinaryOperator::Lt, v)?, negated),
            Test::Le(v) => (self.binary(BinaryOperator::LtEq, v)?, negated),
            Test::Gt(v) => (self.binary(BinaryOperator::Gt, v)?, negated),
            Test::Ge(v) => (self.binary(BinaryOperator::GtEq, v)?, negated),
            Test::Between(low, high) => (self.between(low, high)?, negated),
            Test::In(values) if values.is_empty() => return Ok(Pred::Const(negated)),
            Test::In(values) => (self.listed(values)?, negated),
            Test::True | Test::Missing => return Err(Misfit::Type),
        };
        Ok(Pred::Sql(match (negated, known) {
            (false, _) => held,
            (true, true) => opposite(held),
            (true, false) => Sql::IsNotTrue(Box::new(held.nested())),
        }))
    }

    fn binary(self, op: BinaryOperator, literal: &Literal) -> Result<Sql, Misfit> {
        let right = self.literal(literal)?;
        Ok(ast::binary(self.subject, op, right))
    }

    fn between(self, low: &Literal, high: &Literal) -> Result<Sql, Misfit> {
        let (low, high) = (Box::new(self.literal(low)?), Box::new(self.literal(high)?));
        Ok(Sql::Between { expr: Box::new(self.subject), negated: false, low, high })
    }

    fn listed(self, values: &[Literal]) -> Result<Sql, Misfit> {
        let list = values.iter().map(|v| self.literal(v)).collect::<Result<_, _>>()?;
        Ok(Sql::InList { expr: Box::new(self.subject), list, negated: false })
    }

    fn literal(&self, literal: &Literal) -> Result<Sql, Misfit> {
        match literal {
            Literal::Int(number) if self.kind.is_number() => Ok(ast::int(*number)),
            Literal::Float(number) if !number.is_finite() => Err(Misfit::NotANumber),
            Literal::Float(number) if self.kind.is_number() => Ok(ast::float(*number)),
            Literal::Text(text) if self.kind == FieldType::String => Ok(ast::text(text)),
            Literal::Date(day) if self.kind == FieldType::Date => Ok(ast::date(day.on(self.catalog.as_of))),
            _ => Err(Misfit::Type),
        }
    }
}

/// The opposite of a comparison of values that are never missing.
fn opposite(held: Sql) -> Sql {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    match held {
        Sql::BinaryOp { left, op, right } => {
            let op = match op {
                Eq => NotEq,
                Lt => GtEq,
                LtEq => Gt,
                Gt => LtEq,
                GtEq => Lt,
                other => other,
            };
            Sql::BinaryOp { left, op, right }
        }
        Sql::Between { expr, negated, low, high } => Sql::Between { expr, negated: !negated, low, high },
        Sql::InList { expr, list, negated } => Sql::InList { expr, list, negated: !negated },
        other => Sql::IsNotTrue(Box::new(other.nested())),
    }
}

/// `func(column)` and the type it has; none where the function does not fit the field.
pub(super) fn aggregate(func: Func, field: &Field, column: Sql) -> Option<(Sql, FieldType)> {
    let number = field.kind.is_number();
    let name = match func {
        Func::Count => return Some((ast::call("count", vec![column]), FieldType::Int64)),
        Func::CountDistinct => return Some((ast::count_distinct(column), FieldType::Int64)),
        Func::Sum if number => "sum",
        Func::Avg if number => "avg",
        Func::Median if number => "median",
        Func::Min if field.kind != FieldType::Bool => "min",
        Func::Max if field.kind != FieldType::Bool => "max",
        _ => return None,
    };
    let kind = match func {
        Func::Avg | Func::Median => FieldType::Float64,
        Func::Sum if field.kind.is_integer() => FieldType::Int64,
        _ => field.kind,
    };
    Some((ast::call(name, vec![column]), kind))
}
