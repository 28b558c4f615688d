//! SQL whose shape is that of a segment: a count, or a grouped count, of the entity's table under conditions that a
//! segment can say. What it asks is put beside the checked statement, so that an engine can answer it as it answers a
//! segment. Anything that is not certain to mean the same is left to be run.
//!
//! SQL's conditions are true, false or unknown, a segment's hold or do not: an expression is read twice, as what holds
//! where it is true and as what holds where it is false.

use sqlparser::ast::{
    BinaryOperator, DataType, DuplicateTreatment, Expr as Sql, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, ObjectName, ObjectNamePart, OrderByExpr, OrderByKind, Query, Select, SelectItem,
    SetExpr, TableFactor, UnaryOperator, Value,
};

use super::limit;
use super::scope::folded;
use crate::catalog::{Catalog, Dataset, Field, FieldType};
use crate::segment::{DateSpec, Expr, Literal, Test};
use crate::sql::shape::{Form, FormColumn, FormOrder, GroupKey, Groups};
use crate::sql::{Asks, is_identifier};

/// Deepest nesting of a condition that is read.
const MAX_DEPTH: usize = 40;

/// What a statement asks, and in which form its rows are to come.
pub(super) struct Recognised {
    pub segment: Expr,
    pub asks: Asks,
    pub form: Form,
}

/// What the raw statement asks; none where it is not certain. `least` is the smallest group that is shown, `most` the
/// most rows where the statement has no limit of its own.
pub(super) fn shape(query: &Query, catalog: &Catalog, (least, most): (u64, u64)) -> Option<Recognised> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let only =
        query.with.is_none() && query.fetch.is_none() && query.locks.is_empty() && query.pipe_operators.is_empty();
    if !only || !is_plain(select) {
        return None;
    }
    let name = sole_table(select)?;
    let place = Place { dataset: catalog.entity(), name: name.1, catalog, around: None };
    if name.0 != catalog.entity().name {
        return None;
    }
    let keys = grouped_by(select, &place)?;
    let (columns, items) = columns(select, &place, &keys)?;
    let segment = match &select.selection {
        Some(condition) => place.is(condition, true, 0)?,
        None => Expr::All,
    };
    let asks = if keys.is_empty() {
        Asks::Count
    } else {
        let keys = keys.iter().map(|field| GroupKey::Field(field.clone())).collect();
        Asks::Groups(Groups { keys, rows: None, metric: None })
    };
    let order = match &query.order_by {
        None => Vec::new(),
        Some(order) if order.interpolate.is_some() => return None,
        Some(order) => match &order.kind {
            OrderByKind::Expressions(list) => {
                list.iter().map(|one| ordered(one, &columns, &items)).collect::<Option<_>>()?
            }
            OrderByKind::All(_) => return None,
        },
    };
    let rows = match &query.limit_clause {
        None => most,
        Some(sqlparser::ast::LimitClause::LimitOffset { limit, offset: None, limit_by }) if limit_by.is_empty() => {
            limit.as_ref().map_or(Some(most), limit::number)?
        }
        Some(_) => return None,
    };
    Some(Recognised { segment, asks, form: Form { columns, order, rows, least } })
}

fn is_plain(select: &Select) -> bool {
    select.distinct.is_none()
        && select.having.is_none()
        && select.top.is_none()
        && select.qualify.is_none()
        && select.named_window.is_empty()
        && select.into.is_none()
        && select.prewhere.is_none()
        && select.lateral_views.is_empty()
}

/// The one table of a SELECT, and the name that its columns go by.
fn sole_table(select: &Select) -> Option<(String, String)> {
    let [from] = select.from.as_slice() else { return None };
    let TableFactor::Table { name, alias, args: None, .. } = &from.relation else { return None };
    let table = single(name)?;
    let renamed = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
    let called = alias.as_ref().map_or_else(|| table.clone(), |alias| folded(&alias.name));
    (from.joins.is_empty() && !renamed).then_some((table, called))
}

fn single(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Some(folded(ident)),
        _ => None,
    }
}

