//! Playing: rounds over the workload, turn by turn, everybody asked one after the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::load::{self, Loads};
use super::report::{self, median};
use super::rival::{KEPT, Rivals, Said};
use super::workload::Talk;
use super::{Contender, Data, Kind, Machine, Question, Report, SpeedError, Times, TurnReport, machine};
use crate::answer::{Answer, Status};
use crate::app::{App, AppConfig, AskOptions};
use crate::catalog::Locale;
use crate::engine::{Cell, IndexProgress};
use crate::session::Session;

/// A question is repeated until it was asked so often, or so long was spent on it. Others are asked by the same rule.
const REPEATS: usize = 3;
const REPEAT_FOR: Duration = Duration::from_secs(1);

/// How much two averages of the same numbers may differ, as a share.
const ROUNDING: f64 = 1e-9;

/// A way of Waggle's to answer.
#[derive(Debug, Clone)]
pub struct Way {
    /// What it is called.
    pub name: String,
    /// What its app is opened with.
    pub config: AppConfig,
}

/// What is to be measured.
#[derive(Debug, Clone)]
pub struct Order {
    /// Waggle's ways; at least one. The others are measured against the first.
    pub ways: Vec<Way>,
    /// What is played.
    pub talks: Vec<Talk>,
    /// How often.
    pub rounds: usize,
    /// Other engines, as [`super::MODULES`] lists them.
    pub rivals: Vec<String>,
    /// What runs them.
    pub python: PathBuf,
    /// Conversations at once, and for how long; none for not at all.
    pub load: Option<(usize, Duration)>,
}

/// Milliseconds of one turn and one contender, as they come in.
#[derive(Debug, Clone, Default)]
struct Taken {
    first: Vec<f64>,
    repeated: Vec<f64>,
}

impl Taken {
    fn add(&mut self, first: f64, repeated: impl IntoIterator<Item = f64>) {
        self.first.push(first);
        self.repeated.extend(repeated);
    }

    fn times(self) -> Option<Times> {
        Some(Times { first: median(self.first)?, repeated: median(self.repeated)? })
    }
}

/// A turn as it is measured.
struct Slot {
    turn: TurnReport,
    taken: Vec<Taken>,
    read: Vec<f64>,
}

