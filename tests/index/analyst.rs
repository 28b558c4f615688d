//! An analyst's own SQL whose shape is that of a segment: recognised, and the same rows as by running it.

use waggle::engine::{BY_SQL, Output};
use waggle::sql::{self, SqlLimits};

use super::equal::{Two, alike, many};

/// By the index.
const RECOGNISED: &[&str] = &[
    "SELECT count(*) FROM customers",
    "SELECT COUNT(*) AS n FROM customers AS c WHERE c.gender = 'F' AND c.age BETWEEN 20 AND 29",
    "SELECT count(DISTINCT customer_id) AS n FROM customers WHERE NOT (gender = 'F') OR contract_months_left < 6",
    "SELECT count(*) AS n FROM customers WHERE NOT (contract_months_left > 6)",
    "SELECT count(*) AS n FROM customers WHERE contract_months_left <> 6",
    "SELECT count(*) AS n FROM customers WHERE (contract_months_left > 6) IS NOT TRUE",
    "SELECT count(*) AS n FROM customers WHERE contract_months_left NOT IN (1, 2, 3.5)",
    "SELECT count(*) AS n FROM customers WHERE NOT foreigner AND 0.7 <= churn_score",
    "SELECT count(*) AS n FROM customers WHERE contract_months_left IS NULL AND joined_on >= DATE '2020-01-01'",
    "SELECT count(*) AS n FROM customers WHERE home_sido = 'no such place' AND age > -3",
    "SELECT count(*) AS n FROM customers WHERE age > 100",
    "SELECT home_sido, count(*) AS n FROM customers WHERE age >= 30 GROUP BY home_sido ORDER BY n DESC, home_sido",
    "SELECT count(*) AS n, gender AS g FROM customers GROUP BY gender ORDER BY 2 DESC",
    "SELECT home_sigungu, gender, count(*) AS n FROM customers GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 7",
    "SELECT contract_months_left, count(*) AS n FROM customers GROUP BY contract_months_left ORDER BY contract_months_left",
    "SELECT contract_months_left AS m, count(*) AS n FROM customers GROUP BY m ORDER BY m DESC",
    "SELECT joined_on, count(*) AS n FROM customers WHERE foreigner GROUP BY joined_on ORDER BY joined_on",
    "SELECT churn_score, count(*) AS n FROM customers WHERE foreigner GROUP BY churn_score ORDER BY 1",
    "SELECT ad_consent, count(*) AS n FROM customers GROUP BY ad_consent ORDER BY ad_consent NULLS FIRST",
    "SELECT count(*) AS n FROM customers c WHERE EXISTS (SELECT 1 FROM app_usage a WHERE a.customer_id = c.customer_id AND a.app = 'Netflix' AND a.days_used_30d >= 15)",
    "SELECT count(*) AS n FROM customers c WHERE NOT EXISTS (SELECT 1 FROM app_usage a WHERE c.customer_id = a.customer_id AND NOT (app = 'Netflix'))",
    "SELECT count(*) AS n FROM customers WHERE customer_id IN (SELECT customer_id FROM call_usage WHERE calls_30d > 3)",
];

/// By DataFusion: they ask for more than a count, or may mean something else.
const RUN: &[&str] = &[
    "SELECT sum(age) AS s FROM customers",
    "SELECT count(*) FROM app_usage",
    "SELECT count(age) AS n FROM customers",
    "SELECT count(*) * 2 AS n FROM customers",
    "SELECT DISTINCT gender FROM customers",
    "SELECT gender, count(*) AS n FROM customers GROUP BY gender HAVING count(*) > 10",
    "SELECT count(*) AS n FROM customers WHERE age + 1 > 30",
    "SELECT count(*) AS n FROM customers WHERE age > contract_months_left",
    "SELECT count(*) AS n FROM customers WHERE home_sido LIKE '서울%'",
    "SELECT count(*) AS n FROM customers WHERE churn_score >= -0.0",
    "SELECT count(*) AS n FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM call_usage)",
    "SELECT count(*) AS n FROM customers c JOIN app_usage a ON a.customer_id = c.customer_id",
    "SELECT home_sido, count(*) AS n FROM customers GROUP BY home_sido ORDER BY n LIMIT 3 OFFSET 2",
];

fn both(two: &Two, text: &str, min_group: u64) -> (Output, Output, bool) {
    let limits = SqlLimits { min_group: Some(min_group), ..SqlLimits::default() };
    let checked = sql::check(text, &two.catalog, &limits).unwrap_or_else(|e| panic!("{text}: {e}"));
    let one = two.one.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let found = two.runtime.block_on(two.index.run_batches(&checked, None)).unwrap();
    let indexed = two.index.explained().iter().all(|how| how.by != BY_SQL);
    drop(one);
    let expected = two.runtime.block_on(two.sql.run_batches(&checked, None)).unwrap();
    (found, expected, indexed)
}

#[test]
fn a_count_of_the_entity_is_recognised() {
    let two = many();
    for text in RECOGNISED {
        for min_group in [0, 5, 300] {
            let (found, expected, indexed) = both(two, text, min_group);
            assert!(indexed, "{text}");
            assert_eq!(found.columns(), expected.columns(), "{text}");
            let (found, expected) = (found.rows().unwrap(), expected.rows().unwrap());
            assert!(alike(&found, &expected), "{text} ({min_group})\n{found:?}\n{expected:?}");
        }
    }
}

#[test]
fn what_is_not_certain_to_be_one_is_run() {
    let two = many();
    for text in RUN {
        let (found, expected, indexed) = both(two, text, 0);
        assert!(!indexed, "{text}");
        assert_eq!(found.columns(), expected.columns(), "{text}");
    }
}
