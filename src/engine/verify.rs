//! Random questions to the index and to SQL: whether they give the same rows. Constants are values of the data, so that
//! they lie on its bounds.

use super::index::Dice;
use super::{Cell, Engine, EngineError, Rows};
use crate::catalog::{Catalog, Dataset, Field, FieldType, Sensitivity};
use crate::segment::{Amount, End, Expr, Func, Literal, Metric, Test, text};
use crate::sql::{self, CheckedSql};

/// Shares that ranks are asked at.
const SHARES: [f64; 6] = [0.001, 0.05, 0.1, 0.25, 0.5, 1.0];

/// Largest difference of two sums of the same numbers, as a part of them: they are added in other orders.
const ROUNDING: f64 = 1e-9;

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many questions were compared.
    pub compared: u64,
    /// How many the index does not hold.
    pub uncovered: u64,
    /// Those with other rows, as segment and SQL.
    pub different: Vec<String>,
}

impl Engine {
    /// Puts `questions` random ones to the index and to SQL. The same seed asks the same of the same data.
    ///
    /// # Errors
    /// A failure of the engine.
    pub async fn verify_index(
        &self,
        catalog: &Catalog,
        (questions, seed): (u64, u64),
        report: &(dyn Fn(u64) + Sync),
    ) -> Result<Verified, EngineError> {
        let mut dice = Dice(seed);
        let mut verified = Verified::default();
        for asked in 0..questions {
            let Some((segment, statement)) = self.question(catalog, &mut dice) else { continue };
            match self.by_index(&statement).await? {
                None => verified.uncovered += 1,
                Some(found) => {
                    verified.compared += 1;
                    let expected = self.by_sql(&statement).await?;
                    if !alike(&found, &expected) {
                        verified.different.push(format!("{}\n{}", text::print(&segment), statement.text()));
                    }
                }
            }
            report(asked + 1);
        }
        Ok(verified)
    }

    fn question(&self, catalog: &Catalog, dice: &mut Dice) -> Option<(Expr, CheckedSql)> {
        let asker = Asker { engine: self, catalog };
        let segment = asker.segment(dice, 3)?;
        let entity = catalog.entity();
        let statement = match dice.below(4) {
            0 => {
                let field = one(dice, &numbers(entity))?.name.clone();
                sql::metric(&segment, &Metric::Of { func: Func::Avg, field }, catalog)
            }
            1 => {
                let by = vec![one(dice, &open(entity))?.name.clone()];
                sql::breakdown(&segment, &by, None, None, catalog)
            }
            2 if catalog.datasets.len() > 1 => {
                let many = *one(dice, &catalog.datasets[1..].iter().collect::<Vec<_>>())?;
                let by = vec![format!("{}.{}", many.name, one(dice, &open(many))?.name)];
                sql::breakdown(&segment, &by, None, None, catalog)
            }
            _ => sql::count(&segment, catalog),
        };
        Some((segment, statement.ok()?))
    }
}

struct Asker<'a> {
    engine: &'a Engine,
    catalog: &'a Catalog,
}

