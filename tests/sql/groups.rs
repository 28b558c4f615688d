//! The minimum group: whatever the SQL says, no row tells of fewer than five, and honest numbers stay right.

use std::sync::OnceLock;

use waggle::catalog::Locale;
use waggle::engine::{Cell, Rows};
use waggle::sql::{self, CheckedSql, Hides, SqlLimits, SqlRefusal};

use super::attacks::{ALLOWED, REFUSED, world};

fn check(sql: &str, min_group: u64) -> Result<CheckedSql, SqlRefusal> {
    sql::check(sql, &world().catalog, &SqlLimits { min_group: Some(min_group), ..SqlLimits::default() })
}

fn run(checked: &CheckedSql) -> Rows {
    let world = world();
    world.runtime.block_on(world.engine.run(checked)).unwrap_or_else(|e| panic!("{e}\n{}", checked.text()))
}

fn given(sql: &str, min_group: u64) -> Rows {
    run(&check(sql, min_group).unwrap_or_else(|e| panic!("{e}\n{sql}")))
}

/// A condition that holds for one to four of the population.
fn rare() -> &'static str {
    static RARE: OnceLock<String> = OnceLock::new();
    RARE.get_or_init(|| {
        let rows = given(
            "SELECT age, count(*) AS n FROM customers WHERE age IS NOT NULL GROUP BY age HAVING count(*) BETWEEN 2 AND \
             4 ORDER BY n, age LIMIT 1",
            0,
        );
        let Cell::Int(age) = rows.rows[0][0] else { panic!("{rows:?}") };
        format!("age = {age}")
    })
}

