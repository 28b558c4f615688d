//! The functions that are let through.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, OrderByExpr, Spanned,
    WindowFrameBound, WindowSpec, WindowType,
};
use sqlparser::tokenizer::Span;

use super::Checker;
use super::expr::{Found, Use};
use super::query::absent;
use super::scope::{Scope, folded, single};
use crate::sql::refusal::{SqlRefusal, Why};

/// Aggregates, window functions and scalars. None reads files, the clock or chance, and none makes
/// rows or lists.
const FUNCTIONS: &str = "\
    abs approx_distinct approx_median approx_percentile_cont ascii avg bool_and bool_or btrim ceil char_length \
    character_length coalesce concat corr count cume_dist date_part date_trunc datepart datetrunc dense_rank exp \
    first_value floor greatest lag last_value lead least left length ln log10 log2 lower lpad ltrim max mean median \
    min nth_value ntile nullif nvl percent_rank percentile_cont pow power rank replace reverse right round \
    row_number rpad rtrim signum split_part sqrt starts_with stddev stddev_pop stddev_samp strpos substr substring \
    sum trim trunc upper var var_pop var_samp";

/// Those that make one value of many rows.
const AGGREGATES: &str = "\
    approx_distinct approx_median approx_percentile_cont avg bool_and bool_or corr count first_value last_value max \
    mean median min nth_value percentile_cont stddev stddev_pop stddev_samp sum var var_pop var_samp";

/// Whether a function makes one value of many rows.
pub(super) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.split(' ').any(|known| known == name)
}

/// A call that a SELECT makes over its rows.
#[derive(Debug)]
pub(super) enum Call {
    Window(Span),
    Aggregate(Box<Function>),
}

/// Functions of a sample's order, whose argument may be an identifier there.
const MIXING: &[&str] = &["ascii", "right"];

impl Checker<'_> {
    pub(super) fn function(
        &mut self,
        function: &mut Function,
        scope: &Scope<'_>,
        used: Use,
    ) -> Result<Found, SqlRefusal> {
        let span = function.name.span();
        let name = listed(function)?;
        let Function { name: _, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
            function;
        absent(*uses_odbc_syntax || *parameters != FunctionArguments::None, "this form of call", span)?;
        absent(null_treatment.is_some(), "IGNORE NULLS", span)?;
        let FunctionArguments::List(list) = args else { return absent(true, "this form of call", span).map(|()| None) };
        let found = self.arguments(&name, list, scope, used, span)?;
        if let Some(filter) = filter {
            self.open(filter, scope)?;
        }
        self.order(within_group, scope)?;
        match over {
            None => {}
            Some(WindowType::WindowSpec(window)) => self.window(window, scope, span)?,
            Some(WindowType::NamedWindow(_)) => absent(true, "WINDOW", span)?,
        }
        if function.over.is_some() {
            self.calls.push(Call::Window(span));
        } else if is_aggregate(&name) {
            self.calls.push(Call::Aggregate(Box::new(function.clone())));
        }
        Ok(found)
    }

    fn arguments(
        &mut self,
        name: &str,
        list: &mut FunctionArgumentList,
        scope: &Scope<'_>,
        used: Use,
        span: Span,
    ) -> Result<Found, SqlRefusal> {
        absent(!list.clauses.is_empty(), "ORDER BY or LIMIT within a call", span)?;
        let counts = matches!(name, "count" | "approx_distinct");
        let mut found = None;
        for arg in &mut list.args {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) if counts => {
                    self.expr(arg, scope, Use::Key)?;
                }
                FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) if MIXING.contains(&name) => {
                    found = self.mixed(arg, scope, used)?.or(found);
                }
                FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) => self.open(arg, scope)?,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {}
                _ => absent(true, "this form of argument", span)?,
            }
        }
        Ok(found)
    }

    /// A window may be split by an identifier, but not ordered by one: a row's number would give it away.
    fn window(&mut self, window: &mut WindowSpec, scope: &Scope<'_>, span: Span) -> Result<(), SqlRefusal> {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        absent(window_name.is_some(), "WINDOW", span)?;
        for key in partition_by {
            self.expr(key, scope, Use::Key)?;
        }
        self.order(order_by, scope)?;
        let Some(frame) = window_frame else { return Ok(()) };
        for bound in std::iter::once(&mut frame.start_bound).chain(&mut frame.end_bound) {
            if let WindowFrameBound::Preceding(Some(rows)) | WindowFrameBound::Following(Some(rows)) = bound {
                absent(!matches!(**rows, Expr::Value(_)), "a frame of this kind", span)?;
            }
        }
        Ok(())
    }

    fn order(&mut self, columns: &mut [OrderByExpr], scope: &Scope<'_>) -> Result<(), SqlRefusal> {
        columns.iter_mut().try_for_each(|column| {
            absent(column.with_fill.is_some(), "WITH FILL", column.expr.span())?;
            self.open(&mut column.expr, scope)
        })
    }
}

/// The name of a function that is listed.
fn listed(function: &Function) -> Result<String, SqlRefusal> {
    let name = single(&function.name).filter(|ident| ident.quote_style.is_none()).map(folded);
    match name {
        Some(name) if FUNCTIONS.split(' ').any(|known| known == name) => Ok(name),
        _ => {
            let name = function.name.to_string();
            let nearest = crate::catalog::nearest(&name, FUNCTIONS.split(' '));
            let nearest = nearest.into_iter().map(str::to_owned).collect();
            Err(Why::UnknownFunction { name, nearest }.at(function.name.span()))
        }
    }
}
