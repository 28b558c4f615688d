//! The description of this API, made from the code: `/openapi.json` (`OpenAPI` 3.1), and a page at `/docs` that renders it.
//! Whoever adds a handler adds it to the list here; a test compares the list with the routes.

use std::sync::{Arc, LazyLock};

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::Door;
use super::auth::KEY_HEADER;
use super::error::ErrorBody;
use super::{
    admin, catalog, eval, exports, feedback, health, leaderboard, models, observe, openai, segments, sessions, sql,
};

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";
/// Where the page that renders it is.
const PAGE: &str = "/docs";
/// What is answered without asking who asks.
const OPEN: [&str; 3] = ["/healthz", "/readyz", DOCUMENT];
/// What the schema of failures is called.
const ERROR: &str = "Error";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Waggle"),
    servers((url = "/", description = "the server that this document comes from")),
    tags(
        (name = "chat", description = "Conversations: asking in words, and looking back"),
        (name = "segments", description = "What was saved: refreshing, loading, comparing"),
        (name = "exports", description = "Files of segments, and how many can be reached"),
        (name = "sql", description = "SQL that analysts write"),
        (name = "catalog", description = "What can be asked"),
        (name = "models", description = "Who understands requests"),
        (name = "feedback", description = "What people say of answers"),
        (name = "evaluation", description = "Golden sets, and how right each translator is by them"),
        (name = "operations", description = "Running the service"),
        (name = "administration", description = "Keys, the audit log, the data"),
    ),
    paths(
        sessions::start, sessions::list, sessions::look, sessions::erase, sessions::say, sessions::undo, sessions::goto,
        segments::save, segments::list, segments::look, segments::change, segments::delete, segments::restore,
        segments::refresh, segments::load, segments::compare,
        exports::of_segment, exports::of_session, exports::reach_of_segment, exports::reach_of_session, exports::list,
        exports::look, exports::cancel, exports::file,
        openai::complete,
        sql::check, sql::run,
        catalog::catalog, catalog::usage, catalog::notices, models::models, models::explain,
        leaderboard::leaderboard, leaderboard::leaderboard_page,
        feedback::give, feedback::list, feedback::approve, feedback::reject,
        eval::sets, eval::metrics, eval::runs, eval::begin, eval::run, eval::cancel, eval::compare,
        admin::me, admin::audit, admin::verify, admin::keys, admin::make_key, admin::revoke_key, admin::reload,
        admin::state, admin::budgets,
        health::alive, health::ready, observe::metrics, document,
    ),
    components(schemas(ErrorBody)),
    modifiers(&Everywhere),
)]
struct Document;

/// The document.
static MADE: LazyLock<OpenApi> = LazyLock::new(Document::openapi);

pub(super) fn router() -> Router<Arc<Door>> {
    // Nothing of the page comes from elsewhere, and nothing is sent elsewhere to be validated.
    let page = SwaggerUi::new(PAGE).config(Config::new([DOCUMENT]).validator_url("none"));
    Router::new().route("/openapi.json", get(document)).merge(page)
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", responses((status = 200, body = Object)))]
pub(super) async fn document() -> Json<&'static OpenApi> {
    Json(&MADE)
}

/// What holds for every operation.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, api: &mut OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key, or a token of the issuer; not needed where authentication is off"))
            .build();
        let key = ApiKey::Header(ApiKeyValue::with_description(KEY_HEADER, "An API key"));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("key", SecurityScheme::ApiKey(key));
        for (path, item) in &mut api.paths.paths {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
            for operation in operations.into_iter().flatten() {
                complete(operation, OPEN.contains(&path.as_str()));
            }
        }
    }
}

/// Adds to an operation what no handler says: how it fails, who may call, and a name of its own.
fn complete(operation: &mut Operation, open: bool) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ERROR))).build();
    let failure = ResponseBuilder::new()
        .description("A failure: its name, and a sentence in the reader's language")
        .content("application/json", content)
        .build();
    operation.responses.responses.entry("default".to_owned()).or_insert_with(|| failure.into());
    let needed = |name| SecurityRequirement::new::<_, [&str; 0], &str>(name, []);
    operation.security = Some(if open { Vec::new() } else { vec![needed("bearer"), needed("key")] });
    let tag = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
    operation.operation_id = operation.operation_id.take().map(|name| format!("{tag}_{name}"));
}
