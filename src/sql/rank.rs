//! Ranks and samples: conditions whose bound is found in a sub-query over the population.

use sqlparser::ast::{BinaryOperator, Expr as Sql, OrderByExpr, Query, SelectItem};

use super::ast::{self, ExprExt};
use super::compile::{Compiler, Place, Pred};
use super::error::SqlError;
use crate::catalog::FieldType;
use crate::segment::{Amount, End, Expr};

/// Shares are rounded to this many parts, so that 1 − 0.9 reads 0.1.
const SHARE_PARTS: f64 = 1e9;

/// The prime that sampling counts modulo: 2³¹ − 1. A product of two residues fits 64 bits in every dialect.
const PRIME: i64 = 2_147_483_647;

/// How many of a text key's last characters take part in its sampling number.
const KEY_TAIL: i64 = 12;

/// The parts of [`Expr::Rank`].
pub(super) struct Rank<'e> {
    pub field: &'e str,
    pub end: End,
    pub amount: Amount,
    pub within: &'e Expr,
}

impl<'a> Compiler<'a> {
    pub(super) fn rank(&mut self, place: &Place<'a>, rank: &Rank<'_>, negated: bool) -> Result<Pred, SqlError> {
        if !place.field(rank.field)?.kind.is_number() {
            return Err(place.wrong_type(rank.field));
        }
        match rank.amount {
            Amount::Share(share) => self.rank_share(place, rank, share, negated),
            Amount::Number(number) => self.rank_number(place, rank, number, negated),
        }
    }

    /// At or beyond the percentile.
    fn rank_share(&mut self, place: &Place<'a>, rank: &Rank<'_>, share: f64, negated: bool) -> Result<Pred, SqlError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(SqlError::NotANumber);
        }
        let (mut build, other) = self.members(rank.within)?;
        let (share, op) = match rank.end {
            End::Top => (1.0 - share, BinaryOperator::GtEq),
            End::Bottom => (share, BinaryOperator::LtEq),
        };
        let share = rounded(share);
        build.items = vec![SelectItem::UnnamedExpr(ast::percentile(share, other.column(rank.field)))];
        let bound = Sql::Subquery(Box::new(build.query()));
        let held = ast::binary(place.column(rank.field), op, bound);
        Ok(Pred::Sql(if negated { Sql::IsNotTrue(Box::new(held.nested())) } else { held }))
    }

    /// Among the first so many.
    fn rank_number(
        &mut self,
        place: &Place<'a>,
        rank: &Rank<'_>,
        number: u64,
        negated: bool,
    ) -> Result<Pred, SqlError> {
        let (mut build, other) = self.members(rank.within)?;
        build.filters.push(Sql::IsNotNull(Box::new(other.column(rank.field))));
        let first = ast::ordered(other.column(rank.field), Some(rank.end == End::Bottom));
        build.order_by = vec![first, ast::ordered(other.column(self.catalog.key()), None)];
        build.limit = Some(capped(number));
        Ok(self.among(place, build, &other, negated))
    }

    pub(super) fn sample(
        &mut self,
        place: &Place<'a>,
        size: u64,
        seed: u64,
        within: &Expr,
        negated: bool,
    ) -> Result<Pred, SqlError> {
        let (mut build, other) = self.members(within)?;
        build.order_by = self.shuffled(&other, seed)?;
        build.limit = Some(capped(size));
        Ok(self.among(place, build, &other, negated))
    }

    /// The key is one of those that `build` finds.
    fn among(&self, place: &Place<'a>, mut build: ast::Build, other: &Place<'a>, negated: bool) -> Pred {
        let key = self.catalog.key();
        build.items = vec![SelectItem::UnnamedExpr(other.column(key))];
        Pred::Sql(is_among(place.column(key), build.query(), negated))
    }

    /// An order that looks random, is the same for the same seed, and that every dialect can compute: whole
    /// numbers modulo a prime, squared so that neighbours part. Ties fall in key order.
    fn shuffled(&self, place: &Place<'a>, seed: u64) -> Result<Vec<OrderByExpr>, SqlError> {
        let key = self.catalog.key();
        let number = match place.field(key)?.kind {
            FieldType::String => text_number(&place.column(key)),
            kind if kind.is_integer() => modulo(ast::bigint(place.column(key))),
            _ => return Err(place.wrong_type(key)),
        };
        let [factor, shift, twist] = constants(seed);
        let line = modulo(sum(product(number, ast::int(factor)), ast::int(shift)).nested()).nested();
        let other = modulo(sum(line.clone(), ast::int(twist)).nested()).nested();
        let mixed = modulo(product(line, other).nested());
        Ok(vec![ast::ordered(mixed, None), ast::ordered(place.column(key), None)])
    }
}

/// A share without what rounding has left in it.
pub(super) fn rounded(share: f64) -> f64 {
    (share * SHARE_PARTS).round() / SHARE_PARTS
}

/// The number that [`Compiler::shuffled`] orders by, of a key that is a whole number.
pub(super) fn place(key: i64, seed: u64) -> i64 {
    let [factor, shift, twist] = constants(seed);
    let line = (key % PRIME * factor + shift) % PRIME;
    line * ((line + twist) % PRIME) % PRIME
}

/// `key IN (query)`, or its opposite; keys are never missing in the entity's own table.
fn is_among(key: Sql, query: Query, negated: bool) -> Sql {
    Sql::InSubquery { expr: Box::new(key), subquery: Box::new(query), negated }
}

/// A LIMIT that every dialect reads.
fn capped(rows: u64) -> u64 {
    rows.min(i64::MAX.unsigned_abs())
}

fn modulo(expr: Sql) -> Sql {
    ast::binary(expr, BinaryOperator::Modulo, ast::int(PRIME))
}

fn product(left: Sql, right: Sql) -> Sql {
    ast::binary(left, BinaryOperator::Multiply, right)
}

fn sum(left: Sql, right: Sql) -> Sql {
    ast::binary(left, BinaryOperator::Plus, right)
}

/// A number for a text key, from its last characters.
fn text_number(key: &Sql) -> Sql {
    let code = |back: i64| ast::bigint(ast::call("ascii", vec![ast::call("right", vec![key.clone(), ast::int(back)])]));
    let digits = (2..=KEY_TAIL)
        .fold(code(1), |number, back| modulo(sum(product(number.nested(), ast::int(131)), code(back)).nested()));
    modulo(digits.nested())
}

/// Three numbers from 1 to the prime less 1, by splitmix64.
fn constants(seed: u64) -> [i64; 3] {
    let mut state = seed;
    [(); 3].map(|()| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        1 + i64::try_from(z % (PRIME.unsigned_abs() - 1)).unwrap_or(0)
    })
}