/// Statements after few people, where `{rare}` holds for two to four and `{age}` is their age.
const HOSTILE: &[&str] = &[
    "SELECT count(*) FROM customers WHERE {rare}",
    "SELECT count(*) AS n, avg(fee), max(fee) FROM customers WHERE {rare}",
    "SELECT sum(fee) FROM customers WHERE {rare}",
    "SELECT count(*) FROM customers c WHERE c.{rare} AND true OR c.{rare}",
    "SELECT fee FROM customers WHERE {rare}",
    "SELECT gender, city, fee FROM customers WHERE {rare} LIMIT 10",
    "SELECT fee FROM customers WHERE {rare} ORDER BY fee LIMIT 1 OFFSET 1",
    "SELECT fee, score, joined_on FROM customers LIMIT 1",
    "SELECT fee, score, joined_on FROM customers LIMIT 1 OFFSET 3",
    "SELECT DISTINCT fee FROM customers WHERE {rare}",
    "SELECT DISTINCT fee, score FROM customers",
    "SELECT fee, count(*) FROM customers WHERE {rare} GROUP BY fee",
    "SELECT score, fee, count(*) FROM customers GROUP BY score, fee",
    "SELECT age, gender, city, count(*) FROM customers WHERE {rare} GROUP BY 1, 2, 3",
    "SELECT joined_on, avg(fee) FROM customers WHERE {rare} GROUP BY joined_on HAVING count(*) = 1",
    "SELECT avg(fee) FROM customers WHERE {rare} HAVING count(*) > 0 OR true",
    "SELECT avg(fee) FROM customers WHERE {rare} HAVING true OR count(*) = 1",
    "WITH r AS (SELECT * FROM customers WHERE {rare}) SELECT count(*) FROM r",
    "WITH r AS (SELECT gender AS g, fee AS f FROM customers WHERE {rare}), s AS (SELECT f FROM r) SELECT sum(f) FROM s",
    "WITH r (a, b) AS (SELECT gender, fee FROM customers WHERE {rare}) SELECT b FROM r",
    "SELECT count(*) FROM (SELECT 1 AS one FROM customers WHERE {rare}) AS t",
    "SELECT n FROM (SELECT count(*) AS n FROM customers WHERE {rare}) AS t",
    "SELECT sum(n) FROM (SELECT fee, count(*) AS n FROM customers WHERE {rare} GROUP BY fee) AS t",
    "SELECT sum(n) FROM (SELECT customer_id, count(*) AS n FROM customers WHERE {rare} GROUP BY customer_id) AS t",
    "SELECT max(f) FROM (SELECT customer_id, max(fee) AS f FROM customers WHERE {rare} GROUP BY customer_id) AS t",
    "SELECT (SELECT count(*) FROM customers WHERE {rare})",
    "SELECT (SELECT count(*) FROM customers WHERE {rare}) + 0 AS n",
    "SELECT (SELECT max(fee) FROM customers WHERE {rare})",
    "SELECT (SELECT fee FROM customers WHERE {rare} LIMIT 1)",
    "SELECT CASE WHEN (SELECT count(*) FROM customers WHERE {rare}) > 1 THEN 1 END",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM customers WHERE {rare}) THEN 1 END",
    "SELECT CASE WHEN EXISTS (SELECT * FROM customers WHERE {rare} ORDER BY fee LIMIT 1) THEN 1 END",
    "SELECT CASE WHEN {age} IN (SELECT age FROM customers) THEN 1 END",
    "SELECT 1 AS one FROM (SELECT 1 AS x) AS t WHERE EXISTS (SELECT 1 FROM customers WHERE {rare})",
    "SELECT gender, count(*) FROM customers WHERE EXISTS (SELECT 1 FROM customers WHERE {rare}) GROUP BY gender",
    "SELECT gender, count(*) FROM customers WHERE (SELECT count(*) FROM customers WHERE {rare}) > 0 GROUP BY gender",
    "SELECT gender, count(*) FROM customers WHERE {age} IN (SELECT age FROM customers) GROUP BY gender",
    "SELECT gender, count(*) FROM customers GROUP BY gender HAVING EXISTS (SELECT 1 FROM customers WHERE {rare})",
    "SELECT count(*) FROM customers c WHERE EXISTS (SELECT 1 FROM customers d WHERE d.{rare} AND d.gender = c.gender)",
    "SELECT count(*) FROM customers c JOIN customers d ON c.gender = d.gender WHERE d.{rare}",
    "SELECT count(*) FROM customers c, customers d WHERE d.{rare}",
    "SELECT count(*) FROM customers c CROSS JOIN (SELECT * FROM customers WHERE {rare}) AS d",
    "SELECT count(*) FROM customers c LEFT JOIN customers d ON c.customer_id = d.customer_id OR d.{rare}",
    "SELECT count(*) FROM customers c JOIN customers d ON c.customer_id = d.customer_id AND c.{rare}",
    "SELECT count(*) FROM customers c JOIN customers d USING (customer_id) WHERE d.{rare}",
    "SELECT count(DISTINCT d.customer_id) FROM customers c LEFT JOIN customers d ON c.customer_id = d.customer_id AND \
     d.{rare}",
    "SELECT count(d.fee), sum(d.fee) FROM customers c LEFT JOIN customers d ON c.customer_id = d.customer_id AND d.{rare}",
    "SELECT sum(n) FROM (SELECT c.customer_id, count(d.fee) AS n FROM customers c LEFT JOIN customers d ON \
     c.customer_id = d.customer_id AND d.{rare} GROUP BY c.customer_id) AS t",
    "SELECT count(*) FILTER (WHERE {rare}) FROM customers",
    "SELECT sum(fee) FILTER (WHERE {rare}) FROM customers",
    "SELECT count(*) FILTER (WHERE NOT ({rare})) FROM customers WHERE age IS NOT NULL",
    "SELECT sum(CASE WHEN {rare} THEN 1 ELSE 0 END) FROM customers",
    "SELECT count(CASE WHEN {rare} THEN 1 END) FROM customers",
    "SELECT avg(CASE WHEN {rare} THEN fee END) FROM customers",
    "SELECT max(CASE age WHEN {age} THEN fee END) FROM customers",
    "SELECT sum(CASE WHEN {rare} THEN 1000000 ELSE fee END) FROM customers",
    "SELECT sum(CAST({rare} AS INT)) FROM customers",
    "SELECT sum(x) FROM (SELECT CASE WHEN {rare} THEN 1 ELSE 0 END AS x FROM customers) AS t",
    "SELECT sum(x) FROM (SELECT CAST({rare} AS INT) AS x, gender FROM customers) AS t",
    "SELECT sum(nullif(age, {age})), count(*) FROM customers",
    "SELECT count(nullif(age, {age})) FROM customers WHERE age IS NOT NULL",
    "SELECT sum(greatest(age, {age}) - {age}) FROM customers",
    "SELECT sum(abs(age - {age})) FROM customers",
    "SELECT sum(age / {age}) FROM customers",
    "SELECT sum(1 - abs(signum(age - {age}))) FROM customers",
    "SELECT sum((age - 1) * (age - 2) * (age - 3)) FROM customers",
    "SELECT bool_or({rare}) FROM customers",
    "SELECT bool_and(NOT ({rare})) FROM customers",
    "SELECT count(DISTINCT CASE WHEN {rare} THEN 'a' ELSE 'b' END) FROM customers",
    "SELECT count(DISTINCT x) FROM (SELECT CASE WHEN {rare} THEN 'a' ELSE 'b' END AS x FROM customers) AS t",
    "SELECT CASE WHEN {rare} THEN 'rare' END AS k, count(*) FROM customers WHERE {rare} GROUP BY 1",
    "SELECT k FROM (SELECT CASE WHEN {rare} THEN 'rare' END AS k FROM customers) AS t WHERE k = 'rare'",
    "SELECT 100 AS age, count(*) FILTER (WHERE {rare}) AS n FROM customers",
    "SELECT 100 AS age, sum(CASE WHEN {rare} THEN 1 ELSE 0 END) AS n FROM customers",
    "SELECT first_value(fee) FROM customers",
    "SELECT fee, row_number() OVER (ORDER BY fee) FROM customers",
    "SELECT sum(fee) OVER (ORDER BY fee ROWS BETWEEN CURRENT ROW AND CURRENT ROW) FROM customers",
    "SELECT lag(fee) OVER (ORDER BY fee) FROM customers",
    "SELECT max(r) FROM (SELECT rank() OVER (ORDER BY fee) AS r FROM customers WHERE {rare}) AS t",
    "SELECT count(*) FROM (SELECT fee FROM customers ORDER BY fee LIMIT 1) AS t",
    "SELECT max(fee) FROM (SELECT fee FROM customers ORDER BY fee DESC LIMIT 3) AS t",
    "SELECT max(fee) FROM (SELECT fee FROM customers ORDER BY fee LIMIT 10 OFFSET 9) AS t",
    "SELECT max(fee) FROM customers WHERE customer_id IN (SELECT customer_id FROM customers ORDER BY fee LIMIT 1)",
    "SELECT count(*) FROM app_usage WHERE customer_id IN (SELECT customer_id FROM customers WHERE {rare})",
    "SELECT sum(minutes) FROM app_usage a JOIN customers c ON a.customer_id = c.customer_id WHERE c.{rare}",
    "SELECT app, count(*) FROM app_usage a JOIN customers c USING (customer_id) WHERE {rare} GROUP BY app",
    "SELECT customer_id, count(*) AS n FROM app_usage GROUP BY customer_id",
    "SELECT count(*) AS n FROM app_usage GROUP BY customer_id",
    "SELECT order_id, count(*) FROM \"Order\" GROUP BY order_id",
    "SELECT amount, count(*) FROM \"Order\" GROUP BY order_id, amount",
    "SELECT __who FROM (SELECT gender FROM customers) AS t",
    "SELECT t.__who FROM (SELECT gender FROM customers) AS t",
    "SELECT gender AS __who FROM customers",
    "SELECT * FROM (SELECT fee, score FROM customers WHERE {rare}) AS t",
    "SELECT t.* FROM (SELECT fee, score FROM customers WHERE {rare}) AS t",
    "SELECT gender FROM customers UNION ALL SELECT gender FROM customers",
];

