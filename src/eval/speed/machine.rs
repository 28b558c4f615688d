//! The machine that a figure is of. What the system does not tell is left out.

use serde::Serialize;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Its processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<String>,
    /// Cores that may be used.
    pub cores: usize,
    /// Bytes of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: kibibytes("/proc/meminfo", "MemTotal"),
        }
    }
}

/// Bytes that this process has in memory, where the system tells.
#[must_use]
pub(super) fn resident() -> Option<u64> {
    kibibytes("/proc/self/status", "VmRSS")
}

fn kibibytes(file: &str, name: &str) -> Option<u64> {
    let number: u64 = line(file, name)?.trim_end_matches("kB").trim().parse().ok()?;
    Some(number << 10)
}

/// What stands after `name` and a colon in a file of the system.
fn line(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let (_, rest) = text.lines().find(|line| line.starts_with(name))?.split_once(':')?;
    Some(rest.trim().to_owned())
}
