//! Conditions on rows among the few whom the rest of a segment leaves, and those that postings and their measures answer:
//! the same as SQL, whatever was asked before.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waggle::engine::{Cell, Explained, Leaf};
use waggle::segment::{Expr, Func, Literal, Test, text};

use super::ask::{Asked, question};
use super::asked::{compare, count, women};
use super::equal::{Two, alike, cases};
use crate::support::world::{
    self,
    data::{Data, Row},
};

const FEW: &str = "rows of the few left";

fn people() -> &'static Two {
    static TWO: OnceLock<(Two, tempfile::TempDir)> = OnceLock::new();
    let (two, _) = TWO.get_or_init(|| {
        let (catalog, dir) = (world::catalog(), tempfile::tempdir().unwrap());
        let mut data = Data::random(31, 3000);
        // So many apps a person that their measures lie beside the postings; some have none.
        let apps = data.tables.get_mut("app_usage").unwrap();
        let like: Vec<Row> = std::mem::take(apps);
        for id in (1..=3000).filter(|id| id % 9 != 0) {
            for (at, name) in ["Netflix", "티빙", "a'b", "X", "Y", "Z"].iter().enumerate().skip(id % 4 % 3) {
                let mut row = like[(id * 7 + at * 13) % like.len()].clone();
                row.insert("customer_id".to_owned(), Cell::Int(i64::try_from(id * 7).unwrap()));
                row.insert("app".to_owned(), Cell::Text((*name).to_owned()));
                apps.push(row);
            }
        }
        data.write(dir.path(), &catalog);
        (Two::new(dir.path(), catalog), dir)
    });
    two
}

/// About one in fifteen of all.
fn aged(age: i64) -> Expr {
    compare("age", Test::Between(Literal::Int(age), Literal::Int(age + 2)))
}

fn heavy(mb: f64) -> Expr {
    Expr::exists("app_usage", compare("mb", Test::Gt(Literal::Float(mb))))
}

fn orders(least: i64) -> Expr {
    let test = Test::Ge(Literal::Int(least));
    Expr::Total { dataset: "Order".to_owned(), func: Func::Count, field: None, rows: Box::new(Expr::All), test }
}

/// How a segment was counted; as SQL counts it.
fn counted(two: &Two, parts: &[Expr]) -> Explained {
    count(two, &Expr::And(parts.to_vec()), &two.catalog).1
}

fn leaf<'a>(how: &'a Explained, of: &Expr) -> &'a Leaf {
    let said = text::print(of);
    how.leaves.iter().find(|leaf| leaf.text == said).unwrap_or_else(|| panic!("no {said} in {how:?}"))
}

#[test]
fn rows_are_read_of_the_few_who_are_left() {
    let two = people();
    for rows in [heavy(3.0), orders(2)] {
        let how = counted(two, &[women(), aged(20), rows.clone()]);
        let few = leaf(&how, &rows);
        assert!(few.how == FEW && few.size < 200, "{how:?}");
        // Whoever narrows them further has them.
        let how = counted(two, &[women(), compare("vip", Test::True), rows.clone(), aged(20)]);
        assert_eq!(leaf(&how, &rows).how, "cache", "{how:?}");
        // Among others it is asked again: for everybody, and from then on for whoever asks.
        let how = counted(two, &[women(), aged(25), rows.clone()]);
        assert!(leaf(&how, &rows).how != FEW && leaf(&how, &rows).size > 200, "{how:?}");
        let how = counted(two, &[aged(30), Expr::Not(Box::new(rows.clone()))]);
        assert_eq!(leaf(&how, &rows).how, "cache", "{how:?}");
    }
}

#[test]
fn the_second_condition_on_rows_is_put_to_those_whom_the_first_leaves() {
    let two = people();
    let (first, second) = (heavy(4.0), orders(1));
    let either = Expr::Or(vec![Expr::Not(Box::new(second.clone())), heavy(9.0)]);
    let how = counted(two, &[women(), first.clone(), aged(33), either]);
    assert_eq!([leaf(&how, &first).how, leaf(&how, &second).how], [FEW, FEW], "{how:?}");
    assert!(leaf(&how, &second).size < leaf(&how, &first).size, "{how:?}");
}

#[test]
fn all_conditions_but_one_leave_many() {
    let two = people();
    let how = counted(two, &[women(), heavy(5.0)]);
    assert_ne!(leaf(&how, &heavy(5.0)).how, FEW, "{how:?}");
}

#[test]
fn measures_beside_postings_tell_who_has_a_row() {
    let two = people();
    let texts = |names: &[&str]| names.iter().map(|name| Literal::Text((*name).to_owned())).collect();
    let apps = [
        compare("app", Test::Eq(Literal::Text("Netflix".to_owned()))),
        compare("app", Test::In(texts(&["티빙", "X", "nobody's"]))),
        Expr::Not(Box::new(compare("app", Test::Eq(Literal::Text("X".to_owned()))))),
    ];
    let between = |field: &str, low, high| compare(field, Test::Between(Literal::Int(low), Literal::Int(high)));
    let measures = [
        vec![between("days", 5, 20)],
        vec![compare("minutes", Test::Missing)],
        vec![compare("minutes", Test::Lt(Literal::Int(3))), Expr::Not(Box::new(between("days", 3, 100)))],
    ];
    for app in &apps {
        for measures in &measures {
            let rows = std::iter::once(app.clone()).chain(measures.iter().cloned()).rev().collect();
            let segment = Expr::exists("app_usage", Expr::And(rows));
            let how = counted(two, std::slice::from_ref(&segment));
            assert_eq!(leaf(&how, &segment).how, "posting, with measures", "{how:?}");
        }
    }
    two.tried(cases());
}

/// A conversation: each turn adds a condition, and the last one asks for all of them in another order.
#[test]
fn turns_that_narrow_each_other_are_what_sql_says() {
    let two = people();
    let conditions = prop::collection::vec(question(&two.catalog, &two.pool).prop_map(|(segment, _)| segment), 1..4);
    let few = (10_i64..50).prop_map(aged);
    let mut runner =
        TestRunner::new(Config { cases: cases().div_ceil(2), failure_persistence: None, ..Config::default() });
    let turns = |(few, conditions): (Expr, Vec<Expr>)| {
        let mut parts = vec![few];
        for condition in conditions {
            parts.push(condition);
            let statement = two.statement(&Expr::And(parts.clone()), &Asked::Count);
            prop_assert!(alike(&two.by_index(&statement).0, &two.by_sql(&statement)), "{:?}", parts);
        }
        parts.reverse();
        parts.pop();
        let statement = two.statement(&Expr::And(parts.clone()), &Asked::Count);
        prop_assert!(alike(&two.by_index(&statement).0, &two.by_sql(&statement)), "{:?}", parts);
        Ok(())
    };
    runner.run(&(few, conditions), turns).unwrap_or_else(|e| panic!("{e}"));
}
