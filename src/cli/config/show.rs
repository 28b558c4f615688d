//! Settings as text: what is in force and where each was said, and an example of the file.

use super::keys::{KEYS, Key};
use super::sources::Said;
use super::value::{Value, from_text, quoted};
use super::{models, router};

/// What stands for a secret.
pub(super) const MASK: &str = "…";

/// What is in force, as a file that could be read again but for the secrets, each line with where it was said.
pub(super) fn effective(said: &Said) -> Vec<String> {
    let mut lines = Lines::default();
    for key in KEYS {
        let line = match said.get(key.name) {
            None => format!("# {} is not set. {}", local(key), when_unset(key)),
            Some((value, origin)) => format!("{} = {}  # {origin}", local(key), masked(key, value)),
        };
        lines.push(key, vec![line]);
    }
    lines.0.extend(models::effective(said));
    lines.0.extend(router::effective(said));
    lines.0
}

/// Every setting with what it is for, its default or an example, its variable and its flag.
pub(super) fn example() -> Vec<String> {
    let mut lines = Lines(vec![
        "# Settings of Waggle. Put this file at ./waggle.toml, or name it with --config.".to_owned(),
        "# An environment variable outweighs the file, a flag outweighs both. Paths are as from the working folder."
            .to_owned(),
        String::new(),
    ]);
    for key in KEYS {
        let text = key.default.unwrap_or(key.example);
        let value = from_text(key, text).map_or_else(|_| quoted(text), |value| value.shown());
        lines.push(
            key,
            vec![
                format!("# {}.", key.about),
                format!("# {}, --{}", key.variable(), key.flag()),
                format!("#{} = {value}", local(key)),
            ],
        );
    }
    lines.0.extend(models::example());
    lines.0.extend(router::example());
    lines.0
}

/// Lines with a header where another table begins.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, key: &Key, lines: Vec<String>) {
        if let Some((table, _)) = key.name.rsplit_once('.') {
            let header = format!("[{table}]");
            if self.0.iter().rfind(|line| line.starts_with('[')) != Some(&header) {
                self.0.extend([String::new(), header]);
            }
        }
        self.0.extend(lines);
    }
}

/// The name of a setting within its table.
fn local(key: &Key) -> &str {
    key.name.rsplit_once('.').map_or(key.name, |(_, name)| name)
}

fn when_unset(key: &Key) -> &str {
    key.about.split_once("Without it: ").map_or("", |(_, then)| then)
}

pub(super) fn masked(key: &Key, value: &Value) -> String {
    match (key.name, value) {
        ("store", Value::Text(address)) => quoted(&without_password(address)),
        _ if key.secret => quoted(MASK),
        _ => value.shown(),
    }
}

/// The address of a store without its password; the path of a file as it is.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    // The authority ends at the last `@`: a password may hold anything. Parameters may hold one too.
    let rest = rest.split_once('?').map_or_else(|| rest.to_owned(), |(before, _)| format!("{before}?{MASK}"));
    match rest.rsplit_once('@') {
        None => format!("{scheme}://{rest}"),
        Some((who, place)) => {
            let user = who.split_once(':').map_or(who, |(user, _)| user);
            format!("{scheme}://{user}:{MASK}@{place}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (text, shown) in [
            ("postgres://waggle:s3cret@db:5432/waggle", "postgres://waggle:…@db:5432/waggle"),
            ("postgres://waggle:p@ss/w:d@db/waggle", "postgres://waggle:…@db/waggle"),
            ("postgres://db/waggle?user=a&password=s3cret", "postgres://db/waggle?…"),
            ("sqlite:///srv/waggle.db", "sqlite:///srv/waggle.db"),
            ("/srv/waggle.db", "/srv/waggle.db"),
            ("waggle.db", "waggle.db"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }
}
