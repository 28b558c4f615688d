//! What a marketer reads, in both languages, for a dozen segments.

use waggle::catalog::{self, Catalog, Label, Locale};
use waggle::segment::{Condition, Expr, Segment, Words, sentence, text};

fn label(ko: &str, en: &str) -> Label {
    Label { ko: ko.to_owned(), en: en.to_owned() }
}

/// The telco catalog, with the labels that these tests are about as they expect them.
fn catalog() -> Catalog {
    let mut catalog = catalog::builtin().unwrap();
    for dataset in &mut catalog.datasets {
        if dataset.name == "app_usage" {
            dataset.presence.says = label("{}을(를) 이용", "uses {}");
            dataset.presence.says_not = label("{}을(를) 이용 안 함", "does not use {}");
            dataset.presence.anything = label("앱", "any app");
        }
        for field in dataset.fields.iter_mut().filter(|f| ["app", "device_series"].contains(&f.name.as_str())) {
            for value in &mut field.values {
                value.label = label(&value.name, &value.name);
            }
        }
    }
    catalog
}

/// Line and phrase in Korean, then in English.
fn said(text: &str) -> [String; 4] {
    let catalog = catalog();
    let expr = text::parse(text, &catalog).unwrap();
    [
        sentence::condition(&expr, &catalog, Locale::Ko),
        sentence::sentence(&expr, &catalog, Locale::Ko),
        sentence::condition(&expr, &catalog, Locale::En),
        sentence::sentence(&expr, &catalog, Locale::En),
    ]
}

#[test]
fn everybody_and_nobody() {
    assert_eq!(said("TRUE"), ["전체 고객", "전체 고객", "every customer", "every customer"]);
    assert_eq!(said("FALSE"), ["해당 없음", "해당하는 고객 없음", "nobody", "no customer"]);
}

#[test]
fn values_and_presence() {
    assert_eq!(
        said("home_sigungu = '강남구' AND device_series = 'iPhone' AND EXISTS app_usage (app = 'Netflix')"),
        [
            "거주 시군구 = 강남구 & 단말 시리즈 = iPhone & 앱 = Netflix 이용",
            "거주 시군구가 강남구이고 단말 시리즈가 iPhone이며 Netflix를 이용하는 고객",
            "home district = Gangnam-gu & handset series = iPhone & uses Netflix",
            "every customer whose home district is Gangnam-gu, whose handset series is iPhone and who uses Netflix",
        ]
    );
    assert_eq!(
        said("NOT EXISTS app_usage (app IN ('Netflix', 'TVING') AND days_used_30d >= 15)"),
        [
            "앱 = Netflix, TVING 이용 안 함 (사용 일수 15일 이상)",
            "Netflix나 TVING(사용 일수 15일 이상)을 이용하지 않는 고객",
            "does not use Netflix or TVING (days used at least 15 days)",
            "every customer who does not use Netflix or TVING (days used at least 15 days)",
        ]
    );
    assert_eq!(said("EXISTS app_usage")[..3], ["앱 이용", "앱을 이용하는 고객", "uses any app"]);
}

#[test]
fn numbers_and_dates() {
    assert_eq!(
        said("age BETWEEN 20 AND 29 AND monthly_fee >= 70000 AND monthly_fee < 90000"),
        [
            "연령 20~29세 & 월정액 70,000원 이상 & 월정액 90,000원 미만",
            "연령이 20~29세이고 월정액이 70,000원 이상이며 월정액이 90,000원 미만인 고객",
            "age from 20 to 29 years old & monthly plan fee at least 70,000 KRW & monthly plan fee under 90,000 KRW",
            "every customer whose age is from 20 to 29 years old, whose monthly plan fee is at least 70,000 KRW \
             and whose monthly plan fee is under 90,000 KRW",
        ]
    );
    assert_eq!(
        said("joined_on >= AS_OF - 30 DAYS OR joined_on BETWEEN DATE '2023-01-01' AND DATE '2023-12-31'")[..2],
        [
            "가입일 최근 30일 이내 또는 가입일 2023-01-01~2023-12-31",
            "가입일이 최근 30일 이내이거나 가입일이 2023-01-01~2023-12-31인 고객",
        ]
    );
    assert_eq!(said("joined_on < DATE '2020-01-01'")[0], "가입일 2020-01-01보다 이전");
}