/// Plays the workload. `tell` hears how many turns of all rounds are done, of how many, and what is going on. Where
/// `stop` comes, what was measured until then is told.
///
/// # Errors
/// Data that cannot be opened, a turn that is not answered with numbers, or others that cannot be asked.
pub async fn play(
    order: &Order,
    stop: &CancellationToken,
    tell: &(dyn Fn(usize, usize, &str) + Sync),
) -> Result<Report, SpeedError> {
    let mut game = Game::begin(order, stop, tell).await?;
    for round in 0..order.rounds.max(1) {
        match game.round(round).await {
            Ok(()) => game.report.rounds += 1,
            Err(SpeedError::Stopped) => {
                game.report.stopped = true;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    match game.load().await {
        Err(SpeedError::Stopped) => game.report.stopped = true,
        loaded => loaded?,
    }
    Ok(game.end())
}

struct Game<'a> {
    order: &'a Order,
    stop: &'a CancellationToken,
    tell: &'a (dyn Fn(usize, usize, &str) + Sync),
    rivals: Option<Rivals>,
    report: Report,
    slots: Vec<Slot>,
    done: usize,
}

impl<'a> Game<'a> {
    async fn begin(
        order: &'a Order,
        stop: &'a CancellationToken,
        tell: &'a (dyn Fn(usize, usize, &str) + Sync),
    ) -> Result<Self, SpeedError> {
        let mut game = Self { order, stop, tell, rivals: None, report: empty(), slots: Vec::new(), done: 0 };
        let mut catalog = None;
        for way in &order.ways {
            game.say(&format!("opening the data: {}", way.name));
            let build_s = game.index(way).await?;
            let started = Instant::now();
            let app = open(way).await?;
            let ready_s = Some(started.elapsed().as_secs_f64());
            let (app, awake_s) = awake(app, way).await?;
            game.report.contenders.push(Contender {
                name: way.name.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                own: true,
                ready_s,
                awake_s,
                build_s,
                disk_bytes: if uses_index(way) { app.engine().index_info().ok().map(|info| info.bytes) } else { None },
            });
            if catalog.is_none() {
                game.report.data = data(&app).await?;
                catalog = Some((app.catalog().clone(), &way.config.data));
            }
        }
        if let (Some((catalog, folder)), false) = (catalog, order.rivals.is_empty()) {
            game.say("other engines open or load the data");
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            let of = (folder.as_path(), game.report.machine.cores);
            let rivals = Rivals::open(&order.python, &order.rivals, of, &catalog, stop).await?;
            game.enter(rivals);
        }
        Ok(game)
    }

    /// Builds the index of a way that uses one, where there is none; tells how many seconds that took.
    async fn index(&self, way: &Way) -> Result<Option<f64>, SpeedError> {
        if !uses_index(way) {
            return Ok(None);
        }
        let app = open(way).await?;
        if app.engine().has_index() {
            return Ok(None);
        }
        self.say("building the index");
        let (stop, started) = (self.stop.clone(), Instant::now());
        let work = move || {
            let stopped = || stop.is_cancelled();
            app.engine().build_index(&IndexProgress { report: &|_, _| (), stopped: &stopped, anew: false })
        };
        let built = tokio::task::spawn_blocking(work).await.map_err(|_| SpeedError::Stopped)?;
        if self.stop.is_cancelled() {
            return Err(SpeedError::Stopped);
        }
        Ok(built?.then(|| started.elapsed().as_secs_f64()))
    }

    /// Takes in those who can be asked.
    fn enter(&mut self, rivals: Rivals) {
        self.report.missing.clone_from(&rivals.missing);
        for found in &rivals.found {
            self.report.contenders.push(Contender {
                name: found.name.clone(),
                version: found.version.clone(),
                own: false,
                ready_s: None,
                awake_s: None,
                build_s: found.load_s,
                disk_bytes: found.load_s.map(|_| rivals.native_bytes),
            });
        }
        self.rivals = Some(rivals);
    }

    fn say(&self, what: &str) {
        let turns: usize = self.order.talks.iter().map(|talk| talk.turns.len()).sum();
        (self.tell)(self.done, turns * self.order.rounds.max(1), what);
    }

    /// One round: everybody opened anew.
    async fn round(&mut self, round: usize) -> Result<(), SpeedError> {
        let mut apps = Vec::new();
        for way in &self.order.ways {
            apps.push(awake(open(way).await?, way).await?.0);
        }
        if let Some(rivals) = &mut self.rivals {
            rivals.fresh(self.stop).await?;
        }
        let mut at = 0;
        for talk in &self.order.talks {
            self.say(&format!("round {}: {}", round + 1, talk.id));
            self.talk(&apps, talk, at).await?;
            at += talk.turns.len();
        }
        self.report.resident = machine::resident();
        if let Some(rivals) = &mut self.rivals {
            self.report.rivals_resident = rivals.resident(self.stop).await?;
        }
        Ok(())
    }

    /// One conversation, whose first turn is the one number `at` of the workload.
    async fn talk(&mut self, apps: &[App], talk: &Talk, at: usize) -> Result<(), SpeedError> {
        let mut sessions: Vec<Session> = apps.iter().map(|_| session(talk)).collect();
        let mut questions = Vec::new();
        let mut answers = Vec::new();
        for (i, words) in talk.turns.iter().enumerate() {
            let before = sessions.first().cloned();
            let mut told: Option<Answer> = None;
            for (way, (app, session)) in apps.iter().zip(&mut sessions).enumerate() {
                let asked = self.until_stopped(ask(app, session, words)).await?;
                let Asked { answer, first, repeated, read } = asked;
                if way == 0 {
                    let before = before.as_ref().unwrap_or(session);
                    let question = Question::of(app, before, session, &answer)?;
                    self.enter_turn(at + i, (talk, i), &question, &answer);
                    questions.push(question);
                }
                let slot = &mut self.slots[at + i];
                slot.read.push(read);
                slot.taken[way].add(first, repeated);
                match &told {
                    Some(other) if !alike(other, &answer) => slot.differ(&self.order.ways[way].name),
                    Some(_) => {}
                    None => told = Some(answer),
                }
            }
            let (Some(question), Some(answer)) = (questions.last(), told) else { continue };
            self.ask_rivals(at + i, question, &answer).await?;
            answers.push(answer);
            self.done += 1;
            self.say(&format!("{}: {words}", talk.id));
        }
        self.ask_kept(at, &questions, &answers).await
    }

    fn enter_turn(&mut self, at: usize, (talk, turn): (&Talk, usize), question: &Question, answer: &Answer) {
        if at < self.slots.len() {
            return;
        }
        let report = TurnReport {
            conversation: talk.id.clone(),
            turn: turn + 1,
            words: talk.turns[turn].clone(),
            kind: question.kind,
            conditions: question.conditions,
            count: answer.count.unwrap_or_default(),
            read_ms: 0.0,
            times: Vec::new(),
            differs: Vec::new(),
        };
        let taken = vec![Taken::default(); self.report.contenders.len()];
        self.slots.push(Slot { turn: report, taken, read: Vec::new() });
    }

    async fn ask_rivals(&mut self, at: usize, question: &Question, answer: &Answer) -> Result<(), SpeedError> {
        let Some(rivals) = &mut self.rivals else { return Ok(()) };
        for (i, who) in self.report.contenders.iter().enumerate().filter(|(_, who)| !who.own && who.name != KEPT) {
            let said = rivals.ask(&who.name, question, self.stop).await?;
            self.slots[at].hear(i, &who.name, (question.kind, answer), said);
        }
        Ok(())
    }

    async fn ask_kept(&mut self, at: usize, questions: &[Question], answers: &[Answer]) -> Result<(), SpeedError> {
        let Some(rivals) = &mut self.rivals else { return Ok(()) };
        let Some(i) = self.report.contenders.iter().position(|who| who.name == KEPT) else { return Ok(()) };
        let said = rivals.ask_all(questions, self.stop).await?;
        for (slot, ((question, answer), said)) in
            self.slots[at..].iter_mut().zip(questions.iter().zip(answers).zip(said))
        {
            slot.hear(i, KEPT, (question.kind, answer), said);
        }
        Ok(())
    }

    async fn load(&mut self) -> Result<(), SpeedError> {
        let (Some((at_once, lasting)), false) = (self.order.load, self.report.stopped) else { return Ok(()) };
        let Some(way) = self.order.ways.first() else { return Ok(()) };
        self.say("one conversation alone");
        let alone = load::run(Arc::new(open(way).await?), &self.order.talks, 1, lasting, self.stop).await?;
        self.say(&format!("{at_once} conversations at once"));
        let together = load::run(Arc::new(open(way).await?), &self.order.talks, at_once, lasting, self.stop).await?;
        self.report.loads = Some(Loads { alone, together });
        Ok(())
    }

    /// What comes of `work`, unless somebody stops it: then it is dropped.
    async fn until_stopped<T>(&self, work: impl Future<Output = Result<T, SpeedError>>) -> Result<T, SpeedError> {
        tokio::select! {
            () = self.stop.cancelled() => Err(SpeedError::Stopped),
            done = work => done,
        }
    }

    fn end(self) -> Report {
        let Self { mut report, slots, .. } = self;
        report.turns = slots.into_iter().map(Slot::told).collect();
        report.summarize();
        report
    }
}

impl Slot {
    fn hear(&mut self, i: usize, name: &str, (kind, answer): (Kind, &Answer), said: Said) {
        if said.unsupported.is_some() {
            return;
        }
        if !report::same(answer, kind == Kind::TopN, &said.rows) {
            self.differ(name);
        }
        self.taken[i].add(said.first, said.repeated);
    }

    fn differ(&mut self, name: &str) {
        if !self.turn.differs.iter().any(|known| known == name) {
            self.turn.differs.push(name.to_owned());
        }
    }

    fn told(self) -> TurnReport {
        let times = self.taken.into_iter().map(Taken::times).collect();
        TurnReport { times, read_ms: median(self.read).unwrap_or_default(), ..self.turn }
    }
}

fn empty() -> Report {
    Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: Machine::this(),
        data: Data::default(),
        rounds: 0,
        stopped: false,
        contenders: Vec::new(),
        missing: Vec::new(),
        turns: Vec::new(),
        summaries: Vec::new(),
        resident: None,
        rivals_resident: None,
        loads: None,
    }
}

fn uses_index(way: &Way) -> bool {
    way.config.index.mode.asks_index()
}

/// Opens the app of a way. The population is counted once, as a service has done before its first turn.
async fn open(way: &Way) -> Result<App, SpeedError> {
    let app = App::open(way.config.clone())?;
    app.population().await?;
    Ok(app)
}

/// The app once all of its index is read and checked, as a server has it soon after it was started; in how many seconds.
async fn awake(app: App, way: &Way) -> Result<(App, Option<f64>), SpeedError> {
    if !uses_index(way) {
        return Ok((app, None));
    }
    let wake = move || {
        let started = Instant::now();
        app.engine().wake_index();
        (app, Some(started.elapsed().as_secs_f64()))
    };
    tokio::task::spawn_blocking(wake).await.map_err(|_| SpeedError::Stopped)
}

async fn data(app: &App) -> Result<Data, SpeedError> {
    let sql = format!("SELECT count(*) AS n FROM \"{}\"", app.catalog().entity().name);
    let rows = app.engine().run_gold(&sql).await?;
    let customers = match rows.rows.first().and_then(|row| row.first()) {
        Some(Cell::Int(n)) => u64::try_from(*n).unwrap_or_default(),
        _ => 0,
    };
    Ok(Data { customers, population: app.population().await?, version: app.engine().data_version().to_owned() })
}

/// A session for a conversation.
pub(super) fn session(talk: &Talk) -> Session {
    Session::new(&talk.id, Locale::Ko)
}

/// Asks and takes numbers only for an answer. Groups are not hidden: others do not hide theirs.
pub(super) async fn answered(app: &App, session: &mut Session, words: &str) -> Result<Answer, SpeedError> {
    let options = AskOptions { min_group: Some(0), ..AskOptions::default() };
    let answer = Box::pin(app.ask(session, words, &options)).await;
    if answer.status == Status::Answered && answer.count.is_some() && answer.unmatched.is_empty() {
        return Ok(answer);
    }
    Err(SpeedError::Unanswered { words: words.to_owned(), reply: answer.reply })
}

/// One turn of one way.
struct Asked {
    answer: Answer,
    first: f64,
    repeated: Vec<f64>,
    read: f64,
}

async fn ask(app: &App, session: &mut Session, words: &str) -> Result<Asked, SpeedError> {
    let before = session.clone();
    let answer = answered(app, session, words).await?;
    let mut repeated = Vec::new();
    let started = Instant::now();
    while repeated.is_empty() || (repeated.len() < REPEATS && started.elapsed() < REPEAT_FOR) {
        let again = answered(app, &mut before.clone(), words).await?;
        repeated.push(taken(&again));
    }
    let (first, read) = (taken(&answer), answer.timings_ms.translate);
    Ok(Asked { answer, first, repeated, read })
}

/// Milliseconds from the segment to the rows.
fn taken(answer: &Answer) -> f64 {
    answer.timings_ms.compile + answer.timings_ms.run
}

/// Whether two of Waggle's ways say the same: counts to the last one, averages but for how sums are rounded.
fn alike(one: &Answer, other: &Answer) -> bool {
    let groups = |answer: &Answer| -> Vec<(Vec<Option<String>>, u64)> {
        let rows = answer.breakdown.iter().flat_map(|b| &b.rows);
        rows.map(|group| (group.key.clone(), group.count)).collect()
    };
    let values = |answer: &Answer| -> Vec<Option<f64>> { answer.metrics.iter().map(|metric| metric.value).collect() };
    let near = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= ROUNDING * a.abs().max(b.abs()),
        (a, b) => a == b,
    };
    let (mine, theirs) = (values(one), values(other));
    one.count == other.count
        && groups(one) == groups(other)
        && mine.len() == theirs.len()
        && mine.iter().zip(&theirs).all(near)
}
