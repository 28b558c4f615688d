//! Row rules: the catalog's rules and a caller become one condition on the rows that may be seen.
//!
//! All rules that are for a caller hold together, so that a rule can only ever take rows away. A rule that
//! cannot be applied hides everything: whatever asks here and gets an error must show nothing.
//!
//! `{attribute}` in a rule stands for what the caller's attribute is, always as one quoted text. It is no part
//! of the language, and between quotes it stands for itself: an attribute cannot become a condition.

use std::str::FromStr;

use super::{Caller, Role};
use crate::catalog::{Catalog, Fault, Locale, RowRule};
use crate::segment::check::{self, SegmentError};
use crate::segment::sentence;
use crate::segment::text::{self, TextError};
use crate::segment::{Expr, Literal, Test};

/// What stands for an attribute while a catalog is checked: what callers will have is not known then.
const ANY: &str = "\u{1}any";

/// Why a condition on rows cannot be asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleFault {
    /// It is no text of the segment's language.
    #[error("{0}")]
    Text(#[from] TextError),
    /// It does not fit the catalog; a value that an attribute stands for is none of the field's, perhaps.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Segment(Vec<SegmentError>),
    /// It depends on who else is there, or on what somebody saved.
    #[error("TOP, BOTTOM, SAMPLE and SEGMENT cannot say which rows may be seen")]
    Relative,
    /// The caller lacks an attribute that the condition names.
    #[error("the caller has no attribute `{0}`")]
    NoAttribute(String),
    /// `{` without a name and `}` behind it.
    #[error("`{{` outside quotes begins the name of an attribute and needs `}}` after it")]
    Brace,
    /// An attribute between quotes.
    #[error("`{{{0}}}` stands between quotes; an attribute is quoted by itself")]
    Quoted(String),
    /// A role that there is not.
    #[error("{0}")]
    Role(#[from] super::NoSuchRole),
}

impl RuleFault {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Text(error), locale) => error.message(locale),
            (Self::Segment(errors), locale) => errors.iter().map(|e| e.message(locale)).collect::<Vec<_>>().join("; "),
            (Self::Role(error), locale) => error.message(locale),
            (Self::Relative, Locale::Ko) => {
                "TOP, BOTTOM, SAMPLE, SEGMENT로는 볼 수 있는 행을 정할 수 없습니다".to_owned()
            }
            (Self::NoAttribute(name), Locale::Ko) => format!("호출자에게 `{name}` 속성이 없습니다"),
            (Self::Brace, Locale::Ko) => "따옴표 밖의 `{` 뒤에는 속성 이름과 `}`가 있어야 합니다".to_owned(),
            (Self::Quoted(name), Locale::Ko) => {
                format!("`{{{name}}}`가 따옴표 안에 있습니다. 속성은 저절로 따옴표로 묶입니다")
            }
            (_, Locale::En) => self.to_string(),
        }
    }
}

/// A rule that is for a caller and cannot be applied: nothing may be shown.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the row rule `{rule}` cannot be applied, so nothing is shown: {fault}")]
pub struct RuleError {
    /// Its name.
    pub rule: String,
    /// Why.
    pub fault: RuleFault,
}

impl RuleError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let cause = self.fault.message(locale);
        match locale {
            Locale::Ko => format!("행 규칙 `{}`을(를) 적용할 수 없어 아무것도 보여주지 않습니다: {cause}", self.rule),
            Locale::En => format!("the row rule `{}` cannot be applied, so nothing is shown: {cause}", self.rule),
        }
    }
}

/// The condition on the rows that a caller sees, in the segment's canonical text; none where no rule is for
/// them.
///
/// # Errors
/// A rule that is for them and cannot be applied. Nothing may be shown to them then.
pub fn scope(catalog: &Catalog, caller: &Caller) -> Result<Option<String>, RuleError> {
    let mut parts = Vec::new();
    for rule in catalog.row_rules.iter().filter(|rule| is_for(rule, caller)) {
        let failed = |fault| RuleError { rule: rule.name.clone(), fault };
        let filled = filled(&rule.only, &|name| caller.attributes.get(name).cloned()).map_err(failed)?;
        parts.push((rule, condition(&filled, catalog).map_err(failed)?));
    }
    let Some((last, _)) = parts.last() else { return Ok(None) };
    let last = last.name.clone();
    let all = Expr::all_of(parts.into_iter().map(|(_, expr)| expr).collect());
    // Each is short enough; together they may not be.
    checked(&all, catalog).map_err(|fault| RuleError { rule: last, fault })?;
    Ok(Some(text::print(&all)))
}

