//! `waggle chat`: a conversation at a terminal, or of lines from a pipe.

mod command;
mod complete;
mod lines;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use self::command::Line;
use self::lines::{Heard, Lines};
use super::common::{self, AnswerArgs, DataArgs, ModelArgs};
use super::error::CliError;
use super::exit::Exit;
use super::{export, output, progress, show, table};
use crate::answer::contract::Answer;
use crate::app::{App, AskOptions, ExportRequest};
use crate::catalog::Locale;
use crate::segment::{Action, Turn, sentence};
use crate::session::{Ending, Happened, Session, converse, expand};

/// Hold a conversation.
#[derive(Debug, Args)]
pub struct ChatArgs {
    /// Show the SQL behind every answer
    #[arg(long)]
    sql: bool,
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

/// Holds it.
///
/// # Errors
/// Where the app cannot be opened, or the terminal fails. What goes wrong in a turn is said and the
/// conversation goes on.
pub async fn run(args: ChatArgs) -> Result<Exit, CliError> {
    let app = args.models.open(&args.data)?;
    args.model.as_deref().map_or(Ok(()), |model| app.known_translator(model))?;
    let session = common::session(args.session.as_deref(), args.answer.language.of_messages())?;
    let mut lines = Lines::open(app.catalog())?;
    if lines.is_terminal() {
        output::line(&greeting(&app))?;
    }
    let options = AskOptions { model: args.model, ..args.answer.options() };
    let mut chat = Chat { app, session, options, sql: args.sql, file: args.session, last: None };
    loop {
        let line = match lines.next()? {
            Heard::Line(line) => command::parse(&line),
            Heard::Nothing => continue,
            Heard::End => break,
        };
        if line == Line::Quit {
            break;
        }
        let done = chat.hear(line, lines.is_terminal()).await;
        if let Err(error) = done {
            output::note(&output::plain(&error.message(args.answer.language.of_messages())));
        }
    }
    lines.close();
    Ok(Exit::Done)
}

fn greeting(app: &App) -> String {
    let catalog = app.catalog();
    format!("Waggle · {} · {} · /help", catalog.name, catalog.as_of)
}

struct Chat {
    app: App,
    session: Session,
    options: AskOptions,
    sql: bool,
    file: Option<PathBuf>,
    last: Option<Answer>,
}

impl Chat {
    async fn hear(&mut self, line: Line, terminal: bool) -> Result<(), CliError> {
        match line {
            Line::Words(text) => self.say(&text, terminal).await,
            Line::Undo => self.say(undo_words(self.session.locale), terminal).await,
            Line::Back(turn) => self.back(turn),
            Line::Sql => output::line(self.last.as_ref().and_then(|a| a.sql.as_deref()).unwrap_or("-")),
            Line::Tree => output::line(&output::plain(&tree(&self.session))),
            Line::Export(file) => self.export(&file, terminal).await,
            Line::Help => output::line(command::HELP),
            Line::Wrong(why) => output::line(&output::plain(&why)),
            Line::Quit | Line::Empty => Ok(()),
        }
    }

    /// Asks on a copy of the session, so that a cancelled query leaves it as it was.
    async fn say(&mut self, text: &str, terminal: bool) -> Result<(), CliError> {
        let mut trial = self.session.clone();
        let asked = Box::pin(self.app.ask(&mut trial, text, &self.options));
        let spinner = terminal.then(|| progress::spinner(""));
        let answer = unless_interrupted(asked, terminal).await;
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        let Some(answer) = answer else { return output::line("^C") };
        self.answered(trial, answer)
    }

    fn answered(&mut self, session: Session, answer: Answer) -> Result<(), CliError> {
        self.session = session;
        common::keep(&self.session, self.file.as_deref())?;
        output::line(&show::text(&answer, self.app.catalog(), self.sql))?;
        output::line("")?;
        self.last = Some(answer);
        Ok(())
    }

    /// Goes back to an earlier turn. Nothing is counted anew: its size is the one that it had.
    fn back(&mut self, turn: u32) -> Result<(), CliError> {
        let Some(node) = self.session.node(turn) else { return output::line(&format!("{turn}? /tree")) };
        let (catalog, data) = (self.app.catalog(), self.app.engine().data_version());
        let count = node.count.filter(|_| node.data == data);
        let reading = sentence::reading(&node.segment, catalog, self.session.locale);
        let asked = Turn { action: Some(Action::Goto { turn }), ..Turn::default() };
        let step = converse(&self.session, &asked, catalog);
        let (text, ending) = (format!("/back {turn}"), Ending::Answered);
        let happened = Happened { text: &text, asked: &asked, ending, count, catalog: &catalog.version, data };
        self.session.record(step, &happened);
        common::keep(&self.session, self.file.as_deref())?;
        let count = count.map(|n| format!(" ({})", table::grouped(n))).unwrap_or_default();
        output::line(&output::plain(&format!("→ {turn}: {}{count}", reading.join(" · "))))
    }

    async fn export(&self, file: &Path, terminal: bool) -> Result<(), CliError> {
        let segment = expand(&self.session.segment().expr(), &self.session);
        let request = ExportRequest::new(export::format(file)?);
        let written = Box::pin(export::write(&self.app, &segment, &request, file));
        let Some(outcome) = unless_interrupted(written, terminal).await else { return output::line("^C") };
        let rows: u64 = outcome?.files.iter().map(|f| f.rows).sum();
        output::line(&format!("{rows} → {}", file.display()))
    }
}

/// What `/undo` says: a request like others, so that it stands in the session.
fn undo_words(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "되돌려",
        Locale::En => "undo",
    }
}

/// The turns as a tree: those that follow one another stand below each other, a branch is indented, and
/// `*` marks where the conversation stands.
fn tree(session: &Session) -> String {
    let here = session.head().map(|n| n.turn);
    let mut depths: BTreeMap<u32, usize> = BTreeMap::new();
    let mut children: BTreeMap<u32, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for node in session.nodes() {
        let earlier = children.entry(node.parent).or_default();
        let depth = depths.get(&node.parent).copied().unwrap_or(0) + usize::from(*earlier > 0);
        *earlier += 1;
        depths.insert(node.turn, depth);
        let mark = if here == Some(node.turn) { '*' } else { ' ' };
        let count = node.count.map(|n| format!("  ({})", table::grouped(n))).unwrap_or_default();
        lines.push(format!("{mark}{:>3} {}{}{count}", node.turn, "│ ".repeat(depth), node.text));
    }
    lines.join("\n")
}

/// What a future gives, or nothing where Ctrl-C came first. Without a terminal Ctrl-C ends the program, as
/// everywhere else in a pipe.
async fn unless_interrupted<T>(future: impl Future<Output = T>, terminal: bool) -> Option<T> {
    if !terminal {
        return Some(future.await);
    }
    tokio::select! {
        given = future => Some(given),
        _ = tokio::signal::ctrl_c() => None,
    }
}
