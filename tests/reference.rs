//! What the tests share: the binary, and reference data made once in a test run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use waggle::app::{App, AppConfig};
use waggle::generate::{self, Shapes};

/// Lines of the small data: enough for every door.
const FEW: u64 = 2_000;
/// Lines of the larger data: enough for conversations to find somebody.
const MANY: u64 = 20_000;

/// The folder of the small data.
pub(crate) fn few() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| made(FEW))
}

/// The folder of the larger data.
pub(crate) fn many() -> &'static Path {
    static DATA: OnceLock<PathBuf> = OnceLock::new();
    DATA.get_or_init(|| made(MANY))
}

/// Data of `customers` lines in the build's folder for temporary files, made anew in every test run. The
/// lock is held until the process ends, so that two test runs do not write the same files.
fn made(customers: u64) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("data-{customers}"));
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    std::mem::forget(lock);
    let _ = std::fs::remove_dir_all(&folder);
    generate::run(&Shapes::builtin().unwrap(), customers, 7, &folder, &|_| ()).unwrap();
    folder
}

/// The app over the data of `folder`.
pub(crate) fn app(folder: &Path) -> App {
    App::open(AppConfig::new(folder.to_path_buf())).unwrap()
}

/// The binary, with a home of its own.
pub(crate) fn waggle(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waggle"));
    for variable in ["XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME"] {
        command.env(variable, home);
    }
    command.env_remove("WAGGLE_DATA").stdin(Stdio::null());
    command
}

/// Runs a command that reads `input`.
pub(crate) fn with_input(mut command: Command, input: &[u8]) -> Output {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().unwrap()
    })
}
