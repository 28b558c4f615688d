//! The tools themselves: each finds out who asks, calls `service`, and tells what came of it.

use std::sync::Arc;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolResult, ErrorData, Implementation, ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, tool, tool_handler, tool_router};

use super::Tools;
use super::arguments::{Ask, BreakDown, Preview, Refine, Save, Search};
use super::catalog::{Found, find};
use super::results::{answer_schema, answered, failed, preview_schema, segment_schema, told, wrong};
use crate::access::Caller;
use crate::app::{App, Nobody, language};
use crate::catalog::Locale;
use crate::service::{Message, NewSegment, PreviewOf, Say, ServiceError};
use crate::sql::Dialect;

/// What a model is told of the whole.
const INSTRUCTIONS: &str = "Waggle counts a company's consented customers from requests in words, Korean or English. Pass \
the user's own words to `ask`; it begins a conversation and gives its `session`. Go on in that session with `ask` or \
`refine`: what is said narrows or changes the segment so far. Numbers come from the data: never work them out or guess \
them yourself, and say which date they are of (`as_of`). Where `status` is `clarify`, ask the user the question and pass \
the reply on. Look up names of fields and values with `search_catalog` before you write segment text. Groups below a \
minimum are hidden, and nobody is ever listed one by one: that cannot be got around by asking differently.";

type Outcome = Result<CallToolResult, ErrorData>;

#[tool_router(vis = "pub(super)")]
impl Tools {
    /// Looks things up by words.
    #[tool(
        description = "Look up what can be asked about: fields, values, bands, terms and tables that are called something \
                       like the given words (Korean or English), each with its name and, where there is one, a condition \
                       in segment text that can be used in `refine`, `preview_sql` and `save_segment` as it is.",
        output_schema = rmcp::handler::server::tool::schema_for_output::<Found>(),
        annotations(title = "Search the catalog", read_only_hint = true, open_world_hint = false)
    )]
    async fn search_catalog(
        &self,
        Parameters(search): Parameters<Search>,
        context: RequestContext<RoleServer>,
    ) -> Outcome {
        let (_, app) = match self.who(&context)? {
            Ok(known) => known,
            Err(error) => return Ok(failed(&error)),
        };
        let found = find(app.catalog(), &search.query, search.limit);
        Ok(told(found.lines(), &found))
    }

    /// Answers a request in words.
    #[tool(
        description = "Ask for customers in words: \"강남 거주 아이폰 사용자 연령별 통계 뽑아줘\", \"women in Busan who watch \
                       Netflix, by age\". Gives their number, a breakdown where one was asked for, how the request was \
                       read, and the SQL behind it. Without `session` a new conversation begins; with it, the request \
                       goes on from the segment so far. The words may also save the segment, undo, or go back.",
        output_schema = answer_schema(),
        annotations(title = "Ask in words", read_only_hint = false, destructive_hint = false, open_world_hint = false)
    )]
    async fn ask(&self, Parameters(ask): Parameters<Ask>, context: RequestContext<RoleServer>) -> Outcome {
        let (caller, app) = match self.who(&context)? {
            Ok(known) => known,
            Err(error) => return Ok(failed(&error)),
        };
        let work = async {
            // Nothing is begun for a model that is not there.
            ask.model.as_deref().map_or(Ok(()), |model| app.known_translator(model))?;
            let say = Say { model: ask.model.as_deref(), ..Say::default() };
            let session = match ask.session {
                Some(session) => session,
                None => self.service.start_session(&caller, None).await?.id,
            };
            self.service.say(&caller, &session, &Message::Text(ask.text), &say, &Nobody).await
        };
        Ok(until(&context, Box::pin(work))
            .await?
            .map_or_else(|e| failed(&e), |answer| answered(&answer, app.catalog())))
    }

    /// Changes the segment of a session.
    #[tool(
        description = "Change the segment that a session stands at: in words (`text`), or by one condition of the segment \
                       language (`edit`). Gives the new number with its share of the segment before. Nothing is lost: \
                       the words \"undo\" (되돌려) go back.",
        output_schema = answer_schema(),
        annotations(title = "Refine the segment", read_only_hint = false, destructive_hint = false, open_world_hint = false)
    )]
    async fn refine(&self, Parameters(refine): Parameters<Refine>, context: RequestContext<RoleServer>) -> Outcome {
        let message = match (refine.text, refine.edit) {
            (Some(text), None) => Message::Text(text),
            (None, Some(edit)) => Message::Edit(edit.into()),
            _ => return Ok(wrong("give either `text` or `edit`")),
        };
        self.said(&context, &refine.session, message).await
    }

    /// Groups the segment of a session.
    #[tool(
        description = "Break the segment of a session down by one or two fields or bands of the catalog (`age_band`, \
                       `gender`): a count and a share for each group. Small groups are hidden. Changes nothing of the \
                       segment.",
        output_schema = answer_schema(),
        annotations(title = "Break down", read_only_hint = false, destructive_hint = false, open_world_hint = false)
    )]
    async fn break_down(
        &self,
        Parameters(wanted): Parameters<BreakDown>,
        context: RequestContext<RoleServer>,
    ) -> Outcome {
        if wanted.by.is_empty() {
            return Ok(wrong("`by` names one or two fields or bands"));
        }
        self.said(&context, &wanted.session, Message::BreakDown(wanted.by)).await
    }

    /// Shows SQL.
    #[tool(
        description = "Show the SQL that counts or groups a segment, in a flavour of your choice, without running it. The \
                       segment is that of a session, or a definition in segment text. The statement is held to the \
                       consented customers that the user may see.",
        output_schema = preview_schema(),
        annotations(title = "Preview the SQL", read_only_hint = true, open_world_hint = false)
    )]
    async fn preview_sql(
        &self,
        Parameters(wanted): Parameters<Preview>,
        context: RequestContext<RoleServer>,
    ) -> Outcome {
        let (caller, _) = match self.who(&context)? {
            Ok(known) => known,
            Err(error) => return Ok(failed(&error)),
        };
        if wanted.session.is_some() == wanted.segment.is_some() {
            return Ok(wrong("give either `session` or `segment`"));
        }
        let of = PreviewOf { session: wanted.session, text: wanted.segment, by: wanted.by };
        let dialect = wanted.dialect.map_or(Dialect::DataFusion, Into::into);
        let locale = wanted.locale.map_or(Locale::Ko, Into::into);
        let shown = self.service.preview_sql(&caller, &of, dialect, locale).await;
        Ok(shown.map_or_else(
            |e| failed(&e),
            |shown| told(format!("{}\n\n```sql\n{}\n```", shown.sentence, shown.sql), &shown),
        ))
    }

    /// Keeps a segment.
    #[tool(
        description = "Save the segment of a session, or a definition in segment text, under a name, so that it can be \
                       loaded, combined by name in a request, refreshed on new data and exported. Do this when the user \
                       asks for it.",
        output_schema = segment_schema(),
        annotations(title = "Save the segment", read_only_hint = false, destructive_hint = false, open_world_hint = false)
    )]
    async fn save_segment(&self, Parameters(save): Parameters<Save>, context: RequestContext<RoleServer>) -> Outcome {
        let (caller, _) = match self.who(&context)? {
            Ok(known) => known,
            Err(error) => return Ok(failed(&error)),
        };
        if save.session.is_some() == save.segment.is_some() {
            return Ok(wrong("give either `session` or `segment`"));
        }
        let locale = language(&save.name, Locale::Ko);
        let new = NewSegment {
            name: save.name,
            description: save.description,
            public: save.public,
            session: save.session,
            text: save.segment,
            segment: None,
        };
        let saved = until(&context, Box::pin(self.service.save_segment(&caller, &new, locale))).await?;
        Ok(saved.map_or_else(
            |e| failed(&e),
            |saved| told(format!("Saved as `{}`, version {}: {}", saved.name, saved.version, saved.sentence), &saved),
        ))
    }
}

