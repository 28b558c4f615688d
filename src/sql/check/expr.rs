//! Expressions: the nodes that are let through, and where an identifier may stand in them.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, Expr, Ident, Query, Spanned, TypedString,
    UnaryOperator, Value,
};
use sqlparser::tokenizer::Span;

use super::groups::Place;
use super::query::{Shape, absent};
use super::scope::{Scope, folded};
use super::{Checker, witness};
use crate::sql::refusal::{SqlRefusal, Why};

/// What an expression is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A column of a query: an identifier passes on to where the query stands.
    Output,
    /// A key that is grouped or joined by: an identifier as it is.
    Key,
    /// ORDER BY: identifiers may be mixed too, as a sample does.
    Order,
}

/// The identifier that a value is, where it is one.
pub(super) type Found = Option<String>;

impl Checker<'_> {
    /// An expression that must not be an identifier.
    pub(super) fn open(&mut self, expr: &mut Expr, scope: &Scope<'_>) -> Result<(), SqlRefusal> {
        match self.expr(expr, scope, Use::Output)? {
            None => Ok(()),
            Some(column) => Err(Why::Identifier { column }.at(expr.span())),
        }
    }

    /// Several of them.
    fn all_open<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e mut Expr>,
        scope: &Scope<'_>,
    ) -> Result<Found, SqlRefusal> {
        for expr in exprs {
            self.open(expr, scope)?;
        }
        Ok(None)
    }

    /// An expression anywhere.
    pub(super) fn expr(&mut self, expr: &mut Expr, scope: &Scope<'_>, used: Use) -> Result<Found, SqlRefusal> {
        self.deeper(|this| this.node(expr, scope, used))
    }

    fn node(&mut self, expr: &mut Expr, scope: &Scope<'_>, used: Use) -> Result<Found, SqlRefusal> {
        let span = expr.span();
        match expr {
            Expr::Identifier(ident) => self.column(None, ident, scope),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, name] => self.column(Some(table), name, scope),
                _ => Err(self.unknown_column(&expr.to_string(), scope, span)),
            },
            Expr::Nested(inner) => self.expr(inner, scope, used),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.expr(inner, scope, Use::Key).map(|_| None),
            Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner) => self.all_open([&mut **inner], scope),
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus | UnaryOperator::Plus, expr } => {
                self.all_open([&mut **expr], scope)
            }
            Expr::BinaryOp { left, op, right } => self.binary(left, &op.clone(), right, scope, used),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => self.same(left, right, scope),
            Expr::InList { expr, list, .. } => self.all_open(std::iter::once(&mut **expr).chain(list), scope),
            Expr::InSubquery { expr, subquery, .. } => self.member(expr, subquery, scope),
            Expr::Between { expr, low, high, .. } => self.all_open([&mut **expr, &mut **low, &mut **high], scope),
            Expr::Like { any: false, expr, pattern, .. } | Expr::ILike { any: false, expr, pattern, .. } => {
                self.all_open([&mut **expr, &mut **pattern], scope)
            }
            Expr::Exists { subquery, .. } => self.query(subquery, Some(scope), Place::Exists).map(|_| None),
            Expr::Subquery(subquery) => self.scalar(subquery, scope, Place::Value),
            Expr::Case { operand, conditions, else_result, .. } => {
                let arms = conditions.iter_mut().flat_map(|CaseWhen { condition, result }| [condition, result]);
                let ends = operand.iter_mut().chain(else_result).map(|e| &mut **e);
                self.all_open(arms.chain(ends), scope)
            }
            Expr::Cast { kind, expr, data_type, array, format } => {
                absent(*array || format.is_some() || *kind == CastKind::SafeCast, "this cast", span)?;
                absent(!is_castable(data_type), "a cast to this type", span)?;
                self.mixed(expr, scope, used)
            }
            Expr::Function(function) => self.function(function, scope, used),
            other => self.special(other, scope, span),
        }
    }

    /// Functions with a syntax of their own, and constants.
    fn special(&mut self, expr: &mut Expr, scope: &Scope<'_>, span: Span) -> Result<Found, SqlRefusal> {
        match expr {
            Expr::Extract { expr, .. }
            | Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(_) }
            | Expr::Floor { expr, field: CeilFloorKind::DateTimeField(_) } => self.all_open([&mut **expr], scope),
            Expr::Position { expr, r#in } => self.all_open([&mut **expr, &mut **r#in], scope),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let bounds = substring_from.iter_mut().chain(substring_for).map(|e| &mut **e);
                self.all_open(std::iter::once(&mut **expr).chain(bounds), scope)
            }
            Expr::Trim { trim_what, expr, trim_characters: None, .. } => {
                let what = trim_what.iter_mut().map(|e| &mut **e);
                self.all_open(std::iter::once(&mut **expr).chain(what), scope)
            }
            Expr::Interval(interval) => self.all_open([&mut *interval.value], scope),
            Expr::TypedString(TypedString { data_type: DataType::Date, value, uses_odbc_syntax: false }) => {
                constant(&value.value, span)
            }
            Expr::Value(value) => constant(&value.value, span),
            _ => Err(Why::NotAllowed { what: "this expression".to_owned() }.at(span)),
        }
    }

    fn column(&mut self, table: Option<&Ident>, ident: &Ident, scope: &Scope<'_>) -> Result<Found, SqlRefusal> {
        let quotes = std::iter::once(ident).chain(table).all(|i| matches!(i.quote_style, None | Some('"')));
        absent(!quotes, "a name in these quotes", ident.span)?;
        let (table, name) = (table.map(folded), folded(ident));
        let (found, depth) = scope.find(table.as_deref(), &name);
        if found.is_empty() {
            let shown = table.map_or_else(|| name.clone(), |t| format!("{t}.{name}"));
            return Err(self.unknown_column(&shown, scope, ident.span));
        }
        self.reach = self.reach.min(depth);
        self.touched.extend(found.iter().filter_map(|c| c.source.clone()));
        Ok(found.into_iter().find_map(|c| c.identifier.clone()))
    }

    pub(super) fn unknown_column(&self, name: &str, scope: &Scope<'_>, span: Span) -> SqlRefusal {
        let last = name.rsplit('.').next().unwrap_or(name);
        let mut names = scope.names();
        if names.is_empty() {
            names = self.catalog.entity().fields.iter().map(|f| f.name.as_str()).collect();
        }
        names.sort_unstable();
        names.dedup();
        let nearest = crate::catalog::nearest(last, names).into_iter().map(str::to_owned).collect();
        Why::UnknownColumn { name: name.to_owned(), nearest }.at(span)
    }

    fn binary(
        &mut self,
        left: &mut Expr,
        op: &BinaryOperator,
        right: &mut Expr,
        scope: &Scope<'_>,
        used: Use,
    ) -> Result<Found, SqlRefusal> {
        use BinaryOperator::{
            And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Modulo, Multiply, NotEq, Or, Plus, StringConcat,
        };
        match op {
            Eq | NotEq => self.same(left, right, scope),
            Plus | Multiply | Modulo => {
                let left = self.mixed(left, scope, used)?;
                Ok(self.mixed(right, scope, used)?.or(left))
            }
            And | Or | Gt | GtEq | Lt | LtEq | Minus | Divide | StringConcat => self.all_open([left, right], scope),
            _ => Err(Why::NotAllowed { what: format!("the operator {op}") }.at(left.span())),
        }
    }

    /// Two values compared for being the same: both identifiers, or neither.
    fn same(&mut self, left: &mut Expr, right: &mut Expr, scope: &Scope<'_>) -> Result<Found, SqlRefusal> {
        let found = (self.expr(left, scope, Use::Key)?, self.expr(right, scope, Use::Key)?);
        match found {
            (Some(_), Some(_)) | (None, None) => Ok(None),
            (Some(column), None) => Err(Why::Identifier { column }.at(left.span())),
            (None, Some(column)) => Err(Why::Identifier { column }.at(right.span())),
        }
    }

    /// Part of a mixture, which may have identifiers in an ORDER BY.
    pub(super) fn mixed(&mut self, expr: &mut Expr, scope: &Scope<'_>, used: Use) -> Result<Found, SqlRefusal> {
        if used == Use::Order {
            return self.expr(expr, scope, Use::Order);
        }
        self.open(expr, scope).map(|()| None)
    }

    fn member(&mut self, expr: &mut Expr, subquery: &mut Query, scope: &Scope<'_>) -> Result<Found, SqlRefusal> {
        let left = self.expr(expr, scope, Use::Key)?;
        let place = if witness::key_of(expr, scope).is_some() { Place::Keys } else { Place::Value };
        let right = self.scalar(subquery, scope, place)?;
        match (left, right) {
            (Some(_), Some(_)) | (None, None) => Ok(None),
            (Some(column), None) | (None, Some(column)) => Err(Why::Identifier { column }.at(expr.span())),
        }
    }

    /// A sub-query of one column.
    fn scalar(&mut self, subquery: &mut Query, scope: &Scope<'_>, place: Place) -> Result<Found, SqlRefusal> {
        let span = subquery.span();
        let Shape { columns, .. } = self.query(subquery, Some(scope), place)?;
        match columns.as_slice() {
            [column] => Ok(column.identifier.clone()),
            _ => Err(Why::NotAllowed { what: "a sub-query of several columns".to_owned() }.at(span)),
        }
    }
}

fn constant(value: &Value, span: Span) -> Result<Found, SqlRefusal> {
    match value {
        Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null => Ok(None),
        _ => Err(Why::NotAllowed { what: "this form of constant".to_owned() }.at(span)),
    }
}

/// Types that a cast may ask for.
fn is_castable(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::TinyInt(None)
            | DataType::SmallInt(None)
            | DataType::Int(None)
            | DataType::Integer(None)
            | DataType::BigInt(None)
            | DataType::Real
            | DataType::Float(_)
            | DataType::Double(_)
            | DataType::DoublePrecision
            | DataType::Decimal(_)
            | DataType::Numeric(_)
            | DataType::Boolean
            | DataType::Date
            | DataType::Text
            | DataType::Varchar(_)
            | DataType::String(None)
    )
}
