//! Conversations whose caller keeps no session and sends everything that was said instead. The words before the last
//! name the conversation: one that stands exactly there is gone on with, else they are replayed in a new one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::{Message, Say, Service, ServiceError};
use crate::access::Caller;
use crate::answer::contract::{Answer, Status};
use crate::app::Nobody;

/// Most things said that are replayed; a longer conversation names its session.
pub const MAX_REPLAYED: usize = 200;

/// Most conversations that are known by what was said in them.
const MAX_THREADS: usize = 10_000;

/// What names a conversation: a hash of the caller and of everything said.
type Name = [u8; 32];

/// A session that stands at a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stand {
    session: String,
    turn: u32,
}

/// Conversations by what was said in them.
#[derive(Debug, Default)]
pub(super) struct Threads(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    known: BTreeMap<Name, (u64, Stand)>,
    clock: u64,
}

impl Threads {
    /// Takes the conversation out, so that no two calls go on with the same one.
    fn take(&self, name: &Name) -> Option<Stand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).known.remove(name).map(|(_, stand)| stand)
    }

    fn keep(&self, name: Name, stand: Stand) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let now = inner.clock;
        inner.known.insert(name, (now, stand));
        if inner.known.len() > MAX_THREADS {
            // The older half goes at once, so that this is rarely done.
            let oldest = now.saturating_sub(MAX_THREADS as u64 / 2);
            inner.known.retain(|_, (at, _)| *at > oldest);
        }
    }
}

/// Lengths stand before the texts, so that two lists of texts never look alike.
fn name(caller: &Caller, said: &[String]) -> Name {
    let mut hash = Sha256::new();
    for text in std::iter::once(&caller.id).chain(said) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

impl Service {
    /// A session of the caller's that stands where `said`, from the first on, leads to.
    ///
    /// # Errors
    /// Too much to replay, or what [`Service::replay`] fails of.
    pub async fn thread(self: &Arc<Self>, caller: &Caller, said: &[String]) -> Result<String, ServiceError> {
        if let Some(Stand { session, turn }) = self.threads.take(&name(caller, said))
            && self.session_row(caller, &session).await.is_ok_and(|row| row.head == turn)
        {
            return Ok(session);
        }
        if said.len() > MAX_REPLAYED {
            return Err(ServiceError::invalid(
                format!("다시 읽을 수 있는 대화는 {MAX_REPLAYED}마디까지입니다. 세션을 써 주세요."),
                format!("at most {MAX_REPLAYED} earlier messages can be replayed; name a session instead"),
            ));
        }
        let session = self.start_session(caller, None).await?.id;
        self.replay(caller, &session, said).await?;
        Ok(session)
    }

    /// Remembers that the session of `answer` stands where `said` leads to.
    pub fn keep_thread(&self, caller: &Caller, said: &[String], answer: &Answer) {
        if answer.status != Status::Error {
            self.threads.keep(name(caller, said), Stand { session: answer.session.clone(), turn: answer.turn });
        }
    }

    /// Reads `said` once more in a session: as it was said, but for saves and exports, which are not repeated.
    ///
    /// # Errors
    /// What [`Service::say`] fails of, and a message that cannot be answered now: what follows it would be read wrong.
    pub async fn replay(self: &Arc<Self>, caller: &Caller, session: &str, said: &[String]) -> Result<(), ServiceError> {
        for text in said {
            let message = Message::Replay(text.clone());
            let answer = self.say(caller, session, &message, &Say::default(), &Nobody).await?;
            if answer.status == Status::Error {
                return Err(ServiceError::Failed { message: [answer.reply.clone(), answer.reply] });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn stand(turn: u32) -> Stand {
        Stand { session: "s".to_owned(), turn }
    }

    #[test]
    fn a_conversation_is_gone_on_with_once() {
        let (threads, local) = (Threads::default(), Caller::local());
        let said = ["a".to_owned(), "b".to_owned()];
        threads.keep(name(&local, &said), stand(2));
        assert_eq!(threads.take(&name(&local, &["ab".to_owned()])), None);
        let other = Caller { id: "other".to_owned(), ..Caller::local() };
        assert_eq!(threads.take(&name(&other, &said)), None);
        assert_eq!(threads.take(&name(&local, &said)), Some(stand(2)));
        assert_eq!(threads.take(&name(&local, &said)), None);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let threads = Threads::default();
        let known = |at: usize| name(&Caller::local(), &[at.to_string()]);
        (0..=MAX_THREADS).for_each(|at| threads.keep(known(at), stand(1)));
        assert!(threads.0.lock().unwrap().known.len() <= MAX_THREADS);
        assert!(threads.take(&known(0)).is_none() && threads.take(&known(MAX_THREADS)).is_some());
    }
}
