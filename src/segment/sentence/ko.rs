//! Korean lines and phrases.

use super::josa::{Josa, josa, mended};
use super::{Present, Scope, grouped, recent, texts};
use crate::catalog::Locale::Ko;
use crate::segment::{Amount, End, Expr, Func, Literal, Test};

/// What a line says of a truth value.
const YES: &str = "예";
const NO: &str = "아니요";

// ---- lines ----

pub(super) fn line(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::All => format!("전체 {}", scope.catalog.entity_label.ko),
        Expr::And(parts) if parts.is_empty() => line(&Expr::All, scope),
        Expr::Or(parts) if parts.is_empty() => "해당 없음".to_owned(),
        Expr::And(parts) => parts.iter().map(|p| part(p, scope)).collect::<Vec<_>>().join(" & "),
        Expr::Or(parts) => parts.iter().map(|p| part(p, scope)).collect::<Vec<_>>().join(" 또는 "),
        Expr::Not(inner) => negated(inner, scope),
        Expr::Compare { field, test } => {
            tested(&scope.label(field, Ko), test, scope.unit(field, Ko), &|v| scope.value(field, v, Ko))
        }
        Expr::Exists { dataset, rows } => presence(rows, scope.many(dataset), true),
        Expr::Total { dataset, func, field, rows, test } => {
            let rows_of = scope.many(dataset);
            let name = field.as_deref().unwrap_or_default();
            let what = total(rows_of, *func, name);
            let line = tested(&what, test, counter(rows_of, *func, name), &|v| rows_of.value(name, v, Ko));
            format!("{line}{}", remark(rows, rows_of))
        }
        Expr::Rank { field, end, amount, within } => {
            format!("{} {}{}", scope.label(field, Ko), ranked(*end, *amount), among(within, scope))
        }
        Expr::Sample { size, within, .. } => {
            format!("무작위 표본 {}{}", grouped(&size.to_string()), among(within, scope))
        }
        Expr::Saved { name } => format!("저장된 세그먼트 '{name}'"),
    }
}

/// A part of a longer line, in brackets where it is several.
fn part(expr: &Expr, scope: Scope<'_>) -> String {
    match expr {
        Expr::And(parts) | Expr::Or(parts) if parts.len() > 1 => format!("({})", line(expr, scope)),
        _ => line(expr, scope),
    }
}

fn negated(inner: &Expr, scope: Scope<'_>) -> String {
    match inner {
        Expr::Compare { field, test: Test::True } => format!("{} = {NO}", scope.label(field, Ko)),
        Expr::Compare { field, test: Test::Missing } => format!("{} 값 있음", scope.label(field, Ko)),
        Expr::Compare { field, test } if texts(test).is_some() => {
            format!("{} ≠ {}", scope.label(field, Ko), list(field, test, scope))
        }
        Expr::Exists { dataset, rows } => presence(rows, scope.many(dataset), false),
        _ => format!("{} 제외", part(inner, scope)),
    }
}

/// `what` and its test, with `unit` after numbers.
fn tested(what: &str, test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    let value = |v: &Literal| if is_number(v) { format!("{}{unit}", value(v)) } else { value(v) };
    match test {
        Test::Eq(v) => format!("{what} = {}", value(v)),
        Test::Ne(v) => format!("{what} ≠ {}", value(v)),
        Test::In(values) => format!("{what} = {}", values.iter().map(value).collect::<Vec<_>>().join(", ")),
        Test::True => format!("{what} = {YES}"),
        Test::Missing => format!("{what} 값 없음"),
        _ => format!("{what} {}", bounded(test, unit, &value)),
    }
}

