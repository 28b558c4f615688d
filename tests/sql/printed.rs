//! What is printed parses back, and values stay values.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlparser::ast::{Expr as Ast, Statement, Value, visit_expressions};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserOptions};
use waggle::segment::{Amount, DateSpec, End, Expr, Func, Literal, Metric, Test};
use waggle::sql::{self, SqlError};

use crate::support::world::{catalog, exprs};

fn is(field: &str, text: &str) -> Expr {
    Expr::Compare { field: field.to_owned(), test: Test::Eq(Literal::Text(text.to_owned())) }
}

fn parsed(text: &str) -> Vec<Statement> {
    let options = ParserOptions::new().with_unescape(false);
    let mut parser =
        Parser::new(&GenericDialect {}).with_options(options).with_recursion_limit(1000).try_with_sql(text).unwrap();
    parser.parse_statements().unwrap()
}

fn run<S: Strategy>(strategy: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let mut runner = TestRunner::new(Config { cases: 500, failure_persistence: None, ..Config::default() });
    runner.run(strategy, law).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn printed_sql_parses_back_to_the_same_tree() {
    let catalog = catalog();
    run(&exprs::segment(&catalog), |segment| {
        let by = ["age_band".to_owned(), "Order.category".to_owned()];
        let metric = Metric::Share(segment.clone());
        for made in [
            sql::count(&segment, &catalog),
            sql::breakdown(&segment, &by, None, Some(&metric), &catalog),
            sql::keys(&segment, &["city".to_owned()], Some(3), &catalog),
        ] {
            let text = made.unwrap().text().to_owned();
            let again = parsed(&text);
            prop_assert_eq!(again.len(), 1, "{}", &text);
            prop_assert_eq!(&again[0].to_string(), &text);
            prop_assert_eq!(&parsed(&again[0].to_string()), &again);
        }
        Ok(())
    });
}

/// Texts in a statement, as an engine reads them.
fn texts(sql: &str) -> Vec<String> {
    #[expect(clippy::disallowed_methods, reason = "what sql/ prints is read as an engine reads it")]
    let parsed = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
    let mut found = Vec::new();
    let _: std::ops::ControlFlow<()> = visit_expressions(&parsed, |expr| {
        if let Ast::Value(value) = expr
            && let Value::SingleQuotedString(text) = &value.value
        {
            found.push(text.clone());
        }
        std::ops::ControlFlow::Continue(())
    });
    found
}

#[test]
fn a_value_stays_a_value() {
    let catalog = catalog();
    let alphabet =
        prop::sample::select(vec!["'", "\\", "\"", "''", "강", "\0", ";", "--", "/*", "*/", "\n", "%", "x", "$$"]);
    run(&prop::collection::vec(alphabet, 0..8), |parts| {
        let value = parts.concat();
        let segment = Expr::is_in("city", vec![Literal::Text(value.clone()), Literal::Text("end".to_owned())]);
        let text = sql::count(&segment, &catalog).unwrap();
        prop_assert_eq!(texts(text.text()), vec![value, "end".to_owned()], "{}", text.text());
        Ok(())
    });
}

#[test]
fn the_population_is_always_there() {
    let catalog = catalog();
    let everybody = sql::count(&Expr::All, &catalog).unwrap();
    assert_eq!(everybody.text(), "SELECT count(*) AS n FROM customers AS c WHERE c.pi_consent");
    assert_eq!(everybody.tables(), ["customers"]);
    assert_eq!(everybody.columns(), ["n"]);
    let rank = Expr::Rank {
        field: "fee".to_owned(),
        end: End::Top,
        amount: Amount::Share(0.1),
        within: Box::new(is("gender", "F")),
    };
    assert_eq!(
        sql::count(&rank, &catalog).unwrap().text(),
        "SELECT count(*) AS n FROM customers AS c WHERE c.pi_consent AND c.fee >= (SELECT percentile_cont(0.9) WITHIN \
         GROUP (ORDER BY c2.fee) FROM customers AS c2 WHERE c2.pi_consent AND c2.gender = 'F')"
    );
}

#[test]
fn presence_and_totals_are_presences_of_rows() {
    let catalog = catalog();
    let rows = is("app", "a'b");
    let total = |func, field: Option<&str>, test| Expr::Total {
        dataset: "app_usage".to_owned(),
        func,
        field: field.map(str::to_owned),
        rows: Box::new(rows.clone()),
        test,
    };
    let table = [
        (
            Expr::exists("app_usage", rows.clone()),
            "EXISTS (SELECT 1 FROM app_usage AS m WHERE m.customer_id = c.customer_id AND m.app = 'a''b')",
        ),
        (
            Expr::Not(Box::new(Expr::exists("Order", Expr::All))),
            "NOT EXISTS (SELECT 1 FROM \"Order\" AS m WHERE m.customer_id = c.customer_id)",
        ),
        (
            total(Func::Sum, Some("minutes"), Test::Ge(Literal::Int(20))),
            "EXISTS (SELECT 1 FROM app_usage AS m WHERE m.customer_id = c.customer_id AND m.app = 'a''b' GROUP BY \
             m.customer_id HAVING sum(m.minutes) >= 20)",
        ),
        (
            total(Func::Count, None, Test::Lt(Literal::Int(3))),
            "NOT EXISTS (SELECT 1 FROM app_usage AS m WHERE m.customer_id = c.customer_id AND m.app = 'a''b' GROUP BY \
             m.customer_id HAVING (count(*) < 3) IS NOT TRUE)",
        ),
    ];
    for (segment, expected) in table {
        let text = sql::count(&segment, &catalog).unwrap();
        assert_eq!(text.text(), format!("SELECT count(*) AS n FROM customers AS c WHERE c.pi_consent AND {expected}"));
    }
}

#[test]
fn groups_are_bands_fields_and_rows() {
    let catalog = catalog();
    let by = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
    let text = sql::breakdown(&Expr::All, &by(&["age_band", "gender"]), None, None, &catalog).unwrap();
    assert_eq!(
        text.text(),
        "SELECT CASE WHEN c.age < 20 THEN '20 미만' WHEN c.age < 30 THEN '20대' WHEN c.age >= 30 THEN 'it''s 30+' END \
         AS k1, c.gender AS k2, count(*) AS n FROM customers AS c WHERE c.pi_consent GROUP BY 1, 2 ORDER BY n DESC, k1 \
         ASC NULLS LAST, k2 ASC NULLS LAST"
    );
    assert_eq!(text.columns(), ["k1", "k2", "n"]);
    let rows = is("group", "OTT");
    let text = sql::breakdown(&Expr::All, &by(&["app_usage.app"]), Some(&rows), None, &catalog).unwrap();
    assert_eq!(
        text.text(),
        "SELECT m.app AS k1, count(DISTINCT c.customer_id) AS n FROM customers AS c JOIN app_usage AS m ON \
         m.customer_id = c.customer_id WHERE c.pi_consent AND m.\"group\" = 'OTT' GROUP BY 1 ORDER BY n DESC, k1 ASC \
         NULLS LAST"
    );
    assert_eq!(text.tables(), ["app_usage", "customers"]);
}

#[test]
fn what_the_catalog_lacks_is_an_error() {
    let catalog = catalog();
    let compare = |field: &str, test| Expr::Compare { field: field.to_owned(), test };
    let number = || Literal::Int(1);
    let count = |e: &Expr| sql::count(e, &catalog).unwrap_err();
    assert!(matches!(count(&compare("nope", Test::Missing)), SqlError::UnknownField { .. }));
    assert!(matches!(count(&compare("gender", Test::Eq(number()))), SqlError::WrongType { .. }));
    assert!(matches!(count(&compare("age", Test::True)), SqlError::WrongType { .. }));
    assert!(matches!(count(&compare("score", Test::Lt(Literal::Float(f64::NAN)))), SqlError::NotANumber));
    assert!(matches!(count(&Expr::exists("nope", Expr::All)), SqlError::UnknownDataset { .. }));
    assert!(matches!(count(&Expr::exists("customers", Expr::All)), SqlError::NotMany { .. }));
    let inner = Expr::exists("Order", Expr::All);
    assert!(matches!(count(&Expr::exists("app_usage", inner)), SqlError::NotOverRows { .. }));
    assert!(matches!(count(&Expr::Saved { name: "x".to_owned() }), SqlError::Saved { .. }));
    let deep = (0..200).fold(Expr::All, |e, _| Expr::And(vec![Expr::Not(Box::new(e))]));
    assert!(matches!(count(&deep), SqlError::TooDeep { .. }));
    let keys = ["customer_id".to_owned()];
    assert!(matches!(
        sql::breakdown(&Expr::All, &keys, None, None, &catalog).unwrap_err(),
        SqlError::Identifier { .. }
    ));
    assert!(matches!(sql::breakdown(&Expr::All, &[], None, None, &catalog).unwrap_err(), SqlError::Keys { count: 0 }));
    let years = compare("joined_on", Test::Ge(Literal::Date(DateSpec::DaysBefore(u32::MAX))));
    assert!(sql::count(&years, &catalog).unwrap().text().contains("DATE '0001-01-01'"));
}