impl Tools {
    /// Says something in a session.
    async fn said(&self, context: &RequestContext<RoleServer>, session: &str, message: Message) -> Outcome {
        let (caller, app) = match self.who(context)? {
            Ok(known) => known,
            Err(error) => return Ok(failed(&error)),
        };
        let say = Say::default();
        let answer = self.service.say(&caller, session, &message, &say, &Nobody);
        Ok(until(context, Box::pin(answer))
            .await?
            .map_or_else(|e| failed(&e), |answer| answered(&answer, app.catalog())))
    }

    /// Who asks, and what it may see.
    fn who(&self, context: &RequestContext<RoleServer>) -> Result<Result<(Caller, Arc<App>), ServiceError>, ErrorData> {
        let caller = (self.who)(&context.extensions);
        let caller = caller.ok_or_else(|| ErrorData::invalid_request("who asks is not known", None))?;
        Ok(self.service.app(&caller).map(|app| (caller, app)))
    }
}

/// The work, unless the client takes its request back; then the query is dropped.
async fn until<T>(context: &RequestContext<RoleServer>, work: impl Future<Output = T>) -> Result<T, ErrorData> {
    tokio::select! {
        done = work => Ok(done),
        () = context.ct.cancelled() => Err(ErrorData::internal_error("cancelled", None)),
    }
}

#[tool_handler(router = Self::tool_router())]
impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("waggle", env!("CARGO_PKG_VERSION")).with_title("Waggle"))
            .with_instructions(INSTRUCTIONS)
    }
}