impl Asker<'_> {
    fn segment(&self, dice: &mut Dice, depth: u32) -> Option<Expr> {
        if depth > 0 && dice.below(3) > 0 {
            let parts = (0..=dice.below(3)).map(|_| self.segment(dice, depth - 1)).collect::<Option<Vec<_>>>()?;
            return Some(match dice.below(4) {
                0 => Expr::Or(parts),
                1 => Expr::Not(Box::new(Expr::And(parts))),
                _ => Expr::And(parts),
            });
        }
        let entity = self.catalog.entity();
        match dice.below(8) {
            0..=3 => self.compare(dice, entity),
            4 | 5 => {
                let many = self.many(dice)?;
                Some(Expr::exists(&many.name, self.rows(dice, many)?))
            }
            6 => self.total(dice),
            _ => {
                let field = one(dice, &numbers(entity))?.name.clone();
                let amount = match dice.below(2) {
                    0 => Amount::Share(*one(dice, &SHARES)?),
                    _ => Amount::Number(1 + dice.below(5000)),
                };
                let end = if dice.below(2) == 0 { End::Top } else { End::Bottom };
                let within = Box::new(self.compare(dice, entity)?);
                Some(Expr::Rank { field, end, amount, within })
            }
        }
    }

    fn many(&self, dice: &mut Dice) -> Option<&Dataset> {
        one(dice, &self.catalog.datasets.iter().skip(1).collect::<Vec<_>>()).copied()
    }

    fn rows(&self, dice: &mut Dice, many: &Dataset) -> Option<Expr> {
        let parts: Option<Vec<Expr>> = (0..dice.below(3)).map(|_| self.compare(dice, many)).collect();
        Some(Expr::all_of(parts?))
    }

    fn total(&self, dice: &mut Dice) -> Option<Expr> {
        let many = self.many(dice)?;
        let numbers = numbers(many);
        let (func, field, value) = match one(dice, &numbers) {
            Some(field) if dice.below(3) > 0 => {
                let func = *one(dice, &[Func::Sum, Func::Avg, Func::Min, Func::Max])?;
                (func, Some(field.name.clone()), self.constant(dice, many, field)?)
            }
            _ => (Func::Count, None, Literal::Int(i64::try_from(dice.below(12)).ok()?)),
        };
        let test = if dice.below(2) == 0 { Test::Ge(value) } else { Test::Lt(value) };
        let rows = Box::new(self.rows(dice, many)?);
        Some(Expr::Total { dataset: many.name.clone(), func, field, rows, test })
    }

    fn compare(&self, dice: &mut Dice, of: &Dataset) -> Option<Expr> {
        let fields = open(of);
        let field = *one(dice, &fields)?;
        let test = match field.kind {
            FieldType::Bool => Test::True,
            _ if dice.below(20) == 0 => Test::Missing,
            kind => {
                let mut value = || self.constant(dice, of, field);
                let (a, b) = (value()?, value()?);
                match (dice.below(7), kind) {
                    (0, _) => Test::Eq(a),
                    (1, _) => Test::In(vec![a, b]),
                    (2, _) | (_, FieldType::String) => Test::Ne(a),
                    (3, _) => Test::Lt(a),
                    (4, _) => Test::Ge(a),
                    (5, _) => Test::Gt(a),
                    _ => Test::Between(a, b),
                }
            }
        };
        Some(Expr::Compare { field: field.name.clone(), test })
    }

    fn constant(&self, dice: &mut Dice, of: &Dataset, field: &Field) -> Option<Literal> {
        self.engine.index_value(&of.name, &field.name, dice)
    }
}

fn open(of: &Dataset) -> Vec<&Field> {
    let key = of.joins_on.as_deref();
    of.fields.iter().filter(|f| f.sensitivity == Sensitivity::Open && key != Some(f.name.as_str())).collect()
}

fn numbers(of: &Dataset) -> Vec<&Field> {
    open(of).into_iter().filter(|f| f.kind.is_number()).collect()
}

fn one<'t, T>(dice: &mut Dice, of: &'t [T]) -> Option<&'t T> {
    usize::try_from(dice.below(of.len() as u64)).ok().and_then(|at| of.get(at))
}

/// The same rows, but for the last digits of sums.
fn alike(a: &Rows, b: &Rows) -> bool {
    let cell = |(a, b): (&Cell, &Cell)| match (a, b) {
        (Cell::Float(a), Cell::Float(b)) => (a - b).abs() <= ROUNDING * a.abs().max(1.0),
        (a, b) => a == b,
    };
    let row = |(a, b): (&Vec<Cell>, &Vec<Cell>)| a.len() == b.len() && a.iter().zip(b).all(cell);
    a.columns == b.columns && a.rows.len() == b.rows.len() && a.rows.iter().zip(&b.rows).all(row)
}
