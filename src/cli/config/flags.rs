//! A flag for every setting, made from the table of settings.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use clap::error::Error;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::keys::{KEYS, Key, Kind};

/// The flag that names the file.
const FILE: &str = "config";

/// What the command line says of settings.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConfigFlags {
    /// The file to read settings from.
    pub file: Option<PathBuf>,
    /// Flag → its text.
    pub(super) values: BTreeMap<String, String>,
}

impl ConfigFlags {
    /// The same with one more flag, as it stands on the command line but for the dashes.
    #[must_use]
    pub fn with(mut self, flag: &str, text: &str) -> Self {
        self.values.insert(flag.to_owned(), text.to_owned());
        self
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for ConfigFlags {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.keys().collect();
        out.debug_struct("ConfigFlags").field("file", &self.file).field("flags", &names).finish()
    }
}

impl Args for ConfigFlags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE).long(FILE).value_name("FILE").value_parser(clap::value_parser!(PathBuf)).help(
            "File with settings; also by WAGGLE_CONFIG [default: waggle.toml here, or else in the user's configuration folder]",
        );
        KEYS.iter().fold(command.arg(file), |command, key| command.arg(flag(key)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(key: &Key) -> Arg {
    let default = key.default.map(|text| format!(" [default: {text}]")).unwrap_or_default();
    let heading = key.name.rsplit_once('.').map_or("Service", |(table, _)| table);
    Arg::new(key.flag()).long(key.flag()).value_name(kind(key.kind)).help_heading(heading).help(format!(
        "{} [{}]{default}",
        key.about,
        key.variable()
    ))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "TEXT",
        Kind::Whole(..) | Kind::Decimal => "N",
        Kind::Truth => "true|false",
        Kind::Address => "ADDR",
        Kind::Choice(["off", "on"]) => "off|on",
        Kind::Choice(["ko", "en"]) => "ko|en",
        Kind::Choice(["text", "json"]) => "text|json",
        Kind::Choice(_) => "WORD",
        Kind::Engine => "ENGINE",
        Kind::List => "A,B",
        Kind::Map(_) => "A=ROLE,B=ROLE",
    }
}

impl FromArgMatches for ConfigFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        if let Some(file) = matches.get_one::<PathBuf>(FILE) {
            self.file = Some(file.clone());
        }
        for name in KEYS.iter().map(Key::flag) {
            if let Some(text) = matches.get_one::<String>(name) {
                self.values.insert(name.to_owned(), text.clone());
            }
        }
        Ok(())
    }
}
