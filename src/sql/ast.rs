//! Small builders of sqlparser nodes. Everything that the compiler says is made of these; no text is ever
//! pasted together.

use chrono::NaiveDate;
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, LimitClause,
    ObjectName, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select, SelectFlavor, SelectItem, SetExpr,
    TableAlias, TableFactor, TableWithJoins, TypedString, UnaryOperator, Value,
};

pub(super) use super::names::ident;

/// How many operands stand in a row before they are grouped: `a AND b AND c` is a tree as deep as it is
/// long.
const CHAIN: usize = 16;

/// `alias.name`.
pub(super) fn column(alias: &str, name: &str) -> Expr {
    Expr::CompoundIdentifier(vec![ident(alias), ident(name)])
}

fn value(value: Value) -> Expr {
    Expr::Value(value.into())
}

/// Text as a constant. sqlparser prints a single-quoted string as it is once every quote in it is doubled,
/// and only then: a lone quote after a backslash would end the literal.
pub(super) fn text(content: &str) -> Expr {
    value(Value::SingleQuotedString(content.replace('\'', "''")))
}

/// A whole number.
pub(super) fn int(number: i64) -> Expr {
    let digits = value(Value::Number(number.unsigned_abs().to_string(), false));
    match number {
        // No dialect reads the smallest number as a negated positive one.
        i64::MIN => binary(int(-i64::MAX), BinaryOperator::Minus, int(1)).nested(),
        _ if number < 0 => negative(digits),
        _ => digits,
    }
}

/// A number with a fraction.
pub(super) fn float(number: f64) -> Expr {
    let digits = value(Value::Number(format!("{:?}", number.abs()), false));
    if number < 0.0 { negative(digits) } else { digits }
}

fn negative(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(expr) }
}

/// `DATE '2024-04-22'`, within the years that every dialect has.
pub(super) fn date(day: NaiveDate) -> Expr {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX);
    Expr::TypedString(TypedString {
        data_type: DataType::Date,
        value: Value::SingleQuotedString(day.clamp(first, last).format("%Y-%m-%d").to_string()).into(),
        uses_odbc_syntax: false,
    })
}

/// `true` or `false`.
pub(super) fn boolean(truth: bool) -> Expr {
    value(Value::Boolean(truth))
}

/// `left op right`; the operands must bind tighter.
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// `left = right`.
pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    binary(left, BinaryOperator::Eq, right)
}

/// Operands joined by AND or OR, in groups where there are many. None for no operands.
pub(super) fn chain(op: &BinaryOperator, parts: Vec<Expr>) -> Option<Expr> {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        flatten(op, part, &mut flat);
    }
    while flat.len() > CHAIN {
        flat = flat.chunks(CHAIN).filter_map(|c| row(op, c.to_vec())).map(parenthesised).collect();
    }
    row(op, flat)
}

/// The operands of a chain of the same operator, one by one.
fn flatten(op: &BinaryOperator, part: Expr, out: &mut Vec<Expr>) {
    match part {
        Expr::BinaryOp { left, op: inner, right } if inner == *op => {
            flatten(op, *left, out);
            flatten(op, *right, out);
        }
        other => out.push(other),
    }
}

fn row(op: &BinaryOperator, parts: Vec<Expr>) -> Option<Expr> {
    parts.into_iter().map(|p| p.within(op)).reduce(|left, right| binary(left, op.clone(), right))
}

/// In parentheses, but for what stands alone anyway.
fn parenthesised(expr: Expr) -> Expr {
    if matches!(expr, Expr::BinaryOp { .. }) { expr.nested() } else { expr }
}

/// Parentheses.
pub(super) trait ExprExt {
    /// In parentheses.
    fn nested(self) -> Expr;
    /// In parentheses where it would bind looser than `op`.
    fn within(self, op: &BinaryOperator) -> Expr;
}

impl ExprExt for Expr {
    fn nested(self) -> Expr {
        Expr::Nested(Box::new(self))
    }

    fn within(self, op: &BinaryOperator) -> Expr {
        match &self {
            Expr::BinaryOp { op: inner, .. } if *op == BinaryOperator::And && *inner == BinaryOperator::Or => {
                self.nested()
            }
            Expr::BinaryOp { op: inner, .. } if *op == BinaryOperator::Or && *inner == BinaryOperator::And => {
                self.nested()
            }
            _ => self,
        }
    }
}

/// `name(args)`.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Function(function(name, args.into_iter().map(FunctionArgExpr::Expr).collect(), None))
}

/// `count(*)`.
pub(super) fn count_rows() -> Expr {
    Expr::Function(function("count", vec![FunctionArgExpr::Wildcard], None))
}

/// `count(DISTINCT arg)`.
pub(super) fn count_distinct(arg: Expr) -> Expr {
    let args = vec![FunctionArgExpr::Expr(arg)];
    Expr::Function(function("count", args, Some(DuplicateTreatment::Distinct)))
}