/// Rows that `min_group` may not let through, where the statement itself shows `{rare}`'s people.
#[test]
fn no_statement_tells_of_fewer_than_five() {
    let age = rare().rsplit(' ').next().unwrap();
    let mut wrong = Vec::new();
    for hostile in HOSTILE {
        let sql = hostile.replace("{rare}", rare()).replace("{age}", age);
        match check(&sql, 5) {
            Err(refusal) => {
                // Nothing that is new: what the check refuses without a minimum too says nothing about it.
                assert!(!refusal.message(Locale::Ko).is_empty());
            }
            Ok(checked) => {
                // What the engine cannot run tells nothing either.
                let Ok(rows) = world().runtime.block_on(world().engine.run(&checked)) else { continue };
                let told = rows.rows.iter().any(|row| row.iter().any(|cell| *cell != Cell::Null && !is_label(cell)));
                if told {
                    wrong.push(format!("{sql}\n  {:?}\n  {}", rows.rows, checked.text()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A constant of the statement itself.
fn is_label(cell: &Cell) -> bool {
    matches!(cell, Cell::Int(100))
}

/// Statements on groups of which none is small, or whose small ones are known.
#[test]
fn honest_numbers_stay_right() {
    let same = [
        "SELECT count(*) AS n FROM customers",
        "SELECT count(DISTINCT customer_id) FROM app_usage",
        "SELECT count(*) FROM customers WHERE customer_id IN (SELECT customer_id FROM app_usage WHERE days > 3)",
        "SELECT count(*) FROM customers c WHERE EXISTS (SELECT * FROM app_usage u WHERE u.customer_id = c.customer_id)",
        "SELECT count(*) FROM customers c WHERE NOT EXISTS (SELECT 1 FROM app_usage u WHERE u.customer_id = c.customer_id \
         AND u.days > 10)",
        "SELECT avg(fee), min(fee), max(fee), median(age) FROM customers",
        "SELECT avg(n) FROM (SELECT customer_id, count(*) AS n FROM app_usage GROUP BY customer_id) AS t",
        "SELECT count(*) FROM (SELECT gender FROM customers) AS t",
        "WITH a AS (SELECT * FROM customers), b AS (SELECT gender AS g, fee FROM a) SELECT g, avg(fee) FROM b GROUP BY g \
         ORDER BY g",
        "SELECT gender, sum(fee) / count(*) FROM customers WHERE fee > (SELECT avg(fee) FROM customers) GROUP BY gender \
         ORDER BY 1",
        "SELECT sum(CASE WHEN fee > 0 THEN 1 ELSE 0 END), avg(CASE WHEN gender = 'F' THEN 1.0 ELSE 0.0 END) FROM customers",
        "SELECT count(*) FILTER (WHERE gender = 'F') FROM customers",
        "SELECT count(*) FROM customers c WHERE (SELECT count(*) FROM app_usage a WHERE a.customer_id = c.customer_id) > 1",
        "SELECT count(*) FROM customers c FULL JOIN app_usage a USING (customer_id)",
        "SELECT gender, count(*) AS n, sum(count(*)) OVER () AS all_of_them FROM customers GROUP BY gender ORDER BY 1",
        "SELECT count(*) FROM customers WHERE customer_id IN (SELECT customer_id FROM customers ORDER BY fee DESC LIMIT 20)",
        "SELECT count(*) FROM customers WHERE age = 1000",
        "SELECT avg(extract(year FROM joined_on)), sum(minutes * 2 + days) FROM customers c JOIN app_usage a ON \
         a.customer_id = c.customer_id",
    ];
    for sql in same {
        let (free, held) = (given(sql, 0), given(sql, 5));
        assert_eq!(held, free, "{sql}\n{}", check(sql, 5).unwrap().text());
    }
}

#[test]
fn small_groups_are_missing_and_the_others_stay() {
    let by_age = |min| given("SELECT age, count(*) AS n FROM customers GROUP BY age ORDER BY age", min);
    let large = |rows: &Rows| rows.rows.iter().filter(|r| matches!(r[1], Cell::Int(n) if n >= 5)).cloned().collect();
    let all = by_age(0);
    let shown: Vec<Vec<Cell>> = large(&all);
    assert!(shown.len() < all.rows.len());
    assert_eq!(by_age(5).rows, shown);
    // The size of a group is that of different people, not of rows.
    let rows = given("SELECT app, count(DISTINCT customer_id) AS n FROM app_usage GROUP BY app", 5);
    assert!(rows.rows.iter().all(|r| matches!(r[1], Cell::Int(n) if n >= 5)), "{rows:?}");
}

#[test]
fn a_list_is_grouped_by_what_it_lists() {
    let listed = given("SELECT gender FROM customers ORDER BY gender LIMIT 10", 5);
    let grouped = given("SELECT gender FROM customers GROUP BY gender HAVING count(*) >= 5 ORDER BY gender", 0);
    assert_eq!(listed, grouped);
    assert_eq!(given("SELECT 1 AS one FROM customers", 5).rows, [[Cell::Int(1)]]);
    let order = check("SELECT gender FROM customers ORDER BY customer_id", 5).unwrap_err();
    assert!(order.message(Locale::En).contains("customer_id"));
}

#[test]
fn a_statement_says_what_it_may_lack() {
    let hides = |sql: &str| check(sql, 5).unwrap().hides();
    assert_eq!(hides("SELECT count(*) FROM customers WHERE vip"), Hides::Whole);
    assert_eq!(hides("SELECT gender, count(*) FROM customers GROUP BY 1"), Hides::Parts);
    assert_eq!(hides("SELECT 1 AS one"), Hides::Nothing);
    assert_eq!(check("SELECT count(*) FROM customers", 0).unwrap().hides(), Hides::Nothing);
    assert_eq!(check("SELECT count(*) FROM customers", 1).unwrap().hides(), Hides::Nothing);
}

/// What may be asked without a minimum runs with one too, or is refused for telling of single people.
#[test]
fn what_is_allowed_runs_with_a_minimum_or_is_refused_for_it() {
    let mut refused = Vec::new();
    for sql in ALLOWED {
        match check(sql, 5) {
            Ok(checked) => {
                run(&checked);
            }
            Err(refusal) => refused.push((refusal.why.code(), *sql)),
        }
    }
    assert!(refused.iter().all(|(code, _)| ["single", "not_listed", "aggregated"].contains(code)), "{refused:#?}");
    assert!(refused.len() <= 4, "{refused:#?}");
    for (sql, why) in REFUSED {
        let refusal = check(sql, 5).expect_err(sql);
        let (code, said) = (refusal.why.code(), refusal.message(Locale::En));
        // For its own reason, or for telling of single people.
        assert!(
            said.contains(why) || ["single", "not_listed", "aggregated"].contains(&code),
            "{sql}\n  {code}: {said}"
        );
    }
}

#[test]
fn every_fault_is_told_with_its_place() {
    let limits = SqlLimits::default();
    let text = "SELECT nope,\n  gendr,\n  customer_id\nFROM customers\nWHERE ages > 3";
    let all = sql::check_all(text, &world().catalog, &limits).unwrap_err();
    let mut at: Vec<_> = all.iter().map(|r| (r.why.code(), r.line, r.column)).collect();
    at.sort_by_key(|(_, line, column)| (*line, *column));
    let unknown = "unknown_column";
    assert_eq!(at, [(unknown, 1, 8), (unknown, 2, 3), ("listed", 3, 3), (unknown, 5, 7)]);
    let hint = all.iter().find(|r| r.line == 2).and_then(|r| r.why.hint(Locale::En));
    assert_eq!(hint.as_deref(), Some("gender"));
}