/// The fields of GROUP BY.
fn grouped_by(select: &Select, place: &Place<'_>) -> Option<Vec<String>> {
    let GroupByExpr::Expressions(keys, modifiers) = &select.group_by else { return None };
    if !modifiers.is_empty() || keys.len() > 2 {
        return None;
    }
    let named = |name: &str| {
        select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if folded(alias) == name => Some(expr),
            _ => None,
        })
    };
    let field = |key: &Sql| {
        let meant = match (limit::number(key), key) {
            (Some(at), _) => match select.projection.get(usize::try_from(at).ok()?.checked_sub(1)?)? {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
                _ => return None,
            },
            // A column goes before a name that the SELECT gives.
            (None, Sql::Identifier(ident)) if place.field(key).is_none() => named(&folded(ident))?,
            (None, key) => key,
        };
        place.open_field(meant).map(|field| field.name.clone())
    };
    keys.iter().map(field).collect()
}

/// The columns of the output, and the expressions that they are.
fn columns<'q>(select: &'q Select, place: &Place<'_>, keys: &[String]) -> Option<(Vec<FormColumn>, Vec<&'q Sql>)> {
    let mut columns = Vec::new();
    let mut items = Vec::new();
    for item in &select.projection {
        let (expr, name) = match item {
            SelectItem::UnnamedExpr(expr) => (expr, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(folded(alias))),
            _ => return None,
        };
        let column = if place.is_count(expr) {
            // What the engine calls a count without a name.
            FormColumn { name: name.unwrap_or_else(|| "count(*)".to_owned()), key: None }
        } else {
            let field = place.open_field(expr)?;
            let key = keys.iter().position(|key| *key == field.name)?;
            FormColumn { name: name.unwrap_or_else(|| field.name.clone()), key: Some(key) }
        };
        columns.push(column);
        items.push(expr);
    }
    let counts = columns.iter().filter(|column| column.key.is_none()).count();
    let unnamed =
        select.projection.iter().any(|i| matches!(i, SelectItem::UnnamedExpr(e) if !is_star(e) && place.is_count(e)));
    let names: std::collections::BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    (counts == 1 && !unnamed && names.len() == columns.len()).then_some((columns, items))
}

fn is_star(expr: &Sql) -> bool {
    matches!(arguments(expr), Some((_, [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)])))
}

/// The arguments of a plain `count`.
fn arguments(expr: &Sql) -> Option<(Option<DuplicateTreatment>, &[FunctionArg])> {
    let Sql::Function(Function {
        name,
        args: FunctionArguments::List(list),
        filter: None,
        over: None,
        within_group,
        ..
    }) = expr
    else {
        return None;
    };
    let counts = single(name).is_some_and(|name| name.eq_ignore_ascii_case("count"));
    let plain = counts && within_group.is_empty() && list.clauses.is_empty();
    plain.then_some((list.duplicate_treatment, list.args.as_slice()))
}

/// What a column of ORDER BY means.
fn ordered(by: &OrderByExpr, columns: &[FormColumn], items: &[&Sql]) -> Option<FormOrder> {
    if by.with_fill.is_some() {
        return None;
    }
    let place = match (limit::number(&by.expr), &by.expr) {
        (Some(at), _) => usize::try_from(at).ok()?.checked_sub(1).filter(|at| *at < columns.len())?,
        (None, Sql::Identifier(ident)) => {
            let name = folded(ident);
            columns.iter().position(|column| column.name == name)?
        }
        (None, expr) => items.iter().position(|item| *item == expr)?,
    };
    let descending = by.options.asc == Some(false);
    Some(FormOrder { column: place, descending, missing_first: by.options.nulls_first.unwrap_or(descending) })
}

/// A table whose columns a condition speaks of.
struct Place<'a> {
    dataset: &'a Dataset,
    /// The name that its columns go by.
    name: String,
    catalog: &'a Catalog,
    around: Option<&'a Place<'a>>,
}

