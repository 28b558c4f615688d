//! Settings of the service and of its models, and `waggle config`, which shows them. Defaults, then `waggle.toml`, then
//! environment variables, then flags: the later outweighs the earlier. What nobody knows, or what is of the
//! wrong kind, is refused with where it stands; nothing is guessed and nothing ignored.

mod flags;
mod keys;
mod models;
mod router;
mod serve;
mod show;
mod sources;
mod value;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

pub use flags::ConfigFlags;
pub use models::TAKEN as TAKEN_NAMES;
pub use serve::{
    AuthConfig, ExportConfig, JwtConfig, Limits, MIN_HASH_KEY_BYTES, Retention, Secret, ServeConfig, Telemetry,
};
pub use sources::ConfigFault;

use super::error::CliError;
use super::exit::Exit;
use super::{output, place};
use crate::catalog::Locale;
use crate::translate::model::ModelSpec;
use crate::translate::router::Policy;
use sources::Said;

/// The file of settings, where no other is named.
pub const FILE: &str = "waggle.toml";
/// The environment variable that names another.
pub const FILE_VARIABLE: &str = "WAGGLE_CONFIG";

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Some are wrong.
    #[error("the settings have faults:\n{}", lines(.0))]
    Faults(Vec<ConfigFault>),
    /// The service would be open to everybody.
    #[error(
        "{listen} can be reached from other machines, and nobody would have to say who they are. Either listen on \
         127.0.0.1 (--listen 127.0.0.1:{}), or turn authentication on (--auth-mode on) and make a key for each caller \
         (waggle keys create --name NAME --role marketer)",
        listen.port()
    )]
    Exposed {
        /// The address.
        listen: SocketAddr,
    },
}

impl ConfigError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        match (self, locale) {
            (_, Locale::En) => self.to_string(),
            (Self::Faults(faults), Locale::Ko) => format!("설정에 잘못이 있습니다:\n{}", lines(faults)),
            (Self::Exposed { listen }, Locale::Ko) => format!(
                "{listen}은(는) 다른 컴퓨터에서도 접속할 수 있는데 인증이 꺼져 있습니다. 127.0.0.1에서 열거나(--listen \
                 127.0.0.1:{}), 인증을 켜고(--auth-mode on) 호출자마다 키를 만드세요(waggle keys create --name 이름 --role \
                 marketer)",
                listen.port()
            ),
        }
    }
}

fn lines(faults: &[ConfigFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Settings with where each was said.
#[derive(Debug)]
pub struct Settings {
    /// Who can translate beside the built-in translator, in the order of the file.
    pub models: Vec<ModelSpec>,
    /// Who translates what.
    pub policy: Policy,
    /// As the service takes them.
    pub serve: ServeConfig,
    /// What is odd and no fault.
    pub notes: Vec<String>,
    said: Said,
}

impl Settings {
    /// Each setting with where it was said; secrets are masked.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        show::effective(&self.said)
    }
}

/// Reads the settings: defaults, the file at `file`, what `variable` gives, the flags.
///
/// # Errors
/// All that is wrong with them.
pub fn read(
    file: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
    flags: &ConfigFlags,
) -> Result<Settings, ConfigError> {
    let mut said = Said::default();
    said.defaults();
    if let Some(file) = file {
        said.file(file);
    }
    said.environment(variable);
    said.flags(&flags.values);
    said.secret_file("store", "store_file");
    said.secret_file("export.hash_key", "export.hash_key_file");
    let serve = ServeConfig::of(&mut said);
    let models = models::of(&mut said, variable);
    let policy = router::of(&mut said, &models);
    if said.faults.is_empty() {
        Ok(Settings { notes: models::notes(&models), serve, models, policy, said })
    } else {
        Err(ConfigError::Faults(said.faults))
    }
}

/// Reads the settings from where they lie on this machine.
///
/// # Errors
/// All that is wrong with them.
pub fn load(flags: &ConfigFlags) -> Result<Settings, ConfigError> {
    let file = flags.file.clone().or_else(|| place::variable(FILE_VARIABLE).map(PathBuf::from)).or_else(found);
    let mut settings = read(file.as_deref(), &place::variable, flags)?;
    let names = place::variables().filter(|name| name != place::GOLDEN_VARIABLE);
    settings.notes.extend(sources::strangers(names, &models::variables(&settings.said)));
    Ok(settings)
}

/// The file of settings that lies where one is looked for.
fn found() -> Option<PathBuf> {
    [Some(PathBuf::from(FILE)), place::settings().map(|folder| folder.join(FILE))]
        .into_iter()
        .flatten()
        .find(|f| f.is_file())
}

/// The settings for a service to start with.
///
/// # Errors
/// All that is wrong with them, and an address on which everybody could ask.
pub fn for_service(flags: &ConfigFlags) -> Result<Settings, ConfigError> {
    let settings = load(flags)?;
    if settings.serve.is_exposed() {
        return Err(ConfigError::Exposed { listen: settings.serve.listen });
    }
    Ok(settings)
}

/// Show the settings of the service and where each comes from.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Print a file with every setting and what it is for
    #[arg(long)]
    example: bool,
    #[command(flatten)]
    flags: ConfigFlags,
}

/// Shows them.
///
/// # Errors
/// All that is wrong with them.
pub fn run(args: &ConfigArgs) -> Result<Exit, CliError> {
    if args.example {
        output::line(&example().join("\n"))?;
        return Ok(Exit::Done);
    }
    let settings = load(&args.flags)?;
    output::line(&output::plain(&settings.lines().join("\n")))?;
    settings.notes.iter().for_each(|note| output::note(&output::plain(note)));
    if settings.serve.is_exposed() {
        output::note(&ConfigError::Exposed { listen: settings.serve.listen }.message(Locale::En));
    }
    Ok(Exit::Done)
}

/// A file with every setting, its default and what it is for, all commented out.
#[must_use]
pub fn example() -> Vec<String> {
    show::example()
}
