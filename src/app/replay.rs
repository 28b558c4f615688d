//! A turn read once more, for a conversation that is rebuilt from what was said in it. The built-in translator reads
//! it, whoever did when it was said first: it gives the same each time, and nothing is paid for twice.

use super::translating::Read;
use super::{App, Nobody, stages, timed};
use crate::answer::{Answer, Timings};
use crate::app::{AskOptions, language};
use crate::segment::Turn;
use crate::session::{Deed, Session, converse};

impl App {
    /// Reads and records `text` as [`App::ask`] does, without what reaches beyond the conversation: a save or an
    /// export that it asks for was done when it was said first, and is not done again.
    pub async fn replay(&self, session: &mut Session, text: &str, options: &AskOptions) -> Answer {
        let locale = options.locale.unwrap_or_else(|| language(text, session.locale));
        session.locale = locale;
        if let Some(unreadable) = self.unreadable(text) {
            return stages::unread(unreadable, session, locale);
        }
        let mut timings = Timings::default();
        let turn = timed(&mut timings.translate, || self.translate(session, text));
        let turn = turn.map(|turn| self.quiet(session, turn));
        self.finish(session, text, Read::builtin(turn), (options, &Nobody), timings).await
    }

    /// The turn without its action where that would save or export. One that only asks for a name stays: the
    /// next words may be the reply to it.
    fn quiet(&self, session: &Session, turn: Turn) -> Turn {
        match converse(session, &turn, &self.catalog).deed {
            Some(Deed::Save { .. } | Deed::Export { .. }) => Turn { action: None, ..turn },
            _ => turn,
        }
    }
}
