//! The laws of segments, on random segments and rows.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use waggle::catalog::{self, Catalog};
use waggle::segment::check::{check, check_rows};
use waggle::segment::normal::normal_form;
use waggle::segment::{Expr, text};

use crate::support::eval::World;
use crate::support::exprs;

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(catalog::builtin().unwrap()));

const ENTITIES: usize = 24;

fn world(seed: u64) -> World {
    World::random(&CATALOG, ENTITIES, seed)
}

fn and(a: &Expr, b: &Expr) -> Expr {
    Expr::And(vec![a.clone(), b.clone()])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_comes_back(expr in exprs::expr_with_saved(&CATALOG)) {
        prop_assert_eq!(check(&expr, &CATALOG), Ok(()));
        let text = text::print(&expr);
        prop_assert_eq!(text::parse(&text, &CATALOG).map_err(|e| e.to_string()), Ok(expr), "{}", text);
    }

    #[test]
    fn text_of_rows_comes_back(rows in exprs::rows(&CATALOG.datasets[1])) {
        let dataset = &CATALOG.datasets[1].name;
        prop_assert_eq!(check_rows(&rows, &CATALOG, dataset), Ok(()));
        let text = text::print(&rows);
        prop_assert_eq!(text::parse_rows(&text, &CATALOG, dataset).map_err(|e| e.to_string()), Ok(rows), "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}", more in "[a-z_'\"()<>=!%.,0-9 -]{0,40}") {
        let _ = text::parse(&text, &CATALOG);
        let _ = text::parse(&more, &CATALOG);
        let _ = text::parse(&format!("age >= {more} AND {text}"), &CATALOG);
    }

    #[test]
    fn the_normal_form_is_its_own(expr in exprs::expr_with_saved(&CATALOG)) {
        let form = normal_form(&expr, &CATALOG);
        let again = normal_form(&form, &CATALOG);
        prop_assert_eq!(text::print(&again), text::print(&form), "of {}", text::print(&expr));
        prop_assert_eq!(check(&form, &CATALOG), Ok(()));
    }

    #[test]
    fn the_normal_form_means_the_same(expr in exprs::expr(&CATALOG), seed: u64) {
        let (world, form) = (world(seed), normal_form(&expr, &CATALOG));
        prop_assert_eq!(
            world.holds(&form, &CATALOG), world.holds(&expr, &CATALOG), "{}\n{}", text::print(&expr), text::print(&form)
        );
    }

    #[test]
    fn order_and_nesting_make_no_difference(a in exprs::expr(&CATALOG), b in exprs::expr(&CATALOG), c in exprs::expr(&CATALOG)) {
        let one = normal_form(&and(&and(&a, &b), &c), &CATALOG);
        let other = normal_form(&and(&c, &and(&b, &a)), &CATALOG);
        prop_assert_eq!(text::print(&one), text::print(&other));
    }

    #[test]
    fn it_and_its_opposite_are_everybody(expr in exprs::expr(&CATALOG), seed: u64) {
        let world = world(seed);
        let not = expr.clone().negated();
        prop_assert_eq!(world.count(&expr, &CATALOG) + world.count(&not, &CATALOG), ENTITIES);
    }

    #[test]
    fn and_never_raises_a_count(a in exprs::expr(&CATALOG), b in exprs::expr(&CATALOG), seed: u64) {
        let world = world(seed);
        let both = world.count(&and(&a, &b), &CATALOG);
        prop_assert!(both <= world.count(&a, &CATALOG) && both <= world.count(&b, &CATALOG));
    }
}
