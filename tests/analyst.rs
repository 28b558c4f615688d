//! What an analyst is given: the verdict, results, and counts that differ by few from earlier ones.

use std::sync::LazyLock;

use tokio::runtime::Runtime;
use waggle::answer::Status;
use waggle::answer::differencing::{Remembered, What};
use waggle::app::{AnalystError, App, AskOptions, SqlOptions};
use waggle::catalog::Locale;
use waggle::segment::{Expr, text};
use waggle::session::Session;
use waggle::sql;

use crate::reference;

struct World {
    app: App,
    runtime: Runtime,
}

static WORLD: LazyLock<World> = LazyLock::new(|| World {
    app: reference::app(reference::few()),
    runtime: tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap(),
});

fn options() -> SqlOptions {
    SqlOptions { locale: Locale::En, ..SqlOptions::default() }
}

fn run(sql: &str, options: &SqlOptions) -> Result<waggle::app::SqlRun, AnalystError> {
    WORLD.runtime.block_on(WORLD.app.run_sql(sql, options))
}

fn count(sql: &str) -> u64 {
    let run = run(sql, &SqlOptions { min_group: Some(0), ..options() }).unwrap();
    run.result().unwrap().rows[0][0].as_u64().unwrap()
}

#[test]
fn the_verdict_says_what_a_statement_touches_and_how_it_runs() {
    let check = |sql: &str| WORLD.runtime.block_on(WORLD.app.check_sql(sql, &options()));
    let verdict = check(
        "SELECT c.gender, count(*) AS n FROM customers c JOIN app_usage a ON a.customer_id = c.customer_id WHERE a.app = \
         'x' GROUP BY 1",
    );
    assert!(verdict.ok && verdict.refusals.is_empty() && verdict.hides_small_groups);
    assert_eq!(verdict.tables, ["app_usage", "customers"]);
    assert_eq!(
        verdict.touched,
        ["app_usage.app", "app_usage.customer_id", "customers.customer_id", "customers.gender"]
    );
    assert_eq!((verdict.columns, verdict.min_group), (vec!["gender".to_owned(), "n".to_owned()], 5));
    let plan = verdict.plan.unwrap();
    assert!(plan.contains("AggregateExec") && plan.contains("DataSourceExec"), "{plan}");
    assert!(!plan.contains(".parquet") && !plan.contains("file_groups"), "{plan}");
    let refused = check("SELECT nope, agee FROM customers");
    assert_eq!(refused.refusals.iter().map(|r| (r.line, r.column)).collect::<Vec<_>>(), [(1, 8), (1, 14)]);
    assert!(!refused.ok && refused.sql.is_none());
    assert!(serde_json::to_string(&refused).unwrap().contains("\"unknown_column\""));
}

#[test]
fn results_come_as_json_csv_and_arrow() {
    let sql = "SELECT gender, count(*) AS n, avg(age) AS age FROM customers GROUP BY gender ORDER BY gender";
    let run = run(sql, &options()).unwrap();
    let result = run.result().unwrap();
    let kinds: Vec<_> = result.columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
    assert_eq!(kinds, [("gender", "text"), ("n", "integer"), ("age", "number")]);
    assert_eq!(result.about.as_of, "2024-04-22");
    assert!(!result.about.truncated && !result.about.below_minimum && result.about.small_groups_hidden);
    let csv = String::from_utf8(run.output().to_csv().unwrap()).unwrap();
    assert!(csv.starts_with("gender,n,age\r\n"), "{csv}");
    assert_eq!(csv.lines().count(), result.rows.len() + 1);
    let arrow = run.output().to_arrow().unwrap();
    let batches = arrow::ipc::reader::StreamReader::try_new(std::io::Cursor::new(arrow), None).unwrap();
    assert_eq!(batches.map(|b| b.unwrap().num_rows()).sum::<usize>(), result.rows.len());
}

