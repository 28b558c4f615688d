//! `waggle ask`: one request, one answer.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::common::{self, AnswerArgs, DataArgs, ModelArgs};
use super::error::CliError;
use super::exit::Exit;
use super::input::{self, Form, Refusal, Request};
use super::{explain, output, show};
use crate::answer::contract::Answer;

/// Ask one request.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(after_help = super::exit::HELP)]
pub struct AskArgs {
    /// The request; `-` reads it from standard input
    #[arg(required_unless_present = "input_json", conflicts_with = "input_json", allow_hyphen_values = true)]
    request: Option<String>,
    /// Read {"text": …, "session": "FILE.json", "locale": "ko"} from standard input
    #[arg(long)]
    input_json: bool,
    /// Print exactly one answer as JSON; notes go to standard error
    #[arg(long)]
    json: bool,
    /// Show the SQL behind the numbers
    #[arg(long)]
    sql: bool,
    /// Show how the numbers were found: leaf by leaf, with sizes and times
    #[arg(long)]
    explain: bool,
    /// Go on with the session in FILE, and keep it there
    #[arg(long, value_name = "FILE")]
    session: Option<PathBuf>,
    /// Who is to translate: a model, `builtin` or `automatic` [default: whom the settings say]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// Asks.
///
/// # Errors
/// Where the app cannot be opened, or files cannot be read or written.
pub async fn run(args: AskArgs) -> Result<Exit, CliError> {
    match args.read()? {
        Ok(request) => args.ask(request).await,
        Err(refusal) => args.refuse(&refusal),
    }
}

impl AskArgs {
    fn read(&self) -> Result<Result<Request, Refusal>, CliError> {
        let stdin = || io::stdin().lock();
        match self.request.as_deref() {
            None => input::read(stdin(), Form::Json).map_err(CliError::Input),
            Some("-") => input::read(stdin(), Form::Text).map_err(CliError::Input),
            Some(text) => Ok(input::checked(Request { text: text.to_owned(), ..Request::default() })),
        }
    }

    async fn ask(&self, request: Request) -> Result<Exit, CliError> {
        let app = self.models.open(&self.data)?;
        self.model.as_deref().map_or(Ok(()), |model| app.known_translator(model))?;
        let file = self.session.clone().or(request.session);
        let mut session = common::session(file.as_deref(), self.answer.language.of_messages())?;
        let mut options = self.answer.options();
        options.locale = options.locale.or(request.locale);
        options.model.clone_from(&self.model);
        if self.explain {
            app.engine().explain_from_now_on();
        }
        let answer = Box::pin(app.ask(&mut session, &request.text, &options)).await;
        common::keep(&session, file.as_deref())?;
        if self.json {
            output::json(&answer)?;
        } else {
            output::line(&show::text(&answer, app.catalog(), self.sql))?;
        }
        if self.explain {
            // Beside the answer, so that no reader of it trips over it.
            output::note(&output::plain(&explain::text(app.engine())));
        }
        Ok(answer.status.into())
    }

    fn refuse(&self, refusal: &Refusal) -> Result<Exit, CliError> {
        let answer: Answer = refusal.answer(self.answer.language.of_messages());
        if self.json {
            output::json(&answer)?;
        } else {
            output::line(&answer.reply)?;
        }
        Ok(Exit::Refused)
    }
}
