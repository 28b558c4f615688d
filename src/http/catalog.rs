//! `/v1/catalog`, `/v1/notices`: what can be asked, how many there are of it, and what is new in it.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::Door;
use super::error::{ApiError, ErrorBody};
use super::extract::{Params, Who};
use crate::answer::contract::Breakdown;
use crate::app::Failure;
use crate::catalog::{Catalog, Field, Locale, Sensitivity, Value, search};
use crate::service::{CategoryUse, Notice};

/// Most values of a filter that the catalog lists here; the number of all is beside them.
const MAX_VALUES: usize = 500;

/// Most things that a search finds.
const MAX_FOUND: usize = 30;

pub(super) fn router() -> Router<Arc<Door>> {
    Router::new()
        .route("/v1/catalog", get(catalog))
        .route("/v1/catalog/usage", get(usage))
        .route("/v1/catalog/groups", get(groups))
        .route("/v1/notices", get(notices))
}

/// Which part of the catalog.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CatalogParams {
    /// One category alone.
    category: Option<String>,
    /// Only what these words could mean.
    q: Option<String>,
}

/// What everybody is grouped by.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct GroupParams {
    /// A field (`gender`, `app_usage.app`) or band, or two with a comma between.
    by: String,
}

/// What can be asked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CatalogInfo {
    /// Its name.
    name: String,
    /// Its version.
    version: String,
    /// Version of the data.
    data_version: String,
    /// Date of the data.
    as_of: String,
    /// First and last day that windowed measures sum over.
    window: [String; 2],
    /// What a reader calls one of those who are counted.
    entity: String,
    /// Whom every count is restricted to.
    population: PopulationInfo,
    /// Groups smaller than this are hidden.
    min_group: u64,
    /// The filters by category.
    categories: Vec<CategoryInfo>,
    /// Words that stand for conditions.
    glossary: Vec<TermInfo>,
    /// Fields cut into steps, to group by.
    bands: Vec<BandInfo>,
    /// Ways in which somebody may be contacted.
    channels: Vec<ChannelInfo>,
}

/// A field cut into steps.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct BandInfo {
    /// What a grouping calls it.
    name: String,
    /// What a reader calls it.
    label: String,
    /// The field that is cut.
    field: String,
}

/// A way in which somebody may be contacted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ChannelInfo {
    /// What an export calls it.
    name: String,
    /// What a reader calls it.
    label: String,
}

/// Whom every count is restricted to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PopulationInfo {
    /// What it is called.
    label: String,
    /// How many they are.
    count: u64,
    /// All lines of the operator, consented or not, where the administrator has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines_total: Option<u64>,
}

/// A category of filters.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CategoryInfo {
    /// Its name.
    name: String,
    /// What a reader calls it.
    label: String,
    /// Its filters.
    filters: Vec<FilterInfo>,
}

/// A filter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FilterInfo {
    /// The table.
    dataset: String,
    /// The field.
    field: String,
    /// What a reader calls it.
    label: String,
    /// What it is.
    about: String,
    /// Its type.
    kind: String,
    /// What its numbers are in, as a reader says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// Further words for it.
    synonyms: Vec<String>,
    /// Its values, where they are listed; the first 500.
    values: Vec<ValueInfo>,
    /// How many values there are.
    values_total: usize,
}

/// A value of a filter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ValueInfo {
    /// As it is stored.
    name: String,
    /// What a reader calls it.
    label: String,
    /// Further words for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    synonyms: Vec<String>,
}

/// A word that stands for a condition.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TermInfo {
    /// The word.
    name: String,
    /// What a reader calls it.
    label: String,
    /// The condition, in text form.
    means: String,
}

/// What can be asked: the filters by category, or those that words could mean.
#[utoipa::path(get, path = "/v1/catalog", tag = "catalog", params(CatalogParams),
    responses((status = 200, body = CatalogInfo), (status = 404, body = ErrorBody)))]