impl Place<'_> {
    /// The field that an expression is.
    fn field(&self, expr: &Sql) -> Option<&Field> {
        match expr {
            Sql::Identifier(ident) => self.dataset.field(&folded(ident)),
            Sql::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, field] if folded(table) == self.name => self.dataset.field(&folded(field)),
                _ => None,
            },
            Sql::Nested(inner) => self.field(inner),
            _ => None,
        }
    }

    /// The same, where it may be listed and compared.
    fn open_field(&self, expr: &Sql) -> Option<&Field> {
        self.field(expr).filter(|field| !is_identifier(self.dataset, &field.name))
    }

    /// Whether an expression is the key of the entity that a row is about.
    fn is_key(&self, expr: &Sql) -> bool {
        let key = self.dataset.joins_on.as_deref().unwrap_or_else(|| self.catalog.key());
        self.field(expr).is_some_and(|field| field.name == key)
    }

    /// `count(*)`, or `count(DISTINCT key)` of the entity's own table.
    fn is_count(&self, expr: &Sql) -> bool {
        match arguments(expr) {
            Some((None, [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)])) => true,
            Some((Some(DuplicateTreatment::Distinct), [FunctionArg::Unnamed(FunctionArgExpr::Expr(key))])) => {
                self.is_key(key)
            }
            _ => false,
        }
    }

    /// What holds where `expr` is true, or where it is false.
    fn is(&self, expr: &Sql, truth: bool, depth: usize) -> Option<Expr> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let deeper = |expr: &Sql, truth| self.is(expr, truth, depth + 1);
        match expr {
            Sql::Nested(inner) => deeper(inner, truth),
            Sql::UnaryOp { op: UnaryOperator::Not, expr } => deeper(expr, !truth),
            Sql::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                let parts = vec![deeper(left, truth)?, deeper(right, truth)?];
                Some(if (*op == BinaryOperator::And) == truth { Expr::And(parts) } else { Expr::Or(parts) })
            }
            Sql::BinaryOp { left, op, right } => self.compared(left, op, right, truth),
            Sql::IsTrue(inner) => deeper(inner, true).map(|held| turned(held, truth)),
            Sql::IsNotTrue(inner) => deeper(inner, true).map(|held| turned(held, !truth)),
            Sql::IsFalse(inner) => deeper(inner, false).map(|held| turned(held, truth)),
            Sql::IsNotFalse(inner) => deeper(inner, false).map(|held| turned(held, !truth)),
            Sql::IsNull(inner) => Some(turned(missing(self.open_field(inner)?), truth)),
            Sql::IsNotNull(inner) => Some(turned(missing(self.open_field(inner)?), !truth)),
            Sql::InList { expr, list, negated } => {
                let field = self.open_field(expr)?;
                let values = list.iter().map(|one| literal(one, field)).collect::<Option<Vec<_>>>()?;
                Some(known(field, Test::In(values), truth != *negated))
            }
            Sql::Between { expr, negated, low, high } => {
                let field = self.open_field(expr)?;
                let test = Test::Between(literal(low, field)?, literal(high, field)?);
                Some(known(field, test, truth != *negated))
            }
            Sql::Exists { subquery, negated } => self.rows(subquery, None).map(|held| turned(held, truth != *negated)),
            Sql::InSubquery { expr, subquery, negated: false } if truth && self.is_key(expr) => {
                self.rows(subquery, Some(()))
            }
            flag => {
                let field = self.open_field(flag).filter(|field| field.kind == FieldType::Bool)?;
                Some(known(field, Test::True, truth))
            }
        }
    }

    fn compared(&self, left: &Sql, op: &BinaryOperator, right: &Sql, truth: bool) -> Option<Expr> {
        let (field, op, constant) = match self.open_field(left) {
            Some(field) => (field, op.clone(), right),
            None => (self.open_field(right)?, mirrored(op)?, left),
        };
        if field.kind == FieldType::Bool {
            return None;
        }
        let value = literal(constant, field)?;
        let (test, held) = match op {
            BinaryOperator::Eq => (Test::Eq(value), true),
            BinaryOperator::NotEq => (Test::Eq(value), false),
            BinaryOperator::Lt => (Test::Lt(value), true),
            BinaryOperator::LtEq => (Test::Le(value), true),
            BinaryOperator::Gt => (Test::Gt(value), true),
            BinaryOperator::GtEq => (Test::Ge(value), true),
            _ => return None,
        };
        Some(known(field, test, truth == held))
    }

    /// That a row of a many-table exists which belongs to the entity: tied to it by a condition, or, with `keys`, by
    /// the key that the query lists.
    fn rows(&self, query: &Query, keys: Option<()>) -> Option<Expr> {
        let SetExpr::Select(select) = query.body.as_ref() else { return None };
        let only = query.with.is_none()
            && query.fetch.is_none()
            && query.limit_clause.is_none()
            && query.order_by.is_none()
            && query.locks.is_empty()
            && query.pipe_operators.is_empty();
        let ungrouped =
            matches!(&select.group_by, GroupByExpr::Expressions(keys, more) if keys.is_empty() && more.is_empty());
        if !only || !is_plain(select) || !ungrouped || self.around.is_some() {
            return None;
        }
        let (table, name) = sole_table(select)?;
        let dataset = self.catalog.dataset(&table).filter(|dataset| dataset.joins_on.is_some())?;
        let many = Place { dataset, name, catalog: self.catalog, around: Some(self) };
        let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
            select.projection.as_slice()
        else {
            return None;
        };
        let listed = match keys {
            Some(()) => many.is_key(item),
            None => limit::number(item).is_some(),
        };
        if !listed {
            return None;
        }
        let mut conjuncts = Vec::new();
        if let Some(condition) = &select.selection {
            split(condition, &mut conjuncts);
        }
        let (ties, rest): (Vec<&Sql>, Vec<&Sql>) = conjuncts.into_iter().partition(|part| many.ties(part));
        if ties.len() != usize::from(keys.is_none()) {
            return None;
        }
        let rows = rest.into_iter().map(|part| many.is(part, true, 0)).collect::<Option<Vec<_>>>()?;
        Some(Expr::exists(&dataset.name, Expr::all_of(rows)))
    }

    /// Whether a condition says that a row belongs to the entity around.
    fn ties(&self, condition: &Sql) -> bool {
        let Sql::BinaryOp { left, op: BinaryOperator::Eq, right } = condition else { return false };
        let Some(around) = self.around else { return false };
        // A name without its table is the inner table's, where that has it.
        let outer =
            |expr: &Sql| matches!(expr, Sql::CompoundIdentifier(_)) && around.name != self.name && around.is_key(expr);
        (self.is_key(left) && outer(right)) || (outer(left) && self.is_key(right))
    }
}

