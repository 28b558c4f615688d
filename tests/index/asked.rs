//! Parts of a segment that the index does not cover: DataFusion is asked for them alone, and the answer is the same.

use std::sync::{OnceLock, PoisonError};

use proptest::test_runner::{Config, TestRunner};
use waggle::catalog::Catalog;
use waggle::engine::{BY_SQL, Cell, Explained, Leaf, Rows};
use waggle::segment::{Expr, Func, Literal, Test};
use waggle::sql::{self, CheckedSql};

use super::ask::question;
use super::equal::{Two, alike, cases};
use crate::support::world::{self, data::Data};

/// Numbers of people and of rows are such that the index does not hold them: SQL takes −0.0 for a number of its own.
fn lacking() -> &'static Two {
    static TWO: OnceLock<(Two, tempfile::TempDir)> = OnceLock::new();
    let (two, _) = TWO.get_or_init(|| {
        let (catalog, dir) = (world::catalog(), tempfile::tempdir().unwrap());
        let mut data = Data::random(21, 900);
        for (table, field) in [("customers", "score"), ("app_usage", "mb")] {
            let rows = data.tables.get_mut(table).unwrap();
            rows[5].insert(field.to_owned(), Cell::Float(-0.0));
        }
        data.write(dir.path(), &catalog);
        (Two::new(dir.path(), catalog), dir)
    });
    two
}

pub(super) fn compare(field: &str, test: Test) -> Expr {
    Expr::Compare { field: field.to_owned(), test }
}

fn score() -> Expr {
    compare("score", Test::Ge(Literal::Float(4.0)))
}

fn uses(rows: Expr) -> Expr {
    Expr::exists("app_usage", rows)
}

fn heavy() -> Expr {
    uses(compare("mb", Test::Gt(Literal::Float(12.0))))
}

pub(super) fn women() -> Expr {
    compare("gender", Test::Eq(Literal::Text("F".to_owned())))
}

fn netflix() -> Expr {
    uses(compare("app", Test::Eq(Literal::Text("Netflix".to_owned()))))
}

fn bought() -> Expr {
    Expr::exists("Order", compare("amount", Test::Gt(Literal::Int(3))))
}

/// The rows by the index and how they were had; they are those of SQL.
fn asked(two: &Two, statement: &CheckedSql) -> (Rows, Explained) {
    let one = two.one.lock().unwrap_or_else(PoisonError::into_inner);
    let rows = two.runtime.block_on(two.index.run(statement)).unwrap();
    let how = two.index.explained().pop().unwrap();
    drop(one);
    let expected = two.by_sql(statement);
    assert!(alike(&rows, &expected), "{rows:?}\n{expected:?}\n{}", statement.text());
    (rows, how)
}

pub(super) fn count(two: &Two, segment: &Expr, catalog: &Catalog) -> (Rows, Explained) {
    asked(two, &sql::count(segment, catalog).unwrap())
}

fn by_sql(how: &Explained) -> Vec<&Leaf> {
    how.leaves.iter().filter(|leaf| leaf.how == BY_SQL).collect()
}

#[test]
fn a_part_that_is_not_covered_is_asked_for_and_kept() {
    let two = lacking();
    let all = Expr::And(vec![score(), netflix(), bought()]);
    let (_, how) = count(two, &all, &two.catalog);
    assert_ne!(how.by, BY_SQL);
    let leaves = by_sql(&how);
    assert_eq!(leaves.len(), 1);
    assert_eq!(leaves[0].text, waggle::segment::text::print(&score()));
    assert!(leaves[0].size > 0 && how.leaves.len() > 3, "{how:?}");
    // Another turn has it.
    let (_, how) = count(two, &Expr::And(vec![women(), score(), netflix(), bought()]), &two.catalog);
    assert!(how.by != BY_SQL && by_sql(&how).is_empty(), "{how:?}");
}

#[test]
fn several_parts_beside_each_other_are_asked_for_as_one() {
    let two = lacking();
    let few = compare("score", Test::Lt(Literal::Float(9.0)));
    for join in [Expr::And, Expr::Or] {
        let parts = vec![Expr::Not(Box::new(few.clone())), netflix(), heavy(), bought()];
        let (_, how) = count(two, &join(parts), &two.catalog);
        assert!(how.by != BY_SQL && by_sql(&how).len() == 1, "{how:?}");
    }
}

#[test]
fn groups_and_shares_are_over_what_was_asked_for() {
    let two = lacking();
    let segment = Expr::And(vec![Expr::Not(Box::new(heavy())), bought()]);
    for by in [["app_usage.app", "gender"].as_slice(), &["age_band"], &["app_usage.app"]] {
        let by: Vec<String> = by.iter().map(|name| (*name).to_owned()).collect();
        let share = waggle::segment::Metric::Share(score());
        for metric in [None, Some(&share)] {
            let (_, how) = asked(two, &sql::breakdown(&segment, &by, None, metric, &two.catalog).unwrap());
            assert_ne!(how.by, BY_SQL, "{by:?}");
        }
    }
}

#[test]
fn where_nothing_is_spared_the_whole_runs_in_sql() {
    let two = lacking();
    let of_score = compare("score", Test::Eq(Literal::Float(3.5)));
    let sums = Expr::Total {
        dataset: "app_usage".to_owned(),
        func: Func::Sum,
        field: Some("mb".to_owned()),
        rows: Box::new(Expr::All),
        test: Test::Ge(Literal::Int(40)),
    };
    for segment in [of_score.clone(), sums, Expr::And(vec![of_score, women()])] {
        assert_eq!(count(two, &segment, &two.catalog).1.by, BY_SQL);
    }
    // Groups by what is not held.
    let by = vec!["score".to_owned()];
    assert_eq!(asked(two, &sql::breakdown(&netflix(), &by, None, None, &two.catalog).unwrap()).1.by, BY_SQL);
}

#[test]
fn what_was_asked_for_within_one_population_is_not_taken_for_another() {
    let two = lacking();
    let segment = Expr::And(vec![compare("score", Test::Lt(Literal::Float(6.0))), netflix(), bought()]);
    let (all, _) = count(two, &segment, &two.catalog);
    let (some, how) = count(two, &segment, &two.catalog.within("gender = 'F'"));
    assert!(how.by != BY_SQL && by_sql(&how).len() == 1, "{how:?}");
    assert_ne!(all, some);
    assert_eq!(count(two, &segment, &two.catalog).0, all);
}

#[test]
fn random_segments_with_parts_that_are_not_covered() {
    let two = lacking();
    let mut runner = TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
    runner
        .run(&question(&two.catalog, &two.pool), |(segment, of)| {
            asked(two, &two.statement(&segment, &of));
            Ok(())
        })
        .unwrap_or_else(|e| panic!("{e}"));
}