#[test]
fn limits_are_kept() {
    let few = SqlOptions { max_rows: Some(2), ..options() };
    let cut = run("SELECT age, count(*) AS n FROM customers GROUP BY age", &few).unwrap();
    assert!(cut.about.truncated && cut.output().len() == 2);
    let slow = SqlOptions { timeout: Some(std::time::Duration::from_millis(1)), min_group: Some(0), ..options() };
    let crossed = "SELECT count(*) FROM customers a, customers b, customers c WHERE a.age + b.age > c.age";
    assert!(matches!(run(crossed, &slow), Err(AnalystError::Engine(_))));
    let small = run(
        "SELECT count(*) FROM customers WHERE customer_id IN (SELECT customer_id FROM customers LIMIT 1)",
        &options(),
    );
    assert!(matches!(small, Err(AnalystError::Refused(_))));
}

#[test]
fn a_small_count_is_said_to_be_below_the_minimum() {
    let age = small_age();
    let hidden = run(&format!("SELECT count(*) FROM customers WHERE age = {age}"), &options()).unwrap();
    assert!(hidden.about.below_minimum && hidden.output().is_empty());
    let shown = run("SELECT count(*) FROM customers WHERE age > 1000", &options()).unwrap();
    assert_eq!(shown.result().unwrap().rows, [[serde_json::json!(0)]]);
}

/// An age that one to four have.
fn small_age() -> i64 {
    let sql = "SELECT age, count(*) AS n FROM customers GROUP BY age HAVING count(*) < 5 AND age IS NOT NULL";
    let run = run(sql, &SqlOptions { min_group: Some(0), ..options() }).unwrap();
    run.result().unwrap().rows[0][0].as_i64().unwrap()
}

fn segment(canonical: &str) -> Expr {
    text::parse(canonical, WORLD.app.catalog()).unwrap()
}

fn of_segment(canonical: &str) -> Remembered {
    let expr = segment(canonical);
    let counted = sql::count(&expr, WORLD.app.catalog()).unwrap();
    let rows = WORLD.runtime.block_on(WORLD.app.engine().run(&counted)).unwrap();
    let waggle::engine::Cell::Int(n) = rows.rows[0][0] else { panic!() };
    let data = WORLD.app.engine().data_version().to_owned();
    Remembered { count: u64::try_from(n).unwrap(), what: What::Segment(expr), data }
}

fn of_sql(sql: &str) -> Remembered {
    let run = run(sql, &SqlOptions { min_group: Some(0), ..options() }).unwrap();
    WORLD.app.remembered_sql(sql, &run).unwrap().unwrap()
}

fn too_near(earlier: &[Remembered], new: &Remembered) -> bool {
    WORLD.runtime.block_on(WORLD.app.differs_too_little(earlier, new, None)).unwrap()
}

#[test]
fn a_later_answer_that_differs_by_few_is_hidden() {
    let women = of_segment("gender = 'F'");
    // Some age that 1 to 4 men have.
    let few = (0..110).map(|age| (age, of_segment(&format!("gender = 'F' OR age = {age}"))));
    let (_, with_few) = few.into_iter().find(|(_, r)| (1..5).contains(&(r.count - women.count))).unwrap();
    let age = small_age();
    let narrowed = of_segment("gender = 'F' AND age >= 40");
    let again = of_segment("gender = 'F' AND age >= 0");
    assert!(women.count < with_few.count && with_few.count < women.count + 5, "{} {}", women.count, with_few.count);
    assert!(too_near(std::slice::from_ref(&women), &with_few), "one to four more");
    assert!(!too_near(std::slice::from_ref(&women), &narrowed), "ordinary narrowing");
    assert!(!too_near(std::slice::from_ref(&women), &women), "the same again");
    assert!(again.count < women.count || !too_near(std::slice::from_ref(&women), &again), "the same in other words");
    assert!(too_near(&[], &of_segment(&format!("NOT age = {age}"))), "all but few of the population");
}

