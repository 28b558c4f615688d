//! Row rules: what is asked within one gives what it would give if nobody else were there.

use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use waggle::access::{Caller, Role, rules};
use waggle::answer::{Answer, Status};
use waggle::app::{App, AskOptions};
use waggle::catalog::{Catalog, Locale};
use waggle::engine::{Cell, Engine, EngineConfig, Rows};
use waggle::segment::{Amount, End, Expr, text};
use waggle::session::Session;
use waggle::sql::{self, CheckedSql, SqlLimits};

use crate::reference;
use crate::sql::attacks::ALLOWED;
use crate::support::world::data::Data;
use crate::support::world::{catalog, evaluate, exprs};

/// Rules that the worlds below are seen through.
const RULES: [&str; 4] = [
    "gender = 'F'",
    "NOT vip AND age < 40",
    "EXISTS app_usage (app = 'Netflix' AND \"days\" > 5)",
    "city = 'it''s' OR COUNT(\"Order\") >= 2",
];

/// All the data seen through a rule, and the same data without those whom the rule hides.
struct Twins {
    scoped: Catalog,
    whole: Engine,
    catalog: Catalog,
    reduced: Engine,
    data: Data,
    _dirs: [tempfile::TempDir; 2],
}

fn twins() -> &'static [Twins] {
    static TWINS: OnceLock<Vec<Twins>> = OnceLock::new();
    TWINS.get_or_init(|| RULES.iter().map(|rule| twins_of(rule)).collect())
}

