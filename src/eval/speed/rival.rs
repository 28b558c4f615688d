//! Other engines, asked through a child process that speaks JSON lines (`benches/rivals.py`, which is built in).
//!
//! Dropping it ends the child and removes what it has written.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Question, SpeedError};
use crate::catalog::{Band, Catalog, Locale};
use crate::segment::text;

/// The program that asks them.
const SCRIPT: &str = include_str!("../../../benches/rivals.py");

/// What runs it, where nothing else is said.
pub const PYTHON: &str = "python3";

/// The modules that it knows.
pub const MODULES: [&str; 2] = ["duckdb", "polars"];

/// The one that is asked a whole conversation at once: it must know beforehand which columns will be asked of.
pub(super) const KEPT: &str = "DuckDB kept";

/// Others that are there.
pub(super) struct Rivals {
    child: Child,
    pipes: Arc<Mutex<Pipes>>,
    /// What they write lies here.
    folder: PathBuf,
    /// Who can be asked.
    pub(super) found: Vec<Found>,
    /// Modules that are not installed.
    pub(super) missing: Vec<String>,
    /// Bytes of DuckDB's own tables on disk.
    pub(super) native_bytes: u64,
}

/// One that can be asked.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) version: String,
    /// Seconds that it took to load the data.
    pub(super) load_s: Option<f64>,
}

/// What it says to a question.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    /// Milliseconds of the first run.
    pub(super) first: f64,
    /// Of those after it.
    pub(super) repeated: Vec<f64>,
    /// Keys, the number, and a metric's value.
    pub(super) rows: Vec<Vec<Value>>,
    /// What it cannot be asked.
    pub(super) unsupported: Option<String>,
}

struct Pipes {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Opened {
    found: Vec<Found>,
    missing: Vec<String>,
    native_bytes: u64,
}

#[derive(Deserialize)]
struct Answers {
    answers: Vec<Said>,
}

#[derive(Deserialize)]
struct Memory {
    resident: Option<u64>,
}

impl Rivals {
    /// Starts `python` and opens the files of `data` with `modules`.
    pub(super) async fn open(
        python: &Path,
        modules: &[String],
        (data, threads): (&Path, usize),
        catalog: &Catalog,
        stop: &CancellationToken,
    ) -> Result<Self, SpeedError> {
        if let Some(unknown) = modules.iter().find(|name| !MODULES.contains(&name.as_str())) {
            return Err(SpeedError::NoRival(unknown.clone()));
        }
        let folder = std::env::temp_dir().join(format!("waggle-rivals-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| SpeedError::Rival(format!("{}: {e}", folder.display())))?;
        let mut command = Command::new(python);
        command.args(["-c", SCRIPT]).arg(&folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|e| SpeedError::Rival(format!("{}: {e}", python.display())))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(SpeedError::Rival(python.display().to_string()));
        };
        let pipes = Arc::new(Mutex::new(Pipes { input, output: BufReader::new(output) }));
        let mut rivals = Self { child, pipes, folder, found: Vec::new(), missing: Vec::new(), native_bytes: 0 };
        let mut order = about(catalog)?;
        order["op"] = json!("open");
        order["data"] = json!(data);
        order["threads"] = json!(threads);
        order["rivals"] = json!(modules);
        let opened: Opened = rivals.call(&order, stop).await?;
        (rivals.found, rivals.missing) = (opened.found, opened.missing);
        rivals.native_bytes = opened.native_bytes;
        Ok(rivals)
    }

    /// All of them as programs that were just started.
    pub(super) async fn fresh(&mut self, stop: &CancellationToken) -> Result<(), SpeedError> {
        self.call::<Value>(&json!({ "op": "fresh" }), stop).await.map(drop)
    }

    /// Asks `name` a question.
    pub(super) async fn ask(
        &mut self,
        name: &str,
        question: &Question,
        stop: &CancellationToken,
    ) -> Result<Said, SpeedError> {
        self.call(&json!({ "op": "ask", "name": name, "question": question }), stop).await
    }

    /// Asks the one that keeps the people of each turn a conversation.
    pub(super) async fn ask_all(
        &mut self,
        talk: &[Question],
        stop: &CancellationToken,
    ) -> Result<Vec<Said>, SpeedError> {
        let order = json!({ "op": "ask_all", "name": KEPT, "talk": talk });
        Ok(self.call::<Answers>(&order, stop).await?.answers)
    }

    /// Bytes that all of them have in memory.
    pub(super) async fn resident(&mut self, stop: &CancellationToken) -> Result<Option<u64>, SpeedError> {
        Ok(self.call::<Memory>(&json!({ "op": "memory" }), stop).await?.resident)
    }

    async fn call<T: for<'de> Deserialize<'de>>(
        &mut self,
        order: &Value,
        stop: &CancellationToken,
    ) -> Result<T, SpeedError> {
        let (pipes, line) = (Arc::clone(&self.pipes), order.to_string());
        let task = tokio::task::spawn_blocking(move || exchange(&pipes, &line));
        let said = tokio::select! {
            () = stop.cancelled() => {
                // The thread that waits for it sees the end of its output.
                let _ = self.child.kill();
                return Err(SpeedError::Stopped);
            }
            said = task => said,
        };
        let said = said.map_err(|e| SpeedError::Rival(e.to_string()))?;
        let said = said.map_err(|e| SpeedError::Rival(e.to_string()))?;
        let value: Value = serde_json::from_str(&said).map_err(|e| SpeedError::Rival(e.to_string()))?;
        if let Some(error) = value.get("error").and_then(Value::as_str) {
            return Err(SpeedError::Rival(error.to_owned()));
        }
        serde_json::from_value(value).map_err(|e| SpeedError::Rival(e.to_string()))
    }
}

impl Drop for Rivals {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Tables of gigabytes: whoever is killed leaves them.
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "what other engines have written cannot be removed");
        }
    }
}

fn exchange(pipes: &Mutex<Pipes>, line: &str) -> std::io::Result<String> {
    let mut pipes = pipes.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(pipes.input, "{line}")?;
    pipes.input.flush()?;
    let mut said = String::new();
    if pipes.output.read_line(&mut said)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(said)
}

/// What of the catalog is needed to read a segment.
fn about(catalog: &Catalog) -> Result<Value, SpeedError> {
    #[derive(Serialize)]
    struct Bands<'a> {
        field: &'a str,
        edges: &'a [f64],
        labels: &'a [String],
    }
    let tables: serde_json::Map<String, Value> =
        catalog.datasets.iter().map(|d| (d.name.clone(), json!(d.joins_on))).collect();
    let band = |b: &Band| {
        let edges = Bands { field: &b.field, edges: &b.edges, labels: &b.labels };
        (b.name.clone(), json!(edges))
    };
    let bands: serde_json::Map<String, Value> = catalog.bands.iter().map(band).collect();
    let population = text::parse(&catalog.population, catalog);
    let population = population.map_err(|e| SpeedError::Rival(e.message(Locale::En)))?;
    Ok(json!({
        "tables": tables,
        "entity": catalog.entity().name,
        "key": catalog.key(),
        "bands": bands,
        "population": population,
        "as_of": catalog.as_of.to_string(),
    }))
}