/// Whether a rule is for a caller. One that names no role is for all but administrators.
fn is_for(rule: &RowRule, caller: &Caller) -> bool {
    let for_role = if rule.roles.is_empty() {
        caller.role != Role::Admin
    } else {
        // A role that does not exist is for everybody: loading refuses it, and a fault must not open rows.
        rule.roles.iter().any(|name| Role::from_str(name).map_or(true, |role| role == caller.role))
    };
    let attribute = rule.attribute.as_ref().is_none_or(|name| {
        let found = caller.attributes.get(name);
        found.is_some_and(|value| rule.equals.as_ref().is_none_or(|wanted| wanted == value))
    });
    for_role && attribute
}

/// The row rules of a catalog whose conditions cannot be asked, or that are for roles that there are not.
#[must_use]
pub fn faults(catalog: &Catalog) -> Vec<Fault> {
    catalog.row_rules.iter().flat_map(|rule| faults_of(rule, catalog)).collect()
}

fn faults_of(rule: &RowRule, catalog: &Catalog) -> Vec<Fault> {
    let roles = rule.roles.iter().filter_map(|name| Role::from_str(name).err()).map(RuleFault::from);
    let condition = filled(&rule.only, &|_| Some(ANY.to_owned())).and_then(|text| match condition(&text, catalog) {
        Err(RuleFault::Segment(errors)) => {
            let of_any = |e: &SegmentError| matches!(e, SegmentError::UnknownValue { value, .. } if value == ANY);
            let left: Vec<_> = errors.into_iter().filter(|e| !of_any(e)).collect();
            if left.is_empty() { Ok(()) } else { Err(RuleFault::Segment(left)) }
        }
        other => other.map(|_| ()),
    });
    roles.chain(condition.err()).map(|fault| rule.fault(&fault.to_string())).collect()
}

/// The catalog over those for whom `predicate` holds too: [`Catalog::within`] for a condition that was checked.
/// What the population is called says so.
///
/// # Errors
/// Where it is no condition on rows.
pub fn within(catalog: &Catalog, predicate: &str) -> Result<Catalog, RuleFault> {
    let expr = condition(predicate, catalog)?;
    let mut scoped = catalog.within(&text::print(&expr));
    let label = &mut scoped.population_label;
    label.ko = format!("{} ({})", label.ko, sentence::condition(&expr, catalog, Locale::Ko));
    label.en = format!("{} ({})", label.en, sentence::condition(&expr, catalog, Locale::En));
    Ok(scoped)
}

fn condition(predicate: &str, catalog: &Catalog) -> Result<Expr, RuleFault> {
    let expr = text::parse(predicate, catalog)?;
    checked(&expr, catalog)?;
    Ok(expr)
}

fn checked(expr: &Expr, catalog: &Catalog) -> Result<(), RuleFault> {
    check::check(expr, catalog).map_err(RuleFault::Segment)?;
    if is_relative(expr) { Err(RuleFault::Relative) } else { Ok(()) }
}

/// Whether a condition depends on more than the row itself: its bound would be sought among the rows that it
/// is to choose.
fn is_relative(expr: &Expr) -> bool {
    match expr {
        Expr::Rank { .. } | Expr::Sample { .. } | Expr::Saved { .. } => true,
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(is_relative),
        Expr::Not(inner) => is_relative(inner),
        Expr::All | Expr::Compare { .. } | Expr::Exists { .. } | Expr::Total { .. } => false,
    }
}