/// 50,000원 이상, 20~29세, 최근 30일.
fn bounded(test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> String {
    match test {
        Test::Ge(v @ Literal::Date(day)) => {
            recent(*day, Ko).map_or_else(|| format!("{} 이후", value(v)), |days| format!("{days} 이내"))
        }
        Test::Gt(v @ Literal::Date(_)) => format!("{}보다 이후", value(v)),
        Test::Le(v @ Literal::Date(_)) => format!("{} 이전", value(v)),
        Test::Lt(v @ Literal::Date(_)) => format!("{}보다 이전", value(v)),
        Test::Ge(v) => format!("{} 이상", value(v)),
        Test::Gt(v) => format!("{} 초과", value(v)),
        Test::Le(v) => format!("{} 이하", value(v)),
        Test::Lt(v) => format!("{} 미만", value(v)),
        Test::Between(low, high) => {
            let low = value(low);
            format!("{}~{}", low.strip_suffix(unit).unwrap_or(&low), value(high))
        }
        Test::Eq(v) | Test::Ne(v) => value(v),
        Test::In(values) => alternatives(&values.iter().map(value).collect::<Vec<_>>()),
        Test::True | Test::Missing => String::new(),
    }
}

fn is_number(value: &Literal) -> bool {
    matches!(value, Literal::Int(_) | Literal::Float(_))
}

fn list(field: &str, test: &Test, scope: Scope<'_>) -> String {
    let values = texts(test).unwrap_or_default();
    values.iter().map(|v| scope.value(field, v, Ko)).collect::<Vec<_>>().join(", ")
}

fn presence(rows: &Expr, scope: Scope<'_>, there: bool) -> String {
    let present = Present::of(rows, scope.dataset);
    let says = &scope.dataset.presence;
    let named = present.named.iter().map(|(field, values)| {
        let values: Vec<_> = values.iter().map(|v| scope.value(field, v, Ko)).collect();
        format!("{} = {}", scope.label(field, Ko), values.join(", "))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let named = if named.is_empty() { says.anything.ko.clone() } else { named };
    let template = if there { &says.says.ko } else { &says.says_not.ko };
    format!("{}{}", without_particle(template).replace("{}", &named), remark(&present.rest, scope))
}

/// `{}에 가입` as `{} 가입`: a line has no particles.
fn without_particle(template: &str) -> String {
    let Some((before, after)) = template.split_once("{}") else { return template.to_owned() };
    format!("{before}{{}}{}", &after[after.find(' ').unwrap_or(0)..])
}

/// Row conditions as a remark.
fn remark(rows: &Expr, scope: Scope<'_>) -> String {
    if *rows == Expr::All { String::new() } else { format!(" ({})", line(rows, scope)) }
}

fn among(within: &Expr, scope: Scope<'_>) -> String {
    if *within == Expr::All { String::new() } else { format!(" ({} 중)", line(within, scope)) }
}

fn total(scope: Scope<'_>, func: Func, field: &str) -> String {
    let (dataset, label) = (&scope.dataset.label.ko, scope.label(field, Ko));
    // 앱 사용 + 사용 시간 is 앱 사용 시간.
    let shared = label.split(' ').next().and_then(|first| dataset.strip_suffix(first)).map(str::trim_end);
    let of = |what: &str| format!("{} {label} {what}", shared.unwrap_or(dataset)).trim_start().to_owned();
    match func {
        Func::Sum => of("합계"),
        Func::Avg => of("평균"),
        Func::Min => of("최소"),
        Func::Max => of("최대"),
        Func::Median => of("중앙값"),
        Func::Count => format!("{dataset} 건수"),
        Func::CountDistinct => format!("서로 다른 {label} 수"),
    }
}

/// What follows the number of a total.
fn counter<'a>(scope: Scope<'a>, func: Func, field: &str) -> &'a str {
    match func {
        Func::Count => "건",
        Func::CountDistinct => "개",
        _ => scope.unit(field, Ko),
    }
}

fn ranked(end: End, amount: Amount) -> String {
    let end = if end == End::Top { "상위" } else { "하위" };
    match amount {
        Amount::Share(share) => format!("{end} {}%", super::percent(share)),
        Amount::Number(number) => format!("{end} {}", grouped(&number.to_string())),
    }
}

// ---- phrases ----

/// A clause up to the stem of its last verb.
struct Clause {
    stem: String,
    /// 이다, 아니다: the form before a noun is -ㄴ, not -는.
    is: bool,
}

impl Clause {
    /// What something is: "연령이 30세", with 이다.
    fn is(text: &str) -> Self {
        Self { stem: format!("{text}이"), is: true }
    }

    fn is_not(text: &str) -> Self {
        Self { stem: format!("{} 아니", josa(text, Josa::Subject)), is: true }
    }

    fn does(stem: String) -> Self {
        Self { stem, is: false }
    }

    /// What the catalog says of a presence: a noun of doing (이용), a nominal form (이용 안 함), or a
    /// dictionary form (쓰다).
    fn said(text: &str) -> Self {
        let stem = if let Some(stem) = text.strip_suffix(" 안 함") {
            format!("{stem}하지 않")
        } else if let Some(stem) = text.strip_suffix('다').or_else(|| text.strip_suffix('음')) {
            stem.to_owned()
        } else if let Some(stem) = text.strip_suffix('함') {
            format!("{stem}하")
        } else {
            format!("{text}하")
        };
        Self::does(stem)
    }

    /// The opposite: what something is not, or does not do.
    fn opposite(&self) -> Self {
        match self.stem.strip_suffix('이').filter(|_| self.is) {
            Some(what) => Self::is_not(what),
            None if self.is => Self::is_not(&format!("{} 경우", self.adnominal())),
            None => Self::does(format!("{}지 않", self.stem)),
        }
    }

    fn and(&self, nth: usize) -> String {
        let batchim = self.final_sound();
        match nth % 2 {
            0 => format!("{}고", self.stem),
            _ if batchim == 0 || batchim == RIEUL => format!("{}며", self.stem),
            _ => format!("{}으며", self.stem),
        }
    }

    fn or(&self) -> String {
        format!("{}거나", self.stem)
    }

    /// The form before a noun.
    fn adnominal(&self) -> String {
        if self.is {
            return with_final(&self.stem, NIEUN);
        }
        let stem = if self.final_sound() == RIEUL { with_final(&self.stem, 0) } else { self.stem.clone() };
        format!("{stem}는")
    }

    fn final_sound(&self) -> u32 {
        self.stem.chars().next_back().map_or(0, |c| u32::from(c).saturating_sub(BASE) % FINALS)
    }
}

const BASE: u32 = 0xAC00;
const FINALS: u32 = 28;
const NIEUN: u32 = 4;
const RIEUL: u32 = 8;

/// `text` with `sound` as the final of its last syllable.
fn with_final(text: &str, sound: u32) -> String {
    let mut out = text.to_owned();
    if let Some(last) = out.pop() {
        let code = u32::from(last).saturating_sub(BASE) / FINALS * FINALS + BASE + sound;
        out.push(char::from_u32(code).unwrap_or(last));
    }
    out
}

pub(super) fn sentence(expr: &Expr, scope: Scope<'_>) -> String {
    let who = &scope.catalog.entity_label.ko;
    match expr {
        Expr::All => format!("전체 {who}"),
        Expr::And(parts) if parts.is_empty() => format!("전체 {who}"),
        Expr::Or(parts) if parts.is_empty() => format!("해당하는 {who} 없음"),
        _ => format!("{} {who}", describing(expr, scope)),
    }
}

/// Everything before the noun.
fn describing(expr: &Expr, scope: Scope<'_>) -> String {
    let (parts, any) = match expr {
        Expr::And(parts) => (parts.as_slice(), false),
        Expr::Or(parts) => (parts.as_slice(), true),
        one => (std::slice::from_ref(one), false),
    };
    let clauses: Vec<_> = parts.iter().map(|p| clause(p, scope)).collect();
    let Some((last, others)) = clauses.split_last() else { return String::new() };
    let mut words: Vec<_> = others.iter().enumerate().map(|(i, c)| if any { c.or() } else { c.and(i) }).collect();
    words.push(last.adnominal());
    words.join(" ")
}

fn clause(expr: &Expr, scope: Scope<'_>) -> Clause {
    match expr {
        Expr::Compare { field, test } => compared(field, test, scope),
        Expr::Not(inner) => opposite(inner, scope),
        Expr::Exists { dataset, rows } => present(rows, scope.many(dataset), true),
        Expr::Total { dataset, func, field, rows, test } => {
            let rows_of = scope.many(dataset);
            let name = field.as_deref().unwrap_or_default();
            let what = format!("{}{}", total(rows_of, *func, name), remark(rows, rows_of).trim_start());
            measured(&what, test, counter(rows_of, *func, name), &|v| rows_of.value(name, v, Ko))
        }
        Expr::Rank { field, end, amount, within } => {
            let what = josa(&scope.label(field, Ko), Josa::Subject);
            Clause::does(format!("{what} {}{}에 들", ranked(*end, *amount), among(within, scope)))
        }
        Expr::Sample { .. } => Clause::does(format!("{}에 들", line(expr, scope))),
        Expr::Saved { .. } => Clause::does(format!("{}에 속하", line(expr, scope))),
        Expr::All => Clause::is(&line(expr, scope)),
        Expr::And(parts) | Expr::Or(parts) if parts.is_empty() => {
            Clause::does(format!("{}에 해당하", line(expr, scope)))
        }
        Expr::And(_) | Expr::Or(_) => Clause::is(&format!("({}) 경우", describing(expr, scope))),
    }
}

fn opposite(inner: &Expr, scope: Scope<'_>) -> Clause {
    match inner {
        Expr::Compare { field, test: Test::Missing } => {
            Clause::does(format!("{} 있", josa(&scope.label(field, Ko), Josa::Subject)))
        }
        Expr::Exists { dataset, rows } => present(rows, scope.many(dataset), false),
        _ => clause(inner, scope).opposite(),
    }
}

fn compared(field: &str, test: &Test, scope: Scope<'_>) -> Clause {
    if *test == Test::True {
        return Clause::does(format!("{}에 해당하", truth(field, scope)));
    }
    measured(&scope.label(field, Ko), test, scope.unit(field, Ko), &|v| scope.value(field, v, Ko))
}

fn measured(what: &str, test: &Test, unit: &str, value: &dyn Fn(&Literal) -> String) -> Clause {
    let value = |v: &Literal| if is_number(v) { format!("{}{unit}", value(v)) } else { value(v) };
    let what = josa(what, Josa::Subject);
    match test {
        Test::Missing => Clause::does(format!("{what} 없")),
        Test::Ne(v) => Clause::is_not(&format!("{what} {}", value(v))),
        _ => Clause::is(&format!("{what} {}", bounded(test, unit, &value))),
    }
}

/// The label of a truth value as what somebody is: 외국인 여부 → 외국인.
fn truth(field: &str, scope: Scope<'_>) -> String {
    let label = scope.label(field, Ko);
    label.strip_suffix("여부").map_or_else(|| label.clone(), |rest| rest.trim_end().to_owned())
}

fn present(rows: &Expr, scope: Scope<'_>, there: bool) -> Clause {
    let present = Present::of(rows, scope.dataset);
    let says = &scope.dataset.presence;
    let mut words: Vec<_> = present
        .named
        .iter()
        .rev()
        .map(|(field, values)| alternatives(&values.iter().map(|v| scope.value(field, v, Ko)).collect::<Vec<_>>()))
        .collect();
    if !present.item {
        words.push(says.anything.ko.clone());
    }
    let what = format!("{}{}", words.join(" "), remark(&present.rest, scope).trim_start());
    let template = if there { &says.says.ko } else { &says.says_not.ko };
    let said = mended(&template.replace("{}", &what));
    Clause::said(said.trim())
}

/// 강남구, 서초구나 송파구.
fn alternatives(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., before, last] => {
            let mut words = others.to_vec();
            words.push(format!("{} {last}", josa(before, Josa::Or)));
            words.join(", ")
        }
    }
}
