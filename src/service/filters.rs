//! Filters as people use them: which are asked for most, and notices of those that are new, changed or ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::message::grouped;
use super::turns::allowed;
use super::{Service, ServiceError, failed, time};
use crate::access::{Caller, Right};
use crate::answer::contract::Breakdown;
use crate::app::Failure;
use crate::catalog::{Catalog, Locale};
use crate::segment::Expr;
use crate::store::{NoticeRow, now};

/// Most notices that are told.
const MAX_NOTICES: u32 = 500;

/// How often a filter was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FilterUse {
    /// The field, or the table that hangs off the entity.
    pub filter: String,
    /// What a reader calls it.
    pub label: String,
    /// How often.
    pub count: u64,
}

/// The use of the filters of one category.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct CategoryUse {
    /// The category.
    pub category: String,
    /// What a reader calls it.
    pub label: String,
    /// How often its filters were asked for.
    pub count: u64,
    /// The filters, the most used first.
    pub filters: Vec<FilterUse>,
}

/// A change of the filters.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// When it was seen, RFC 3339.
    pub at: String,
    /// `new`, `changed` or `ended`.
    pub kind: String,
    /// The category.
    pub category: String,
    /// The filter.
    pub filter: String,
    /// A sentence, in the language that was asked for.
    pub text: String,
    /// Version of the catalog that brought it.
    pub catalog_version: String,
}

/// What notices are derived from: each filter with what a user of it would notice.
type Summary = BTreeMap<String, Filter>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Filter {
    category: String,
    ko: String,
    en: String,
    kind: String,
    values: Vec<String>,
}

impl Service {
    /// Which filters are used most, by category, in the order of the catalog.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn usage(&self, caller: &Caller, locale: Locale) -> Result<Vec<CategoryUse>, ServiceError> {
        let app = self.apps.of(caller)?;
        let catalog = app.catalog();
        let used = self.store.usage().await?;
        let of = |name: &str| {
            let mut filters: Vec<FilterUse> = used
                .iter()
                .filter(|(category, _, _)| category == name)
                .map(|(_, filter, count)| FilterUse {
                    filter: filter.clone(),
                    label: label(catalog, filter, locale),
                    count: u64::try_from(*count).unwrap_or(0),
                })
                .collect();
            filters.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.filter.cmp(&b.filter)));
            filters
        };
        let categories = catalog.categories.iter().map(|category| {
            let filters = of(&category.name);
            CategoryUse {
                category: category.name.clone(),
                label: category.label.get(locale).to_owned(),
                count: filters.iter().map(|f| f.count).sum(),
                filters,
            }
        });
        Ok(categories.collect())
    }

    /// Everybody that the caller may see in groups, by fields or bands. No groups where none may be shown.
    ///
    /// # Errors
    /// What nobody can be grouped by, or an engine that fails.
    pub async fn everybody_in_groups(
        &self,
        caller: &Caller,
        by: &[String],
        locale: Locale,
    ) -> Result<Breakdown, ServiceError> {
        allowed(caller, Right::Ask)?;
        let app = self.apps.of(caller)?;
        if by.is_empty() {
            return Err(ServiceError::invalid("무엇별로 나눌지 써 주세요", "`by` says what to group by"));
        }
        let by = grouped(by, &app)?;
        let _place = self.turns.enter().await?;
        let population = app.population().await.map_err(|error| failed(Failure::Engine(error)))?;
        let found =
            app.groups_of(&Expr::All, &by, population, (locale, self.config.min_group)).await.map_err(failed)?;
        Ok(found.unwrap_or_else(|| Breakdown { by, ..Breakdown::default() }))
    }

    /// Changes of the filters, the newest first.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn notices(&self, locale: Locale) -> Result<Vec<Notice>, ServiceError> {
        let rows = self.store.notices(MAX_NOTICES, None).await?;
        let told = |row: NoticeRow| Notice {
            at: time(row.at),
            kind: row.kind,
            category: row.category,
            filter: row.filter,
            text: if locale == Locale::Ko { row.text_ko } else { row.text_en },
            catalog_version: row.catalog,
        };
        Ok(rows.into_iter().map(told).collect())
    }

    /// Remembers the catalog that is open, and what is new, changed or ended since the one before.
    ///
    /// # Errors
    /// A store that fails.
    pub async fn note_catalog(&self) -> Result<(), ServiceError> {
        let app = self.apps.whole();
        let summary = summary(app.catalog());
        let kept = serde_json::to_string(&summary).unwrap_or_default();
        let version = &app.catalog().version;
        let Some(before) = self.store.remember_catalog(version, &kept, now()).await? else { return Ok(()) };
        let before: Summary = serde_json::from_str(&before).unwrap_or_default();
        Ok(self.store.add_notices(changes(&before, &summary, version)).await?)
    }
}