#[test]
fn sizes_alone_do_not_hide_segments() {
    // Two halves of nearly the same size have nobody in common.
    let ages: Vec<u64> = (20..70).map(|age| of_segment(&format!("age = {age}")).count).collect();
    let pair = (0..ages.len())
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .find(|&(a, b)| ages[a] >= 5 && ages[b] >= 5 && (1..5).contains(&ages[a].abs_diff(ages[b])));
    let (a, b) = pair.unwrap();
    let of = |at: usize| of_segment(&format!("age = {}", at + 20));
    assert!(!too_near(&[of(a)], &of(b)));
}

#[test]
fn sql_and_segments_are_compared_with_each_other() {
    let women = of_segment("gender = 'F'");
    let few = (0..110).map(|age| (age, of_segment(&format!("gender = 'F' OR age = {age}"))));
    let (age, _) = few.into_iter().find(|(_, r)| (1..5).contains(&(r.count - women.count))).unwrap();
    let same = of_sql("SELECT count(*) FROM customers WHERE gender = 'F'");
    let more =
        of_sql(&format!("SELECT count(DISTINCT c.customer_id) FROM customers c WHERE gender = 'F' OR age = {age}"));
    assert!(matches!(same.what, What::Sql(_)) && matches!(more.what, What::Sql(_)));
    assert!(!too_near(std::slice::from_ref(&women), &same));
    assert!(too_near(std::slice::from_ref(&women), &more));
    assert!(too_near(&[more], &women));
    let summed =
        of_sql("SELECT sum(n) FROM (SELECT gender, count(*) AS n FROM customers WHERE gender = 'F' GROUP BY 1) AS t");
    assert!(matches!(summed.what, What::Other(_)));
    let near = Remembered { count: summed.count + 1, ..summed.clone() };
    assert!(!too_near(&[women], &summed), "the same number");
    assert!(too_near(&[of_segment("gender = 'F'")], &near), "a number nearby");
}

#[test]
fn too_many_comparisons_hide() {
    let count = of_segment("age = 30").count;
    let data = WORLD.app.engine().data_version().to_owned();
    let told = |at: usize| Remembered {
        count,
        what: What::Segment(segment(&format!("age = {}", 100 + at))),
        data: data.clone(),
    };
    let many: Vec<Remembered> = (0..25).map(told).collect();
    assert!(too_near(&many, &of_segment("age = 30")));
    // None of them has anybody, so the sets differ by all of the new one.
    assert!(count < 5 || !too_near(&many[..5], &of_segment("age = 30")));
}

#[test]
fn a_withheld_answer_tells_no_number() {
    for (locale, request) in [(Locale::Ko, "여성 고객 연령대별 평균 월정액"), (Locale::En, "women by age band")]
    {
        let mut session = Session::new("t", locale);
        let answer = WORLD.runtime.block_on(WORLD.app.ask(&mut session, request, &AskOptions::default()));
        let count = answer.count.unwrap();
        assert_eq!(WORLD.app.remembered(&session, &answer).unwrap().count, count);
        let hidden = WORLD.app.withhold(&mut session, answer, None);
        assert_eq!((hidden.status, hidden.count, hidden.count_below), (Status::Answered, None, Some(5)));
        let json = serde_json::to_string(&hidden).unwrap();
        assert!(hidden.share.is_none() && hidden.breakdown.as_ref().is_none_or(|b| b.rows.is_empty()), "{json}");
        assert!(hidden.metrics.iter().all(|m| m.value.is_none()));
        assert!(!hidden.reply.contains(&count.to_string()) && hidden.reply.contains('5'), "{}", hidden.reply);
        assert!(session.head().unwrap().count.is_none());
        assert!(WORLD.app.remembered(&session, &hidden).is_none());
    }
}

#[test]
fn gold_answers_are_not_held_to_a_minimum() {
    let age = small_age();
    let gold = format!("SELECT count(*) FROM customers WHERE pi_consent AND age = {age}");
    let rows = WORLD.runtime.block_on(WORLD.app.engine().run_gold(&gold)).unwrap();
    assert_eq!(rows.rows.len(), 1);
    assert!((1..5).contains(&count(&format!("SELECT count(*) FROM customers WHERE age = {age}"))));
}