fn split<'q>(condition: &'q Sql, out: &mut Vec<&'q Sql>) {
    match condition {
        Sql::BinaryOp { left, op: BinaryOperator::And, right } => {
            split(left, out);
            split(right, out);
        }
        Sql::Nested(inner) => split(inner, out),
        other => out.push(other),
    }
}

fn mirrored(op: &BinaryOperator) -> Option<BinaryOperator> {
    Some(match op {
        BinaryOperator::Eq => BinaryOperator::Eq,
        BinaryOperator::NotEq => BinaryOperator::NotEq,
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        _ => return None,
    })
}

fn compare(field: &Field, test: Test) -> Expr {
    Expr::Compare { field: field.name.clone(), test }
}

fn missing(field: &Field) -> Expr {
    compare(field, Test::Missing)
}

fn turned(held: Expr, truth: bool) -> Expr {
    if truth { held } else { held.negated() }
}

/// A test that is true, or that is false: then the value is known.
fn known(field: &Field, test: Test, truth: bool) -> Expr {
    let held = compare(field, test);
    if truth { held } else { Expr::And(vec![held.negated(), missing(field).negated()]) }
}

/// A constant that a field can be compared with as a segment does it.
fn literal(expr: &Sql, field: &Field) -> Option<Literal> {
    match expr {
        Sql::Nested(inner) => literal(inner, field),
        Sql::Value(value) => match &value.value {
            Value::Number(digits, false) if field.kind.is_number() => number(digits),
            Value::SingleQuotedString(text) if field.kind == FieldType::String => {
                Some(Literal::Text(text.replace("''", "'")))
            }
            _ => None,
        },
        Sql::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr, field)? {
            Literal::Int(whole) => whole.checked_neg().map(Literal::Int),
            // The engine tells −0.0 from 0.0, a segment does not.
            Literal::Float(number) if number != 0.0 => Some(Literal::Float(-number)),
            _ => None,
        },
        Sql::TypedString(typed) if typed.data_type == DataType::Date && field.kind == FieldType::Date => {
            let Value::SingleQuotedString(text) = &typed.value.value else { return None };
            let day: chrono::NaiveDate =
                text.parse().ok().filter(|day: &chrono::NaiveDate| day.to_string() == *text)?;
            Some(Literal::Date(DateSpec::On(day)))
        }
        _ => None,
    }
}

fn number(digits: &str) -> Option<Literal> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse().ok().map(Literal::Int);
    }
    digits.parse().ok().filter(|number: &f64| number.is_finite()).map(Literal::Float)
}