fn label(catalog: &Catalog, filter: &str, locale: Locale) -> String {
    let field = catalog.field(filter).map(|f| &f.label);
    let found = field.or_else(|| catalog.dataset(filter).map(|d| &d.label));
    found.map_or_else(|| filter.to_owned(), |label| label.get(locale).to_owned())
}

fn summary(catalog: &Catalog) -> Summary {
    let mut summary = Summary::new();
    for (at, dataset) in catalog.datasets.iter().enumerate() {
        for field in &dataset.fields {
            let name = if at == 0 { field.name.clone() } else { format!("{}.{}", dataset.name, field.name) };
            let filter = Filter {
                category: field.category.clone(),
                ko: field.label.ko.clone(),
                en: field.label.en.clone(),
                kind: format!("{:?}", field.kind),
                values: field.values.iter().map(|v| v.name.clone()).collect(),
            };
            summary.insert(name, filter);
        }
    }
    summary
}

/// What is new, changed or ended, in the order of the names.
fn changes(before: &Summary, after: &Summary, catalog: &str) -> Vec<NoticeRow> {
    let notice = |kind: &str, name: &str, filter: &Filter, said: [String; 2]| {
        let [text_ko, text_en] = said;
        NoticeRow {
            id: super::new_id(),
            at: now(),
            kind: kind.to_owned(),
            category: filter.category.clone(),
            filter: name.to_owned(),
            text_ko,
            text_en,
            catalog: catalog.to_owned(),
        }
    };
    let mut notices = Vec::new();
    for (name, filter) in after {
        match before.get(name) {
            None => {
                let said = [format!("새 필터: {}", filter.ko), format!("new filter: {}", filter.en)];
                notices.push(notice("new", name, filter, said));
            }
            Some(old) if old != filter => notices.push(notice("changed", name, filter, changed(old, filter))),
            Some(_) => {}
        }
    }
    for (name, old) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        let said = [format!("없어진 필터: {}", old.ko), format!("ended filter: {}", old.en)];
        notices.push(notice("ended", name, old, said));
    }
    notices
}

/// So many values are named in a notice.
const NAMED_VALUES: usize = 5;

fn changed(old: &Filter, new: &Filter) -> [String; 2] {
    let named = |values: Vec<&String>| {
        let more = values.len().saturating_sub(NAMED_VALUES);
        let names = values.iter().take(NAMED_VALUES).map(|v| v.as_str()).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{names} +{more}") } else { names }
    };
    let added = named(new.values.iter().filter(|v| !old.values.contains(v)).collect());
    let gone = named(old.values.iter().filter(|v| !new.values.contains(v)).collect());
    let mut said = [format!("바뀐 필터: {}", new.ko), format!("changed filter: {}", new.en)];
    for (sign, values) in [("+", added), ("-", gone)] {
        if !values.is_empty() {
            said = said.map(|text| format!("{text} ({sign} {values})"));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_new_changed_or_ended() {
        let filter = |values: &[&str]| Filter {
            category: "c".into(),
            ko: "색".into(),
            en: "colour".into(),
            kind: "String".into(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        };
        let before = Summary::from([("a".into(), filter(&["red"])), ("b".into(), filter(&[]))]);
        let after = Summary::from([("a".into(), filter(&["blue"])), ("c".into(), filter(&[]))]);
        let found = changes(&before, &after, "v2");
        let kinds: Vec<_> = found.iter().map(|n| (n.kind.as_str(), n.filter.as_str())).collect();
        assert_eq!(kinds, [("changed", "a"), ("new", "c"), ("ended", "b")]);
        assert_eq!(found[0].text_en, "changed filter: colour (+ blue) (- red)");
        assert!(changes(&after, &after, "v3").is_empty());
    }
}
