//! The one writer. Writes that wait are run together in one transaction, each in a savepoint of its own, so
//! that two hundred conversations share an `fsync` instead of queueing for two hundred. One that fails takes
//! only its own changes back. A write goes on when its caller goes away: it is done whole or not at all.

use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool, Connection as _};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// The most writes that share a commit.
const MAX_BATCH: usize = 128;
/// The most writes that wait; more callers wait for their turn to wait.
const MAX_WAITING: usize = 1024;

/// How a transaction that writes begins: alone among the writers of this database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begin {
    /// The statement that begins it.
    pub(super) statement: &'static str,
    /// What keeps other writers out, where beginning does not.
    pub(super) lock: Option<&'static str>,
}

/// A write's steps.
pub(super) type Steps<'c, T> = BoxFuture<'c, Result<T, StoreError>>;

/// Where writes are handed in.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Message>);

enum Message {
    Write(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A write that waits, whatever it gives back.
trait Job: Send {
    /// Runs the steps; whether they went well.
    fn run<'c>(&'c mut self, conn: &'c mut AnyConnection) -> BoxFuture<'c, bool>;
    /// Tells the caller, after the commit or after its failure.
    fn settle(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Waiting<F, T> {
    work: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Job for Waiting<F, T>
where
    F: for<'c> FnOnce(&'c mut AnyConnection) -> Steps<'c, T> + Send,
    T: Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut AnyConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = work(conn).await;
            let well = outcome.is_ok();
            self.outcome = Some(outcome);
            well
        })
    }

    fn settle(self: Box<Self>, commit: Result<(), StoreError>) {
        let outcome = match (self.outcome, commit) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(cause)) => Err(cause),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // A caller that went away is told nothing.
        let _ = self.reply.send(outcome);
    }
}

impl Writer {
    /// Starts the writer over a pool.
    #[expect(clippy::disallowed_methods, reason = "writes outlive a cancelled caller, and end with the store")]
    pub(super) fn start(pool: AnyPool, begin: Begin) -> Self {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        tokio::spawn(write_all(pool, begin, receiver));
        Self(sender)
    }

    /// Does a write, and answers when it is on the disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut AnyConnection) -> Steps<'c, T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Waiting { work: Some(work), outcome: None, reply };
        self.0.send(Message::Write(Box::new(job))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the writer after what waits.
    pub(super) async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        if self.0.send(Message::Close(reply)).await.is_ok() {
            // Whether it says so or is gone, it has ended.
            let _ = answer.await;
        }
    }
}

async fn write_all(pool: AnyPool, begin: Begin, mut receiver: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(MAX_BATCH);
    while receiver.recv_many(&mut messages, MAX_BATCH).await > 0 {
        let (mut jobs, mut closing) = (Vec::new(), None);
        for message in messages.drain(..) {
            match message {
                // What comes after a close finds the store closed: its reply is dropped.
                Message::Write(job) if closing.is_none() => jobs.push(job),
                Message::Write(_) => {}
                Message::Close(reply) => closing = Some(reply),
            }
        }
        if !jobs.is_empty() {
            write_together(&pool, begin, jobs).await;
        }
        if let Some(reply) = closing {
            receiver.close();
            pool.close().await;
            // Nobody may wait for it any more.
            let _ = reply.send(());
            return;
        }
    }
    pool.close().await;
}

async fn write_together(pool: &AnyPool, begin: Begin, mut jobs: Vec<Box<dyn Job>>) {
    let commit = in_transaction(pool, begin, &mut jobs).await.map_err(StoreError::from);
    if let Err(cause) = &commit {
        tracing::error!(writes = jobs.len(), ?cause, "a commit failed");
    }
    for job in jobs {
        job.settle(commit.clone());
    }
}

async fn in_transaction(pool: &AnyPool, begin: Begin, jobs: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let result = run_and_commit(&mut conn, begin, jobs).await;
    if result.is_err() {
        // What state it is in is not known: the next batch gets a fresh one.
        conn.close_on_drop();
    }
    result
}

async fn run_and_commit(conn: &mut AnyConnection, begin: Begin, jobs: &mut [Box<dyn Job>]) -> Result<(), sqlx::Error> {
    let mut all = conn.begin_with(begin.statement).await?;
    if let Some(lock) = begin.lock {
        sqlx::query(lock).execute(&mut *all).await?;
    }
    for job in jobs {
        let mut own = all.begin().await?;
        if job.run(&mut own).await {
            own.commit().await?;
        } else {
            own.rollback().await?;
        }
    }
    all.commit().await
}