fn twins_of(rule: &str) -> Twins {
    let (catalog, all) = (catalog(), Data::random(11, 120));
    let seen = text::parse(rule, &catalog).unwrap();
    let mut data = all.clone();
    data.tables.get_mut("customers").unwrap().retain(|row| evaluate::holds(&seen, row, &all));
    let left: Vec<_> = data.rows("customers").iter().filter_map(evaluate::id).collect();
    assert!(left.len() > 5 && left.len() < 110, "a rule that hides some: {rule}");
    for table in ["app_usage", "Order"] {
        data.tables.get_mut(table).unwrap().retain(|row| evaluate::id(row).is_some_and(|id| left.contains(&id)));
    }
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    all.write(dirs[0].path(), &catalog);
    data.write(dirs[1].path(), &catalog);
    let open = |dir: &tempfile::TempDir| Engine::open(dir.path(), &catalog, EngineConfig::default()).unwrap();
    let (whole, reduced) = (open(&dirs[0]), open(&dirs[1]));
    Twins { scoped: rules::within(&catalog, rule).unwrap(), whole, catalog, reduced, data, _dirs: dirs }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

fn run(engine: &Engine, sql: &CheckedSql) -> Result<Rows, String> {
    runtime().block_on(engine.run(sql)).map_err(|e| e.message(Locale::En))
}

/// Rows in an order of their own, where the statement has none.
fn sorted(rows: &Rows, ordered: bool) -> Vec<String> {
    let mut rows: Vec<String> = rows.rows.iter().map(|row| format!("{row:?}")).collect();
    if !ordered {
        rows.sort();
    }
    rows
}

/// What an analyst may try in order to see the others.
const ATTEMPTS: &[&str] = &[
    "SELECT count(*) FROM customers WHERE gender = 'M' OR gender IS NULL OR true",
    "SELECT gender, vip, city, count(*) FROM customers GROUP BY gender, vip, city",
    "SELECT count(*) FROM customers a JOIN customers b ON a.customer_id <> b.customer_id",
    "SELECT count(*) FROM customers a FULL JOIN customers b ON a.gender = b.gender",
    "SELECT count(*) FROM customers a RIGHT JOIN app_usage u ON a.customer_id = u.customer_id",
    "SELECT app, count(*) FROM app_usage GROUP BY app",
    "SELECT count(*) FROM app_usage u WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.customer_id = u.customer_id)",
    "SELECT count(*) FROM app_usage u LEFT JOIN customers c ON c.customer_id = u.customer_id WHERE c.customer_id IS NULL",
    "SELECT count(*) FROM \"Order\" o LEFT ANTI JOIN customers c ON c.customer_id = o.customer_id",
    "WITH t AS (SELECT * FROM customers), u AS (SELECT * FROM t) SELECT gender, count(*) FROM u GROUP BY gender",
    "WITH gender AS (SELECT gender AS g FROM customers) SELECT g, count(*) FROM gender GROUP BY g",
    "SELECT (SELECT count(*) FROM customers), (SELECT max(age) FROM customers)",
    "SELECT count(*) FROM (SELECT * FROM (SELECT gender FROM customers) AS a) AS b",
    "SELECT count(*) FROM customers AS c WHERE (SELECT count(*) FROM customers AS d WHERE d.city = c.city) > 3",
    "SELECT count(*) FROM customers WHERE age >= ALL (SELECT age FROM customers WHERE age IS NOT NULL)",
    "SELECT gender, city FROM customers ORDER BY customer_id LIMIT 3",
    "SELECT min(age), max(age), sum(fee), median(fee), count(DISTINCT city) FROM customers",
    "SELECT gender, rank() OVER (ORDER BY age DESC, fee) FROM customers",
    "SELECT sum(minutes), count(DISTINCT customer_id) FROM app_usage",
    "SELECT count(*) FROM customers c WHERE c.customer_id NOT IN (SELECT customer_id FROM app_usage)",
    "SELECT count(*) FROM customers c, customers d, app_usage u WHERE c.customer_id = d.customer_id",
    "SELECT count(*) FROM customers AS app_usage, app_usage AS customers",
    "SELECT count(*) FROM customers HAVING count(*) > 0",
    // What is worked out before the rule is looked at could fail, or not fail, because of the others.
    "SELECT count(*) FROM customers WHERE CASE WHEN gender = 'M' THEN 1 / (fee - fee) > 0 ELSE true END",
    "SELECT count(*) FROM customers WHERE 1 / (CASE WHEN gender = 'M' OR gender IS NULL THEN 0 ELSE 1 END) > 0",
    "SELECT count(*) FROM customers WHERE CAST(CASE WHEN gender = 'F' THEN '1' ELSE city END AS BIGINT) > 0",
    "SELECT sum(1 / (CASE WHEN gender = 'F' THEN 1 ELSE 0 END)) FROM customers",
    "SELECT count(*) FROM customers WHERE 1 % (CASE WHEN gender = 'M' OR gender IS NULL THEN 0 ELSE 1 END) = 0",
    "SELECT count(*) FROM customers WHERE city::INT > 0",
    "SELECT count(*) FROM customers WHERE substr(city, 1, CASE WHEN gender = 'F' THEN 1 ELSE -1 END) <> ''",
    "SELECT count(*) FROM customers WHERE power(CASE WHEN gender = 'F' THEN 1 ELSE 10 END, 30) > 5",
];

#[test]
fn sql_sees_nobody_whom_a_rule_hides() {
    let limits = SqlLimits::default();
    let settled = |sql: &&&str| !sql.contains("ROWS BETWEEN") && (!sql.contains("LIMIT 5") || sql.contains("ORDER BY"));
    let mut wrong = Vec::new();
    for (twins, rule) in twins().iter().zip(RULES) {
        for sql in ATTEMPTS.iter().chain(ALLOWED).filter(settled) {
            let (Ok(scoped), Ok(plain)) =
                (sql::check(sql, &twins.scoped, &limits), sql::check(sql, &twins.catalog, &limits))
            else {
                // Refused whatever the rule.
                assert!(sql::check(sql, &twins.scoped, &limits).is_err(), "{sql}");
                continue;
            };
            let (seen, alone) = (run(&twins.whole, &scoped), run(&twins.reduced, &plain));
            let ordered = sql.contains("ORDER BY") && !sql.contains("OVER");
            match (seen, alone) {
                (Ok(seen), Ok(alone)) if sorted(&seen, ordered) == sorted(&alone, ordered) => {}
                (Err(seen), Err(alone)) if seen == alone => {}
                (seen, alone) => wrong.push(format!("{rule}: {sql}\n  {seen:?}\n  {alone:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_law_of_a_rule_holds_for_any_segment() {
    let catalog = catalog();
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let strategy = (exprs::segment(&catalog), 0..RULES.len(), any::<bool>());
    let law = |(segment, which, ranked): (Expr, usize, bool)| {
        let twins = &twins()[which];
        let expected = evaluate::members(&segment, &twins.data).len();
        let found = count(&twins.whole, &segment, &twins.scoped);
        prop_assert_eq!(found, expected, "{}", text::print(&segment));
        if ranked {
            // A rank and a sample take their bounds from those who are seen.
            let within = Box::new(segment.clone());
            let (field, amount) = ("fee".to_owned(), Amount::Number(7));
            for expr in [
                Expr::Rank { field, end: End::Top, amount, within: within.clone() },
                Expr::Rank {
                    field: "age".to_owned(),
                    end: End::Bottom,
                    amount: Amount::Share(0.2),
                    within: within.clone(),
                },
                Expr::Sample { size: 9, seed: 3, within },
            ] {
                let (seen, alone) =
                    (keys(&twins.whole, &expr, &twins.scoped), keys(&twins.reduced, &expr, &twins.catalog));
                prop_assert_eq!(seen, alone, "{}", text::print(&expr));
            }
        }
        Ok(())
    };
    runner.run(&strategy, law).unwrap_or_else(|e| panic!("{e}"));
}

fn count(engine: &Engine, segment: &Expr, catalog: &Catalog) -> usize {
    match run(engine, &sql::count(segment, catalog).unwrap()).unwrap().rows[0][0] {
        Cell::Int(n) => usize::try_from(n).unwrap(),
        ref other => panic!("{other:?}"),
    }
}

/// Whom an export would hold.
fn keys(engine: &Engine, segment: &Expr, catalog: &Catalog) -> Vec<String> {
    sorted(&run(engine, &sql::keys(segment, &["gender".to_owned()], None, catalog).unwrap()).unwrap(), false)
}

/// The reference data, whole and as a branch sees it.
struct Branch {
    everywhere: App,
    busan: App,
}

const BUSAN: &str = "home_sido = '부산광역시'";

fn branch() -> &'static Branch {
    static BRANCH: OnceLock<Branch> = OnceLock::new();
    BRANCH.get_or_init(|| {
        let everywhere = reference::app(reference::few());
        // The rule that the telecom catalog ships.
        let attributes = [("region".to_owned(), "부산광역시".to_owned())].into();
        let caller = Caller { id: "b".to_owned(), name: "b".to_owned(), role: Role::Marketer, attributes };
        let scope = rules::scope(everywhere.catalog(), &caller).unwrap().unwrap();
        assert_eq!(scope, BUSAN);
        let busan = everywhere.within(&scope).unwrap();
        Branch { everywhere, busan }
    })
}

fn ask(app: &App, session: &mut Session, request: &str) -> Answer {
    let options = AskOptions { locale: Some(Locale::Ko), min_group: Some(0), ..AskOptions::default() };
    runtime().block_on(app.ask(session, request, &options))
}

fn gold(filter: &str) -> u64 {
    let sql =
        format!("SELECT count(*) FROM customers AS c WHERE c.pi_consent AND c.home_sido = '부산광역시' AND ({filter})");
    let rows = runtime().block_on(branch().everywhere.engine().run_gold(&sql)).unwrap();
    if let Cell::Int(n) = rows.rows[0][0] { u64::try_from(n).unwrap() } else { panic!("{rows:?}") }
}

#[test]
fn a_conversation_is_about_those_who_are_seen() {
    let app = &branch().busan;
    let mut session = Session::new("s", Locale::Ko);
    let all = gold("true");
    let women = ask(app, &mut session, "여성 고객 뽑아줘");
    assert_eq!((women.count, women.population), (Some(gold("c.gender = 'F'")), Some(all)), "{}", women.reply);
    let places = ask(app, &mut session, "시도별로 나눠줘").breakdown.unwrap();
    let others: u64 =
        places.rows.iter().filter(|row| row.key[0].as_deref() != Some("부산광역시")).map(|row| row.count).sum();
    assert_eq!(others, 0, "{places:?}");
    let narrowed = ask(app, &mut session, "이 중 30대만");
    assert_eq!(narrowed.count, Some(gold("c.gender = 'F' AND c.age BETWEEN 30 AND 39")));
    for request in ["서울 사는 사람", "서울 사는 사람 빼고 서울 사는 사람만", "부산에 안 사는 고객"]
    {
        let answer = ask(app, &mut Session::new("t", Locale::Ko), request);
        assert!(answer.status != Status::Answered || answer.count == Some(0) || answer.count <= Some(all), "{request}");
    }
    assert_eq!(ask(app, &mut Session::new("t", Locale::Ko), "서울 사는 사람").count, Some(0));
    let about = ask(app, &mut Session::new("t", Locale::Ko), "데이터 기준일이 언제야?").reply;
    assert!(about.contains("부산"), "an answer about the data says who is counted: {about}");
    let sample = ask(app, &mut Session::new("t", Locale::Ko), "고객 100000명 무작위로 뽑아줘");
    assert!(sample.count.is_none_or(|count| count == all), "{}", sample.reply);
}

#[test]
fn saved_segments_and_remembered_counts_do_not_carry_over() {
    let Branch { everywhere, busan } = branch();
    let mut session = Session::new("s", Locale::Ko);
    let wide = ask(everywhere, &mut session, "여성 고객 뽑아줘").count;
    ask(everywhere, &mut session, "이걸 '여성'으로 저장해줘");
    // The same session, seen through the rule: nothing that was counted without it is told.
    let narrow = ask(busan, &mut session, "성별로 나눠줘");
    assert_eq!(narrow.count, Some(gold("c.gender = 'F'")));
    assert!(narrow.count < wide);
    ask(busan, &mut session, "30대만");
    let compared = ask(busan, &mut session, "'여성'이랑 비교해줘");
    let result = compared.action.as_ref().and_then(|a| a.result.clone()).unwrap_or(Value::Null);
    assert_eq!(result["other"].as_u64(), Some(gold("c.gender = 'F'")), "{}", compared.reply);
    assert_ne!(busan.catalog().version, everywhere.catalog().version);
    assert_ne!(busan.catalog().version, everywhere.within("gender = 'F'").unwrap().catalog().version);
}

#[test]
fn an_app_within_what_is_no_condition_does_not_open() {
    for predicate in ["TRUE) OR (TRUE", "", "no_such = 1", "TOP 10 BY age", "SEGMENT 'x'", "customer_id = 'x'"] {
        let error = branch().everywhere.within(predicate).unwrap_err();
        assert_ne!(error.message(Locale::Ko), error.message(Locale::En), "{predicate}");
    }
    let twice = branch().busan.within("gender = 'F'").unwrap();
    let mut session = Session::new("s", Locale::Ko);
    assert_eq!(ask(&twice, &mut session, "30대 고객").population, Some(gold("c.gender = 'F'")));
}

#[test]
fn rules_of_a_catalog_are_checked_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let main = std::fs::read_to_string("fixtures/grocery/catalog.yaml").unwrap();
    for entry in std::fs::read_dir("fixtures/grocery").unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let lines = main.lines().count();
    let load = |rules: &str| {
        std::fs::write(folder.path().join("catalog.yaml"), format!("{}\n{rules}", main.trim_end())).unwrap();
        waggle::catalog::load(folder.path())
    };
    let good = "row_rules:\n  - name: a\n    when: {role: [marketer, analyst]}\n    only: loyalty_card\n";
    assert_eq!(load(good).unwrap().row_rules[0].roles, ["marketer", "analyst"]);
    for (rules, line, what) in [
        ("row_rules:\n  - name: a\n    only: loyalty_card\n", 2, "`when`"),
        ("row_rules:\n  - name: a\n    when: {}\n    only: loyalty_card\n", 3, "`attribute`"),
        ("row_rules:\n  - name: a\n    when: {equals: x, role: admin}\n    only: loyalty_card\n", 3, "`equals`"),
        ("row_rules:\n  - name: a\n    when: {atribute: x}\n    only: loyalty_card\n", 3, "`attribute`"),
        ("row_rules:\n  - name: a\n    when: {role: admin}\n", 2, "`only`"),
    ] {
        let faults = load(rules).unwrap_err().0;
        let found = faults.iter().find(|f| f.message.contains(what)).unwrap_or_else(|| panic!("{faults:?}"));
        assert_eq!(usize::try_from(found.line).unwrap(), lines + line, "{found}");
    }
    let twice = good.to_owned() + "  - name: a\n    when: {role: admin}\n    only: loyalty_card\n";
    assert!(load(&twice).unwrap_err().to_string().contains("two row rules named `a`"));
    let unasked = load("row_rules:\n  - name: a\n    when: {role: boss}\n    only: loyalty_crad\n").unwrap();
    let faults = rules::faults(&unasked);
    assert_eq!(faults.len(), 2);
    assert!(
        faults.iter().all(|f| f.file == "catalog.yaml" && f.line == u64::try_from(lines + 4).unwrap()),
        "{faults:?}"
    );
}
