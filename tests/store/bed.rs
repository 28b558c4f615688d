//! A place to keep things in: a file, or a database of a PostgreSQL that is started for the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;
use waggle::store::Store;

/// Where one case keeps its things.
pub(crate) struct Bed {
    /// What `--store` would say.
    pub(crate) address: String,
    /// What the tests' own connection is opened with.
    url: String,
    _folder: Option<TempDir>,
}

impl Bed {
    /// A file in a folder of its own.
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept/waggle.db");
        Self { _folder: Some(folder), ..Self::at(&path) }
    }

    /// A file that is there, or will be.
    pub(crate) fn at(path: &Path) -> Self {
        Self { address: path.display().to_string(), url: format!("sqlite://{}", path.display()), _folder: None }
    }

    pub(crate) fn is_file(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.address).await.unwrap()
    }

    /// A connection past the store, as somebody has who tampers with it.
    pub(crate) async fn tamper(&self, statements: &'static str) -> Result<(), sqlx::Error> {
        sqlx::any::install_default_drivers();
        let mut conn = AnyConnection::connect(&self.url).await?;
        let done = sqlx::raw_sql(statements).execute(&mut conn).await;
        conn.close().await?;
        done.map(drop)
    }
}

/// A PostgreSQL of our own, stopped and removed with this.
pub(crate) struct Cluster {
    folder: TempDir,
    tools: PathBuf,
    user: Option<&'static str>,
}

impl Cluster {
    /// Starts one; or says why there is none.
    pub(crate) fn start() -> Result<Self, String> {
        let tools = tools().ok_or("no initdb in PATH or /usr/lib/postgresql")?;
        let user = if output(Command::new("id").arg("-u"))?.trim() == "0" { Some(unprivileged()?) } else { None };
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        if let Some(user) = user {
            output(Command::new("chown").arg(user).arg(folder.path()))?;
        }
        let cluster = Self { folder, tools, user };
        output(cluster.command("initdb").args(["-A", "trust", "-U", "waggle", "-N", "-E", "UTF8", "--locale=C"]))?;
        let sockets = cluster.folder.path().display();
        let options = format!("-k '{sockets}' -c listen_addresses='' -c fsync=off -c max_connections=200");
        let log = cluster.folder.path().join("log");
        output(cluster.command("pg_ctl").args(["start", "-w", "-t", "60", "-o", &options, "-l"]).arg(log))?;
        Ok(cluster)
    }

    /// A database of its own for a case.
    pub(crate) async fn bed(&self, name: &str) -> Bed {
        sqlx::any::install_default_drivers();
        let url = |database: &str| format!("postgres:///{database}?host={}&user=waggle", self.folder.path().display());
        let mut conn = AnyConnection::connect(&url("postgres")).await.unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        Bed { address: url(name), url: url(name), _folder: None }
    }

    /// A tool over our data, as the user who may.
    fn command(&self, tool: &str) -> Command {
        let tool = self.tools.join(tool);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(tool);
                command
            }
            None => Command::new(tool),
        };
        command.arg("-D").arg(self.folder.path().join("data")).current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = output(self.command("pg_ctl").args(["stop", "-m", "immediate"]));
    }
}

/// The folder of PostgreSQL's programs: the latest of Debian's, or that of `PATH`.
fn tools() -> Option<PathBuf> {
    let is_whole = |folder: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|tool| folder.join(tool).is_file());
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let found = output(Command::new("sh").args(["-c", "readlink -f \"$(command -v initdb)\""])).unwrap_or_default();
    folders.extend(Path::new(found.trim()).parent().map(Path::to_path_buf));
    folders.into_iter().rfind(|folder| is_whole(folder))
}

/// Somebody who is not root: PostgreSQL refuses to run as root.
fn unprivileged() -> Result<&'static str, String> {
    let found = ["postgres", "nobody"].into_iter().find(|user| {
        let as_user = ["--reuid", user, "--regid", user, "--clear-groups", "true"];
        output(Command::new("setpriv").args(as_user)).is_ok()
    });
    found.ok_or_else(|| "root cannot become another user here".to_owned())
}

/// Runs a command to its end. What it starts keeps none of our pipes open.
fn output(command: &mut Command) -> Result<String, String> {
    let name = format!("{command:?}");
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("output");
    let file = fs::File::create(&path).map_err(|e| e.to_string())?;
    let errors = file.try_clone().map_err(|e| e.to_string())?;
    let status = command.stdin(Stdio::null()).stdout(file).stderr(errors).status();
    let text = fs::read_to_string(&path).unwrap_or_default();
    match status {
        Ok(status) if status.success() => Ok(text),
        Ok(status) => Err(format!("{name}: {status}: {text}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// How long a case may take, however slow the machine is.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