/// `percentile_cont(share) WITHIN GROUP (ORDER BY arg)`.
pub(super) fn percentile(share: f64, arg: Expr) -> Expr {
    let args = vec![FunctionArgExpr::Expr(float(share))];
    let within_group = vec![ordered(arg, None)];
    Expr::Function(Function { within_group, ..function("percentile_cont", args, None) })
}

fn function(name: &str, args: Vec<FunctionArgExpr>, duplicate_treatment: Option<DuplicateTreatment>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment,
            args: args.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// `CAST(expr AS BIGINT)`.
pub(super) fn bigint(expr: Expr) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: DataType::BigInt(None),
        array: false,
        format: None,
    }
}

/// `CASE WHEN … THEN … ELSE … END`.
pub(super) fn case(arms: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: arms.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: otherwise.map(Box::new),
    }
}

/// One column of an ORDER BY.
pub(super) fn ordered(expr: Expr, asc: Option<bool>) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc, nulls_first: None }, with_fill: None }
}

/// A column of an ORDER BY with the missing at the end.
pub(super) fn ordered_nulls_last(expr: Expr) -> OrderByExpr {
    OrderByExpr { expr, options: OrderByOptions { asc: Some(true), nulls_first: Some(false) }, with_fill: None }
}

/// `table AS alias`.
pub(super) fn table(name: &str, alias: &str) -> TableFactor {
    TableFactor::Table {
        name: ObjectName::from(vec![ident(name)]),
        alias: Some(alias_of(alias)),
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    }
}

/// `(query) AS alias`.
pub(super) fn derived(query: Query, alias: TableAlias) -> TableFactor {
    TableFactor::Derived { lateral: false, subquery: Box::new(query), alias: Some(alias), sample: None }
}

/// `AS name`.
pub(super) fn alias_of(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: ident(name), columns: Vec::new(), at: None }
}

/// `expr AS alias`.
pub(super) fn named(expr: Expr, alias: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: ident(alias) }
}

/// A SELECT in the making.
#[derive(Default)]
pub(super) struct Build {
    /// What is selected.
    pub items: Vec<SelectItem>,
    /// The table it starts from.
    pub from: Option<TableFactor>,
    /// What is joined to it.
    pub joins: Vec<Join>,
    /// WHERE, joined by AND.
    pub filters: Vec<Expr>,
    /// GROUP BY.
    pub group_by: Vec<Expr>,
    /// HAVING.
    pub having: Option<Expr>,
    /// ORDER BY.
    pub order_by: Vec<OrderByExpr>,
    /// LIMIT.
    pub limit: Option<u64>,
    /// SELECT DISTINCT.
    pub distinct: bool,
}

impl Build {
    /// Joins `relation` where `on` holds.
    pub(super) fn join(&mut self, relation: TableFactor, on: Expr) {
        let join_operator = JoinOperator::Join(JoinConstraint::On(on));
        self.joins.push(Join { relation, global: false, join_operator });
    }

    /// Joins `relation` where `on` holds, and keeps rows that find none.
    pub(super) fn left_join(&mut self, relation: TableFactor, on: Expr) {
        let join_operator = JoinOperator::Left(JoinConstraint::On(on));
        self.joins.push(Join { relation, global: false, join_operator });
    }

    /// Groups by the first `keys` columns.
    pub(super) fn group_by_first(&mut self, keys: usize) {
        self.group_by = (1..=keys).map(|n| value(Value::Number(n.to_string(), false))).collect();
    }

    /// The finished query.
    pub(super) fn query(self) -> Query {
        let from = self.from.map(|relation| TableWithJoins { relation, joins: self.joins });
        let select = Select {
            select_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            distinct: self.distinct.then_some(sqlparser::ast::Distinct::Distinct),
            select_modifiers: None,
            top: None,
            top_before_distinct: false,
            projection: self.items,
            exclude: None,
            into: None,
            from: from.into_iter().collect(),
            lateral_views: Vec::new(),
            prewhere: None,
            selection: chain(&BinaryOperator::And, self.filters),
            connect_by: Vec::new(),
            group_by: GroupByExpr::Expressions(self.group_by, Vec::new()),
            cluster_by: Vec::new(),
            distribute_by: Vec::new(),
            sort_by: Vec::new(),
            having: self.having,
            named_window: Vec::new(),
            qualify: None,
            window_before_qualify: false,
            value_table_mode: None,
            flavor: SelectFlavor::Standard,
        };
        Query {
            with: None,
            body: Box::new(SetExpr::Select(Box::new(select))),
            order_by: order(self.order_by),
            limit_clause: self.limit.map(limit_to),
            fetch: None,
            locks: Vec::new(),
            for_clause: None,
            settings: None,
            format_clause: None,
            pipe_operators: Vec::new(),
        }
    }
}

fn order(columns: Vec<OrderByExpr>) -> Option<OrderBy> {
    (!columns.is_empty()).then_some(OrderBy { kind: OrderByKind::Expressions(columns), interpolate: None })
}

/// `LIMIT rows`.
pub(super) fn limit_to(rows: u64) -> LimitClause {
    let limit = Some(value(Value::Number(rows.to_string(), false)));
    LimitClause::LimitOffset { limit, offset: None, limit_by: Vec::new() }
}