pub(super) async fn catalog(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(params): Params<CatalogParams>,
) -> Result<Json<CatalogInfo>, ApiError> {
    let app = door.service.app(&who.caller)?;
    let (catalog, locale) = (app.catalog(), who.locale);
    if let Some(name) = params.category.as_deref()
        && !catalog.categories.iter().any(|c| c.name == name)
    {
        return Err(ApiError::nowhere(&format!("category {name}")));
    }
    let found = params.q.as_deref().map(|words| search(catalog, words, MAX_FOUND));
    let wanted =
        |dataset: &str, field: &str| found.as_ref().is_none_or(|hits| hits.iter().any(|hit| hit.is_of(dataset, field)));
    let categories = catalog.categories.iter().filter(|c| params.category.as_ref().is_none_or(|name| c.name == *name));
    let categories = categories.map(|category| CategoryInfo {
        name: category.name.clone(),
        label: category.label.get(locale).to_owned(),
        filters: filters(catalog, &category.name, locale, &wanted),
    });
    let population = app.population().await.map_err(|e| ApiError::failed(&Failure::Engine(e)))?;
    Ok(Json(CatalogInfo {
        name: catalog.name.clone(),
        version: catalog.version.clone(),
        data_version: app.engine().data_version().to_owned(),
        as_of: catalog.as_of.to_string(),
        window: [catalog.window.0.to_string(), catalog.window.1.to_string()],
        entity: catalog.entity_label.get(locale).to_owned(),
        population: PopulationInfo {
            label: catalog.population_label.get(locale).to_owned(),
            count: population,
            lines_total: door.service.config().lines_total,
        },
        min_group: app.min_group(),
        categories: categories.collect(),
        glossary: if params.q.is_none() && params.category.is_none() { terms(catalog, locale) } else { Vec::new() },
        bands: bands(catalog, locale),
        channels: channels(catalog, locale),
    }))
}

fn filters(catalog: &Catalog, category: &str, locale: Locale, wanted: &dyn Fn(&str, &str) -> bool) -> Vec<FilterInfo> {
    let fields = catalog.datasets.iter().flat_map(|d| d.fields.iter().map(move |f| (d, f)));
    let open = fields.filter(|(_, f)| f.category == category && f.sensitivity == Sensitivity::Open);
    open.filter(|(d, f)| wanted(&d.name, &f.name)).map(|(d, f)| filter(catalog, &d.name, f, locale)).collect()
}

fn filter(catalog: &Catalog, dataset: &str, field: &Field, locale: Locale) -> FilterInfo {
    let unit = field.unit.as_deref().and_then(|unit| catalog.unit(unit)).map(|unit| unit.label.get(locale).to_owned());
    let value = |value: &Value| ValueInfo {
        name: value.name.clone(),
        label: value.label.get(locale).to_owned(),
        synonyms: value.synonyms.clone(),
    };
    FilterInfo {
        dataset: dataset.to_owned(),
        field: field.name.clone(),
        label: field.label.get(locale).to_owned(),
        about: field.about.get(locale).to_owned(),
        kind: format!("{:?}", field.kind).to_lowercase(),
        unit: unit.filter(|unit| !unit.is_empty()),
        synonyms: field.synonyms.clone(),
        values: field.values.iter().take(MAX_VALUES).map(value).collect(),
        values_total: field.values.len(),
    }
}

fn terms(catalog: &Catalog, locale: Locale) -> Vec<TermInfo> {
    let told = catalog.glossary.iter().map(|term| TermInfo {
        name: term.name.clone(),
        label: term.label.get(locale).to_owned(),
        means: term.predicate.clone(),
    });
    told.collect()
}

fn bands(catalog: &Catalog, locale: Locale) -> Vec<BandInfo> {
    let told = catalog.bands.iter().map(|band| BandInfo {
        name: band.name.clone(),
        label: band.label.get(locale).to_owned(),
        field: band.field.clone(),
    });
    told.collect()
}

fn channels(catalog: &Catalog, locale: Locale) -> Vec<ChannelInfo> {
    let told = catalog.contact.channels.iter();
    told.map(|c| ChannelInfo { name: c.name.clone(), label: c.label.get(locale).to_owned() }).collect()
}

/// Which filters are asked for most, by category.
#[utoipa::path(get, path = "/v1/catalog/usage", tag = "catalog", responses((status = 200, body = Vec<CategoryUse>)))]
pub(super) async fn usage(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Vec<CategoryUse>>, ApiError> {
    Ok(Json(door.service.usage(&who.caller, who.locale).await?))
}

/// How many of everybody are in each group of a field or band: the values of a filter with their counts, and what the
/// groups of a segment are compared with. Small groups are left out.
#[utoipa::path(get, path = "/v1/catalog/groups", tag = "catalog", params(GroupParams),
    responses((status = 200, body = Breakdown), (status = 422, body = ErrorBody)))]
pub(super) async fn groups(
    State(door): State<Arc<Door>>,
    who: Who,
    Params(GroupParams { by }): Params<GroupParams>,
) -> Result<Json<Breakdown>, ApiError> {
    let by: Vec<String> = by.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    Ok(Json(door.service.everybody_in_groups(&who.caller, &by, who.locale).await?))
}

/// Filters that are new, changed or ended, the newest notice first.
#[utoipa::path(get, path = "/v1/notices", tag = "catalog", responses((status = 200, body = Vec<Notice>)))]
pub(super) async fn notices(State(door): State<Arc<Door>>, who: Who) -> Result<Json<Vec<Notice>>, ApiError> {
    Ok(Json(door.service.notices(who.locale).await?))
}