/// `only` with every `{attribute}` replaced by what it is, as one quoted text.
fn filled(only: &str, attribute: &dyn Fn(&str) -> Option<String>) -> Result<String, RuleFault> {
    let mut out = String::new();
    let mut rest = only;
    while let Some(start) = rest.find(['\'', '"', '{']) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = if let Some(inside) = rest.strip_prefix('{') {
            let (name, length) = name(inside).ok_or(RuleFault::Brace)?;
            let value = attribute(name).ok_or_else(|| RuleFault::NoAttribute(name.to_owned()))?;
            out.push_str(&quoted(value));
            length + 1
        } else {
            // Up to the quote that closes it; one that is doubled opens the next text, which is the same here.
            let length = rest[1..].find(&rest[..1]).map_or(rest.len(), |end| end + 2);
            let inside = &rest[..length];
            if let Some((name, _)) = inside.match_indices('{').find_map(|(i, _)| name(&inside[i + 1..])) {
                return Err(RuleFault::Quoted(name.to_owned()));
            }
            out.push_str(inside);
            length
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The name of an attribute up to `}`, and how long both are.
fn name(text: &str) -> Option<(&str, usize)> {
    let name = text.split_once('}')?.0;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.:/".contains(c));
    is_name.then_some((name, name.len() + 1))
}

/// A text as the segment's language writes it.
fn quoted(value: String) -> String {
    let compare = Expr::Compare { field: String::new(), test: Test::Eq(Literal::Text(value)) };
    // Printed by the language's own printer, so that there is one way of quoting: `"" = 'value'`.
    text::print(&compare).split_once("= ").map(|(_, literal)| literal.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::builtin;

    fn rule(only: &str, roles: &[&str], attribute: Option<&str>, equals: Option<&str>) -> RowRule {
        RowRule {
            name: "r".to_owned(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            attribute: attribute.map(str::to_owned),
            equals: equals.map(str::to_owned),
            only: only.to_owned(),
            file: "catalog.yaml".to_owned(),
            line: 7,
        }
    }

    fn with(rules: Vec<RowRule>) -> Catalog {
        let mut catalog = builtin().unwrap();
        catalog.row_rules = rules;
        catalog
    }

    fn caller(role: Role, attributes: &[(&str, &str)]) -> Caller {
        let attributes = attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Caller { id: "k1".to_owned(), name: "k".to_owned(), role, attributes }
    }

    #[test]
    fn rules_are_for_whom_they_say() {
        let catalog = with(vec![
            rule("gender = 'F'", &[], Some("branch"), Some("busan")),
            rule("home_sido = {region}", &[], Some("region"), None),
            rule("age >= 20", &["marketer"], None, None),
            rule("NOT foreigner", &["admin", "analyst"], Some("branch"), None),
        ]);
        let scope = |role, attributes: &[(&str, &str)]| scope(&catalog, &caller(role, attributes)).unwrap();
        assert_eq!(scope(Role::Analyst, &[]), None);
        assert_eq!(scope(Role::Admin, &[("region", "부산광역시")]), None);
        assert_eq!(scope(Role::Marketer, &[]).unwrap(), "age >= 20");
        assert_eq!(scope(Role::Admin, &[("branch", "busan")]).unwrap(), "NOT foreigner");
        assert_eq!(scope(Role::Analyst, &[("branch", "busan")]).unwrap(), "gender = 'F' AND NOT foreigner");
        assert_eq!(
            scope(Role::Marketer, &[("region", "부산광역시"), ("branch", "seoul")]).unwrap(),
            "home_sido = '부산광역시' AND age >= 20"
        );
    }

    #[test]
    fn an_attribute_is_never_a_condition() {
        let catalog = with(vec![rule("plan_name = {p} OR plan_name = 'x''y'", &[], Some("p"), None)]);
        for value in ["' OR TRUE OR plan_name = '", "x'", "''", "'", "{p}", "TRUE", "\\'", "\" OR TRUE", "\0", "'--"] {
            let found = scope(&catalog, &caller(Role::Marketer, &[("p", value)]));
            match found.map_err(|e| e.fault) {
                // The text that was asked for is compared with, nothing else.
                Ok(Some(text)) => {
                    let Expr::Or(parts) = text::parse(&text, &catalog).unwrap() else { panic!("{text}") };
                    assert_eq!(parts[0], Expr::is_in("plan_name", vec![Literal::Text(value.to_owned())]));
                }
                Err(RuleFault::Segment(errors)) => {
                    assert!(
                        errors.iter().any(|e| matches!(e, SegmentError::UnknownValue { value: v, .. } if v == value))
                    );
                }
                other => panic!("{value}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_applied_hides_everything() {
        let cases: [(&str, &[(&str, &str)]); 6] = [
            ("home_sido = {region}", &[]),
            ("home_sido = {region}", &[("region", "Atlantis")]),
            ("age = {region}", &[("region", "30")]),
            ("home_sido = {region", &[("region", "부산광역시")]),
            ("no_such = 1", &[]),
            ("TOP 10 BY age", &[]),
        ];
        for (only, attributes) in cases {
            let catalog =
                with(vec![rule("gender = 'F'", &["marketer"], None, None), rule(only, &["marketer"], None, None)]);
            let error = scope(&catalog, &caller(Role::Marketer, attributes)).unwrap_err();
            assert_ne!(error.message(Locale::Ko), error.message(Locale::En), "{only}");
        }
    }

    #[test]
    fn faults_are_found_before_anybody_calls() {
        assert_eq!(faults(&builtin().unwrap()), []);
        let good = rule("home_sido = {region} AND EXISTS app_usage (app = {app})", &["analyst"], None, None);
        assert_eq!(faults(&with(vec![good])), []);
        for (only, roles, what) in [
            ("home_sido = '{region}'", &["analyst"][..], "quotes"),
            ("home_sidp = {region}", &[], "home_sido"),
            ("home_sido = '부산'", &[], "no value"),
            ("age = {age}", &[], "age"),
            ("SEGMENT 'x'", &[], "SEGMENT"),
            ("TRUE) OR (TRUE", &[], ""),
            ("customer_id = 'x'", &[], ""),
            ("gender = 'F'", &["boss"], "boss"),
            ("{", &[], "{"),
        ] {
            let found = faults(&with(vec![rule(only, roles, Some("region"), None)]));
            assert_eq!(found.len(), 1, "{only}: {found:?}");
            assert!(found[0].message.contains(what) && found[0].line == 7, "{only}: {}", found[0]);
        }
    }
}