#[test]
fn opposites() {
    assert_eq!(
        said("ad_consent AND NOT foreigner"),
        [
            "정보광고 수신 동의 = 예 & 외국인 여부 = 아니요",
            "정보광고 수신 동의에 해당하고 외국인에 해당하지 않는 고객",
            "consent to advertising messages = yes & foreign national = no",
            "every customer who is marked \"consent to advertising messages\" and who is not marked \"foreign national\"",
        ]
    );
    assert_eq!(
        said("contract_months_left IS NOT MISSING AND network <> 'LTE'")[..2],
        ["약정 잔여 개월 값 있음 & 네트워크 ≠ LTE", "약정 잔여 개월이 있고 네트워크가 LTE가 아닌 고객"]
    );
    assert_eq!(
        said("NOT (home_sido IN ('서울특별시', '경기도') AND age >= 60)")[1],
        "(거주 시도가 서울이나 경기도이고 연령이 60세 이상인) 경우가 아닌 고객"
    );
    assert_eq!(said("NOT (age BETWEEN 20 AND 29)")[1], "연령이 20~29세가 아닌 고객");
    assert_eq!(
        said("NOT SEGMENT '여름'"),
        [
            "저장된 세그먼트 '여름' 제외",
            "저장된 세그먼트 '여름'에 속하지 않는 고객",
            "not saved segment '여름'",
            "every customer who is not in the saved segment '여름'",
        ]
    );
}

#[test]
fn alternatives_within_a_conjunction_stand_in_brackets() {
    assert_eq!(
        said("(gender = 'M' OR age >= 65) AND foreigner"),
        [
            "(성별 = 남성 또는 연령 65세 이상) & 외국인 여부 = 예",
            "(성별이 남성이거나 연령이 65세 이상인) 경우이고 외국인에 해당하는 고객",
            "(gender = men or age at least 65 years old) & foreign national = yes",
            "every customer (either whose gender is men or whose age is at least 65 years old) \
             and who is marked \"foreign national\"",
        ]
    );
}

#[test]
fn totals_and_counts() {
    assert_eq!(
        said("SUM(app_usage.minutes_30d WHERE app_category = '음악') >= 1200")[..2],
        ["앱 사용 시간 합계 1,200분 이상 (앱 분류 = 음악)", "앱 사용 시간 합계(앱 분류 = 음악)가 1,200분 이상인 고객"]
    );
    assert_eq!(
        said("COUNT(DISTINCT visits.sido) >= 3"),
        [
            "서로 다른 방문 시도 수 3개 이상",
            "서로 다른 방문 시도 수가 3개 이상인 고객",
            "number of different values of province visited at least 3",
            "every customer whose number of different values of province visited is at least 3",
        ]
    );
}

#[test]
fn ranks_and_samples() {
    assert_eq!(
        said("gender = 'F' AND TOP 10% BY data_gb_30d WITHIN (gender = 'F')"),
        [
            "성별 = 여성 & 데이터 사용량 상위 10% (성별 = 여성 중)",
            "성별이 여성이고 데이터 사용량이 상위 10%에 드는 고객",
            "gender = women & top 10% by mobile data used (among: gender = women)",
            "every customer whose gender is women and who is in the top 10% by mobile data used",
        ]
    );
    assert_eq!(
        said("SAMPLE 1000 SEED 7"),
        [
            "무작위 표본 1,000",
            "무작위 표본 1,000에 드는 고객",
            "1,000 at random",
            "every customer who is among 1,000 at random"
        ]
    );
}

#[test]
fn a_reading_is_a_line_for_each_condition() {
    let catalog = catalog();
    let condition =
        |text: &str| Condition { expr: text::parse(text, &catalog).unwrap(), turn: 1, words: Words::default() };
    let conditions = ["gender = 'F'", "TRUE", "TOP 10 BY age WITHIN (gender = 'F')"].map(condition).to_vec();
    let segment = Segment { conditions };
    assert_eq!(sentence::reading(&segment, &catalog, Locale::Ko), ["성별 = 여성", "연령 상위 10"]);
    assert_eq!(sentence::reading(&Segment::default(), &catalog, Locale::Ko), Vec::<String>::new());
    assert_eq!(sentence::row_condition(&Expr::All, &catalog, "app_usage", Locale::En), "every customer");
}
